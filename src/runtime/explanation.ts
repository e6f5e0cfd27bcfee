/** What a definition will publish, told before it is published: its records, and what they wait for. */

import type { HostEntry } from "../config/avahi-hosts.ts";
import { expandGroup, type HostFacts } from "../config/expand.ts";
import type { Condition, ServiceDefinition, ServiceGroup } from "../config/service-definition.ts";
import { DotlocalError, failure, type Result, success } from "../core/errors.ts";
import type { PortRecord } from "../dnssd/record-port.ts";
import { checkedGroup } from "../dnssd/service-check.ts";
import { serviceRecords } from "../dnssd/service-records.ts";
import { addressRecords, reverseRecords } from "../host/host-records.ts";
import { DEFAULT_HOST_SETTINGS } from "../host/settings.ts";
import { RecordClass } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { serviceGroupSpec } from "./service-spec.ts";

/** Records that stand and fall together. */
export interface Explained {
  /** A sentence a limit: of interfaces, of families, of conditions. */
  readonly limits: readonly string[];
  readonly records: readonly ResourceRecord[];
}

/** The group's instance name, and each of its services. */
export interface ExplainedGroup {
  readonly instance: string;
  readonly services: readonly Explained[];
}

/** The error says why nothing of the group can be published. */
export function explainGroup(
  group: ServiceGroup,
  facts: HostFacts,
): Result<ExplainedGroup, string> {
  const expanded = expandGroup(group, facts);
  if (!expanded.ok) return expanded;
  const hostName = Name.of(facts.hostLabel, "local");
  try {
    const { instance, services } = checkedGroup(serviceGroupSpec(expanded.value));
    const explained = services.map((service, index) => ({
      limits: limitsOf(expanded.value.services[index]!),
      records: serviceRecords(instance, service, hostName).map(toRecord),
    }));
    return success({ instance, services: explained });
  } catch (error) {
    if (error instanceof DotlocalError) return failure(error.message);
    throw error;
  }
}

export function explainHost({ name, address, reverse }: HostEntry): Explained {
  const { hostTtl } = DEFAULT_HOST_SETTINGS;
  const records = [
    ...addressRecords(name, [address], hostTtl, "kept"),
    ...(reverse ? reverseRecords(name, [address], hostTtl, "kept") : []),
  ];
  return { limits: [], records: records.map(toRecord) };
}

/** Why a host cannot be published; undefined: it can. */
export function refusalOfHost({ name }: HostEntry): string | undefined {
  return name.isWithin(Name.LOCAL) ? undefined : `${name} is not a name below "local"`;
}

/** What is looked at, for people. */
export function describeCondition(condition: Condition): string {
  return condition.kind === "tcp" ? `tcp ${condition.host}:${condition.port}` : condition.url;
}

function limitsOf({ interfaces, protocol, when }: ServiceDefinition): readonly string[] {
  return [
    ...(interfaces === undefined ? [] : [`on interfaces ${interfaces.join(", ")} only`]),
    ...(protocol === "any" ? [] : [`on links with ${protocol} only`]),
    ...(when === undefined ? [] : [`only while ${describeCondition(when)} answers`]),
  ];
}

function toRecord({ name, type, ttl, data, ownership }: PortRecord): ResourceRecord {
  const cacheFlush = ownership !== "shared";
  return { name, type, class: RecordClass.IN, ttl, data, cacheFlush };
}
