/** Services in a scenario: groups to publish, and what is expected of instances (RFC 6763). */

import type { IpAddress } from "../../core/ip-address.ts";
import { PLAIN_SERVICE, type ServiceGroupSpec, type ServiceSpec } from "../../dnssd/service.ts";
import { splitTxtString } from "../../dnssd/txt.ts";
import { RecordType } from "../../wire/constants.ts";
import { Name } from "../../wire/name.ts";
import { parseRecordData } from "../../wire/presentation.ts";
import type { TxtData } from "../../wire/record-data.ts";
import { parseHowMany } from "./parse-window.ts";
import type { EventPattern, ResolutionPattern, StatePattern } from "./syntax.ts";
import type { Words } from "./words.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Words that end a TXT record's data when they stand on the same line without quotation marks. */
const TXT_ENDS: ReadonlySet<string> = new Set([
  ...["txt", "and", "subtype", "host", "domain", "on"],
  ...["port", "address"],
]);

/** `"INSTANCE" SERVICE [and SERVICE ...]`. */
export function parseGroup(words: Words): ServiceGroupSpec {
  const instance = parseInstance(words);
  const services: ServiceSpec[] = [];
  do services.push(parseService(words));
  while (words.skip("and"));
  return { instance, services };
}

/** In quotation marks, where a backslash takes the next character as it is. */
function parseInstance(words: Words): string {
  const quoted = words.takeMatch(/^"(.*)"$/);
  if (quoted === undefined) words.fail("an instance name in quotation marks is expected");
  return quoted[1]!.replaceAll(/\\(.)/g, "$1");
}

/**
 * `TYPE PORT [ipv4|ipv6] [priority=N] [weight=N] [subtype LABEL] [host NAME] [domain NAME] [on LINK]
 * [txt ENTRIES]`; each further `txt` is another record.
 */
function parseService(words: Words): ServiceSpec {
  const type = words.take("the type");
  const port = words.integer("the port");
  const service = { ...PLAIN_SERVICE, type, port, domain: Name.LOCAL, links: [] as string[] };
  const spec: Mutable<ServiceSpec> = { ...service, links: "all" };
  spec.family = words.takeOneOf(["ipv4", "ipv6"]);
  while (parseServiceWord(words, spec, service.links));
  const { links } = service;
  return links.length === 0 ? spec : { ...spec, links: ({ name }) => links.includes(name) };
}

function parseServiceWord(words: Words, spec: Mutable<ServiceSpec>, links: string[]): boolean {
  const number = words.takeMatch(/^(priority|weight)=(\d+)$/);
  if (number !== undefined) spec[number[1] as "priority" | "weight"] = Number(number[2]);
  else if (words.skip("subtype")) spec.subtypes = [...spec.subtypes, parseSubtype(words)];
  else if (words.skip("host")) spec.host = words.name();
  else if (words.skip("domain")) spec.domain = words.name();
  else if (words.skip("on")) links.push(words.take("the link"));
  else if (words.skip("txt")) {
    spec.txt = [...spec.txt, parseTxt(words).strings.map(splitTxtString)];
  } else return false;
  return true;
}

function parseSubtype(words: Words): string {
  return words.next.startsWith('"') ? parseInstance(words) : words.take("the subtype");
}

function parseTxt(words: Words): TxtData {
  const { position } = words;
  const parsed = parseRecordData(RecordType.TXT, words.restOfLine(TXT_ENDS));
  if (!parsed.ok) return words.failAt(position, parsed.error.message);
  return parsed.value as TxtData;
}

export const SERVICE_EVENT_KINDS = [
  "service-registered",
  "service-renamed",
  "service-reclaimed",
  "instance-added",
  "instance-removed",
  "instance-resolved",
  "instance-unresolved",
  "instance-lookup-done",
] as const;

const ANY_RESOLUTION: ResolutionPattern = {
  host: undefined,
  port: undefined,
  addresses: undefined,
  txt: undefined,
};

/**
 * `service-registered|service-reclaimed ["INSTANCE"]`, `service-renamed ["FROM" [to "TO"]] [rival
 * ADDRESS]`, `instance-... [NAME] [RESOLUTION]`, `instance-lookup-done [OUTCOME [RESOLUTION]]`.
 */
export function parseServiceEvent(
  words: Words,
  kind: (typeof SERVICE_EVENT_KINDS)[number],
): Partial<EventPattern> {
  const none = { instance: undefined, to: undefined, outcome: undefined };
  const any = { ...none, resolution: ANY_RESOLUTION };
  if (kind === "instance-lookup-done") {
    const outcome = words.takeOneOf(["resolved", "no-data", "no-such-name"]);
    return { service: { ...any, outcome, resolution: parseResolution(words) } };
  }
  if (kind.startsWith("service-")) {
    const instance = words.next.startsWith('"') ? parseInstance(words) : undefined;
    const to = words.skip("to") ? parseInstance(words) : undefined;
    const rival = words.skip("rival") ? words.address() : undefined;
    return { rival, service: { ...any, instance, to } };
  }
  const name = words.isAtEnd ? undefined : words.name();
  return { name, service: { ...any, resolution: parseResolution(words) } };
}

/** `[host NAME] [port N] [address ADDRESS ...] [txt ENTRIES]`. */
function parseResolution(words: Words): ResolutionPattern {
  const pattern: Mutable<ResolutionPattern> = { ...ANY_RESOLUTION };
  while (parseResolutionWord(words, pattern));
  return pattern;
}

function parseResolutionWord(words: Words, pattern: Mutable<ResolutionPattern>): boolean {
  if (words.skip("host")) pattern.host = words.name();
  else if (words.skip("port")) pattern.port = words.integer("the port");
  else if (words.skip("txt")) pattern.txt = parseTxt(words);
  else if (words.skip("address")) {
    const addresses: IpAddress[] = [];
    do addresses.push(words.address());
    while (words.isAtAddress);
    pattern.addresses = addresses;
  } else return false;
  return true;
}

export const SERVICE_STATE_WORDS = ["lists", "resolves", "calls"] as const;

type ServiceStateWord = (typeof SERVICE_STATE_WORDS)[number];

export function isServiceState(word: string): word is ServiceStateWord {
  return SERVICE_STATE_WORDS.some((known) => known === word);
}

/** `lists [no|N] NAME|*`, `resolves [no] NAME [RESOLUTION]`, `calls [LABEL] "INSTANCE"`. */
export function parseServiceState(words: Words, kind: ServiceStateWord): StatePattern {
  switch (kind) {
    case "lists":
      return { kind, ...parseHowMany(words), name: words.skip("*") ? undefined : words.name() };
    case "resolves": {
      const isAbsent = words.skip("no");
      return { kind, isAbsent, name: words.name(), resolution: parseResolution(words) };
    }
    case "calls": {
      const id = words.next.startsWith('"') ? undefined : words.take("the group");
      return { kind, id, instance: parseInstance(words) };
    }
  }
}
