/** ResolveService: where a service is, by its SRV records, its TXT record and its hosts' addresses. */

import type { FoundRecord, RecordResult } from "../../runtime/directory.ts";
import { Name } from "../../wire/name.ts";
import { formatLabel } from "../../wire/name-text.ts";
import type { SrvData } from "../../wire/record-data.ts";
import { ResolvedFlag } from "./constants.ts";
import { asking, failureOf } from "./lookup-failure.ts";
import {
  flagsOf,
  flagsOfFound,
  hasFlag,
  optionalFamily,
  type QuestionLimits,
  questionLimits,
} from "./lookup-scope.ts";
import { optionalText, text } from "./parameters.ts";
import { octetText } from "./record-json.ts";
import { addressJson } from "./resolve-addresses.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { recordOf } from "./resolve-record.ts";
import { invalidParameter, type JsonObject, resolveError } from "./varlink-error.ts";
import type { MethodCall } from "./varlink-service.ts";

/** Hosts of one service whose addresses are looked for. */
const HOSTS_MAX = 32;

export async function resolveService(
  context: ResolveContext,
  { parameters, signal }: MethodCall,
): Promise<JsonObject> {
  const name = serviceName(parameters);
  const asked = name.toString();
  const limits = questionLimits(parameters, context.interfaces);
  const flags = flagsOf(parameters);
  const ask = (type: string): Promise<RecordResult> =>
    context.directory.lookupRecords({ name: asked, type, ...limits }, signal);
  const wantsTxt = !hasFlag(flags, ResolvedFlag.NO_TXT);
  const [srv, txt] = await asking(
    "domain",
    Promise.all([ask("SRV"), wantsTxt ? ask("TXT") : undefined]),
  );
  if (srv.outcome === "not-found") throw failureOf(srv, asked, limits);
  const targets = inOrder(srvRecords(srv.records));
  if (targets.length === 0) throw resolveError("InconsistentServiceRecords");
  if (targets.some(({ target }) => target.isRoot)) throw resolveError("ServiceNotProvided");
  const services = hasFlag(flags, ResolvedFlag.NO_ADDRESS)
    ? targets.map(serviceJson)
    : await withAddresses(context, targets, { parameters, signal }, limits);
  if (services.length === 0) throw resolveError("NoSuchResourceRecord");
  const items = txt?.outcome === "found" ? txtItems(txt.records) : [];
  return {
    services,
    ...(items.length > 0 ? { txt: items } : {}),
    canonical: canonicalParts(srv.records.find(({ type }) => type === "SRV")?.name ?? asked),
    flags: flagsOfFound(srv.records),
  };
}

/** `name`, `type` and `domain` joined; the domain alone may be the whole. */
function serviceName(parameters: JsonObject): Name {
  const instance = optionalText(parameters, "name") || undefined;
  const type = optionalText(parameters, "type") || undefined;
  const domain = parsed(text(parameters, "domain"), "domain");
  if (instance !== undefined && type === undefined) throw invalidParameter("type");
  if (type === undefined) return domain;
  const labels = [...parsed(type, "type").labels, ...domain.labels];
  return joined(instance === undefined ? labels : [instance, ...labels]);
}

function parsed(written: string, parameter: string): Name {
  const name = Name.tryParse(written);
  if (typeof name === "string") throw invalidParameter(parameter);
  return name;
}

function joined(labels: readonly (string | Uint8Array)[]): Name {
  try {
    return Name.of(...labels);
  } catch {
    throw invalidParameter("name");
  }
}

function srvRecords(records: readonly FoundRecord[]): SrvData[] {
  return records.map((found) => recordOf(found).data).filter((data) => data.kind === "SRV");
}

/** RFC 2782: the lowest priority first; within it the heaviest, as no dice are thrown here. */
function inOrder(targets: readonly SrvData[]): SrvData[] {
  return targets.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
}

function serviceJson({ priority, weight, port, target }: SrvData): JsonObject {
  return { priority, weight, port, hostname: target.toString() };
}

/** Hosts without an address are of no use, and left out. */
async function withAddresses(
  { directory, interfaces }: ResolveContext,
  targets: readonly SrvData[],
  { parameters, signal }: MethodCall,
  limits: QuestionLimits,
): Promise<JsonObject[]> {
  const family = optionalFamily(parameters) ?? "any";
  const found = targets.slice(0, HOSTS_MAX).map(async (target) => {
    const name = target.target.toString();
    const result = await directory.lookupAddresses({ name, family, ...limits }, signal);
    if (result.outcome === "not-found") return [];
    const addresses = result.addresses.map((address) => addressJson(address, interfaces));
    return [{ ...serviceJson(target), canonicalName: result.canonicalName, addresses }];
  });
  return (await asking("domain", Promise.all(found))).flat();
}

/** Empty strings say nothing (RFC 6763 §6.1). */
function txtItems(records: readonly FoundRecord[]): string[] {
  return records
    .map((found) => recordOf(found).data)
    .flatMap((data) => (data.kind === "TXT" ? data.strings : []))
    .filter((string) => string.length > 0)
    .map(octetText);
}

/** RFC 6763 §4.1: the labels before `_http._tcp` are the instance, those behind the domain. */
function canonicalParts(written: string): JsonObject {
  const { labels } = parsed(written, "domain");
  const at = labels.findIndex(
    (label, index) => isServiceLabel(label) && isServiceLabel(labels[index + 1]),
  );
  if (at < 0) return { type: "", domain: written };
  const instance = at === 0 ? {} : { name: labels.slice(0, at).map(octetText).join(".") };
  const type = labels.slice(at, at + 2).map(formatLabel);
  return {
    ...instance,
    type: type.join("."),
    domain: labels
      .slice(at + 2)
      .map(formatLabel)
      .join("."),
  };
}

function isServiceLabel(label: Uint8Array | undefined): boolean {
  return label?.[0] === "_".charCodeAt(0);
}
