/**
 * BrowseServices: instances of a type as they come and go.
 *
 * The type is given as such, or, as callers do, in front of the domain: `_http._tcp.local`.
 */

import type { Family } from "../../core/ip-address.ts";
import type { FoundService } from "../../runtime/services.ts";
import { Name } from "../../wire/name.ts";
import { formatLabel } from "../../wire/name-text.ts";
import { ResolvedFlag } from "./constants.ts";
import { familyNumber, flagsOf, hasFlag, questionLimits } from "./lookup-scope.ts";
import { optionalText } from "./parameters.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { invalidParameter, type JsonObject } from "./varlink-error.ts";
import type { MethodCall } from "./varlink-service.ts";

const DEFAULT_DOMAIN = "local";
const SUBTYPE_MARK = "_sub";

export async function* browseServices(
  { directory, interfaces }: ResolveContext,
  { parameters, signal }: MethodCall,
): AsyncGenerator<JsonObject> {
  const { type, domain } = browsedType(parameters);
  const { interfaces: links } = questionLimits(parameters, interfaces);
  const query = { type, domain, ...(links === undefined ? {} : { interfaces: links }) };
  const family = browsedFamily(flagsOf(parameters));
  for await (const event of directory.browse(query, signal)) {
    if (event.event !== "added" && event.event !== "removed") continue;
    const { service } = event;
    const ifindex = interfaces.indexOf(service.interface) ?? 0;
    const update = serviceJson(event.event, service, family, ifindex);
    yield { browserServiceData: [update] };
  }
}

function serviceJson(
  updateFlag: "added" | "removed",
  { instance, type, domain }: FoundService,
  family: Family,
  ifindex: number,
): JsonObject {
  return { updateFlag, family: familyNumber(family), name: instance, type, domain, ifindex };
}

/** Both families of a link are one to us: the family that was asked for, or IPv4. */
function browsedFamily(flags: number): Family {
  const isIpv6Only =
    hasFlag(flags, ResolvedFlag.MDNS_IPV6) && !hasFlag(flags, ResolvedFlag.MDNS_IPV4);
  return isIpv6Only ? "ipv6" : "ipv4";
}

/** What is browsed, from either spelling. */
function browsedType(parameters: JsonObject): { type: string; domain: string } {
  const type = optionalText(parameters, "type") || undefined;
  const written = optionalText(parameters, "domain") || DEFAULT_DOMAIN;
  const name = Name.tryParse(type === undefined ? written : `${withoutDot(type)}.${written}`);
  if (typeof name === "string") throw invalidParameter(type === undefined ? "domain" : "type");
  const labels = name.labels.map(formatLabel);
  const size = labels[1]?.toLowerCase() === SUBTYPE_MARK ? 4 : 2;
  const typeLabels = labels.slice(0, size);
  const isType = typeLabels.length === size && typeLabels.every((label) => label.startsWith("_"));
  if (!isType || labels.length <= size) {
    throw invalidParameter(type === undefined ? "domain" : "type");
  }
  return { type: typeLabels.join("."), domain: labels.slice(size).join(".") };
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, "");
}
