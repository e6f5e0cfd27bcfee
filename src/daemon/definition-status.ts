/** What `status` says of a definition file: put together from the file and from what came of it. */

import type { HostEntry } from "../config/avahi-hosts.ts";
import { formatDiagnostic } from "../config/diagnostic.ts";
import type { ExpandedGroup } from "../config/expand.ts";
import type { Condition, ServiceDefinition, ServiceGroup } from "../config/service-definition.ts";
import type { Result } from "../core/errors.ts";
import type { ServiceId, ServiceSnapshot } from "../dnssd/types.ts";
import type { DefinedServiceStatus, DefinitionStatus } from "../runtime/definition-status.ts";
import { describeCondition } from "../runtime/explanation.ts";
import type { Definition } from "./definition-files.ts";
import type { ConditionState } from "./service-conditions.ts";
import type { Standing } from "./service-publisher.ts";

/** Where the parts of the status are asked for. */
export interface DefinitionsView {
  expand(group: ServiceGroup): Result<ExpandedGroup, string>;
  conditionState(condition: Condition): ConditionState;
  standingOf(key: string): Standing | undefined;
  snapshotOf(service: ServiceId): ServiceSnapshot | undefined;
  hostRefusal(entry: HostEntry): string | undefined;
}

type Outcome = Pick<DefinitionStatus, "state" | "reason" | "instance">;

export function statusOfDefinition(
  definition: Definition,
  view: DefinitionsView,
): DefinitionStatus {
  const { file, format, group, diagnostics } = definition;
  const expanded = group && view.expand(group);
  const name = expanded?.ok ? expanded.value.instance : null;
  const services = group?.services.map((service) => statusOfService(service, view)) ?? [];
  const outcome =
    format === "hosts" ? outcomeOfHosts(definition, view) : outcomeOf(definition, services, view);
  const problems = diagnostics.map(formatDiagnostic);
  return { file, format, name, ...outcome, services, problems };
}

function outcomeOf(
  { key, group, diagnostics }: Definition,
  services: readonly DefinedServiceStatus[],
  view: DefinitionsView,
): Outcome {
  if (group === undefined) {
    const state = diagnostics.length === 0 ? "empty" : "invalid";
    return { state, instance: null, reason: null };
  }
  const expanded = view.expand(group);
  if (!expanded.ok) return { state: "refused", instance: null, reason: expanded.error };
  const standing = view.standingOf(key);
  if (standing?.state === "refused") return { ...standing, instance: null };
  const snapshot = standing && view.snapshotOf(standing.service);
  if (snapshot !== undefined) return outcomeOfGroup(snapshot);
  const found = new Set(services.map((service) => service.found));
  return { state: "waiting", instance: null, reason: [...found].join("; ") };
}

function outcomeOfGroup(snapshot: ServiceSnapshot): Outcome {
  const { instance, original, links, takenBy } = snapshot;
  if (links.length === 0) {
    return { state: "waiting", instance: null, reason: "no link to be published on" };
  }
  if (links.every(({ state }) => state === "conflicted")) {
    return { state: "conflicted", instance: null, reason: `${takenBy} has the name` };
  }
  if (instance === original) return { state: "published", instance, reason: null };
  const owner = takenBy === undefined ? "another service of this host" : takenBy;
  return { state: "published", instance, reason: `"${original}" belongs to ${owner}` };
}

function outcomeOfHosts({ hosts, diagnostics }: Definition, view: DefinitionsView): Outcome {
  const refusals = hosts.flatMap((entry) => view.hostRefusal(entry) ?? []);
  const [reason = null] = refusals;
  if (refusals.length < hosts.length) return { state: "published", instance: null, reason };
  if (reason !== null) return { state: "refused", instance: null, reason };
  return { state: diagnostics.length === 0 ? "empty" : "invalid", instance: null, reason };
}

function statusOfService(
  { type, port, when }: ServiceDefinition,
  view: DefinitionsView,
): DefinedServiceStatus {
  if (when === undefined) return { type, port, condition: null, isOffered: true, found: null };
  const condition = describeCondition(when);
  const current = view.conditionState(when);
  const found =
    current.state === "unknown" ? `${condition} has not been looked at yet` : current.reason;
  return { type, port, condition, isOffered: current.state === "met", found };
}
