/** Actions of a scenario: what hosts are told to do, what happens to them and to links. */

import { type Family, familyOf } from "../../core/ip-address.ts";
import type { LinkAddress } from "../../core/link.ts";
import { linkAddress } from "../simulated-host.ts";
import { parseConditions } from "./parse-conditions.ts";
import { parseReply, parseSentPacket } from "./parse-packet.ts";
import { parsePublishedRecords, parseSentRecord } from "./parse-record.ts";
import { parseGroup } from "./parse-service.ts";
import type { Action, ScenarioProtocol } from "./syntax.ts";
import { parseDuration, type Words } from "./words.ts";

type HostActionParser = (words: Words, host: string, protocol: ScenarioProtocol) => Action;

const HOST_ACTIONS: Readonly<Record<string, HostActionParser>> = {
  register: (words, host) => {
    const links = parseLinks(words);
    return { kind: "register", host, links, records: parsePublishedRecords(words) };
  },
  update: (words, host, protocol) => {
    if (protocol === "dnssd") return parseRepublish(words, host);
    const id = parseId(words, ["unique", "known-unique", "shared"]);
    return { kind: "update", host, id, records: parsePublishedRecords(words) };
  },
  withdraw: (words, host) => ({ kind: "withdraw", host, id: parseId(words) }),
  query: (words, host) => {
    const mode = words.takeOneOf(["continuous", "one-shot"]) ?? "continuous";
    const name = words.name();
    const type = words.type();
    return { kind: "query", host, mode, name, type, links: parseLinks(words) };
  },
  stop: (words, host) => ({ kind: "stop", host, id: parseId(words) }),
  reconfirm: (words, host) => ({ kind: "reconfirm", host, record: parseSentRecord(words) }),
  flush: (words, host) => ({ kind: "flush", host, link: parseId(words) }),
  shutdown: (_, host) => ({ kind: "shutdown", host }),
  crash: (_, host) => ({ kind: "crash", host }),
  start: (_, host) => ({ kind: "start", host }),
  sleep: (_, host) => ({ kind: "sleep", host }),
  wake: (_, host) => ({ kind: "wake", host }),
  carrier: (words, host) => {
    const change = words.oneOf(["up", "down", "flap"], "the change");
    return { kind: "carrier", host, change, link: parseId(words) };
  },
  address: (words, host) => {
    const change = words.oneOf(["add", "remove"], "the change");
    const address = parseLinkAddress(words);
    return { kind: "address", host, change, address, link: parseId(words) };
  },
  contests: (_, host) => ({ kind: "contest", host }),
  move: (words, host) => {
    const from = words.take("the link it leaves");
    return { kind: "move", host, from, to: words.take("the link it joins") };
  },
  resolve: (words, host, protocol) => {
    if (protocol === "dnssd") return { kind: "look-up", host, name: words.name() };
    const name = words.name();
    const types: number[] = [];
    do types.push(words.type());
    while (!words.isAtEnd);
    return { kind: "resolve", host, name, types };
  },
  sentinel: (words, host) => ({ kind: "sentinel", host, name: words.name() }),
  distrust: (words, host) => ({ kind: "distrust", host, address: words.address() }),
  accepts: (_, host) => ({ kind: "accept", host }),
  connects: (words, host) => {
    words.expect("to");
    return { kind: "connect", host, to: words.address() };
  },
  publish: (words, host) => ({ kind: "publish", host, group: parseGroup(words) }),
  browse: parseBrowse,
  watch: (words, host) => ({ kind: "watch", host, name: words.name() }),
  sends: (words, host, protocol) =>
    parseSentPacket(words, host, protocol === "dnssd" ? "mdns" : protocol),
  replies: parseReply,
};

type LinkActionParser = (words: Words, link: string) => Action;

const LINK_ACTIONS: Readonly<Record<string, LinkActionParser>> = {
  split: (words, link) => ({ kind: "split", link, parts: parseParts(words) }),
  merge: (_, link) => ({ kind: "merge", link }),
  block: (words, link) => ({ kind: "block", link, ...parsePair(words) }),
  unblock: (words, link) => ({ kind: "unblock", link, ...parsePair(words) }),
  reflects: parseReflection,
  "stops-reflecting": (_, link) => ({ kind: "stop-reflecting", link }),
};

/** What follows the host's name in `at TIME HOST ...`. */
export function parseHostAction(words: Words, host: string, protocol: ScenarioProtocol): Action {
  const parser = HOST_ACTIONS[words.next];
  if (parser === undefined) words.fail(`there is no action "${words.next}"`);
  words.take("the action");
  return parser(words, host, protocol);
}

/** What follows the link's name in `at TIME link LINK ...`. */
export function parseLinkAction(words: Words, link: string): Action {
  const parser = LINK_ACTIONS[words.next];
  if (parser === undefined) {
    return { kind: "conditions", link, conditions: parseConditions(words) };
  }
  words.take("the action");
  return parser(words, link);
}

/** `ADDRESS[/BITS]`; 24 or 64 bits when they are not given. */
export function parseLinkAddress(words: Words): LinkAddress {
  const match = /^(.+)\/(\d+)$/.exec(words.next);
  if (match === null) return linkAddress(words.address());
  const { family, address } = linkAddress(words.addressOf(match[1]!));
  const prefixLength = Number(match[2]);
  const bits: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };
  if (prefixLength > bits[familyOf(address)]) words.fail("the prefix is too long");
  words.take("the address");
  return { family, address, prefixLength };
}

/** `[LABEL] GROUP`. */
function parseRepublish(words: Words, host: string): Action {
  const id = words.next.startsWith('"') ? undefined : words.take("the group");
  return { kind: "republish", host, id, group: parseGroup(words) };
}

/** `TYPE|all [resolving] [on LINK ...]`. */
function parseBrowse(words: Words, host: string): Action {
  const isAll = words.skip("all");
  const type = isAll ? undefined : words.take("the type").replace(/^"(.*)"$/, "$1");
  const isResolving = words.skip("resolving");
  return { kind: "browse", host, type, isResolving, links: parseLinks(words) };
}

/** `on LINK ...`, up to the next word that begins something else. */
function parseLinks(words: Words): string[] {
  const links: string[] = [];
  while (words.skip("on")) links.push(words.take("the link"));
  return links;
}

/** The word that follows, unless the statement goes on with something else. */
function parseId(words: Words, others: readonly string[] = []): string | undefined {
  if (words.isAtEnd || others.includes(words.next)) return undefined;
  return words.take("the name");
}

/** `a b | c d`. */
function parseParts(words: Words): string[][] {
  const parts: string[][] = [[]];
  while (!words.isAtEnd) {
    if (words.skip("|")) parts.push([]);
    else parts.at(-1)!.push(words.take("a host"));
  }
  return parts;
}

function parsePair(words: Words): { from: string; to: string } {
  const from = words.take("a host");
  words.expect("to");
  return { from, to: words.take("a host") };
}

/** `[to LINK] [delay=5ms..20ms] [source=ADDRESS] [encoded-again]`. */
function parseReflection(words: Words, from: string): Action {
  const to = words.skip("to") ? words.take("the link") : from;
  const delay = words.takeMatch(/^delay=([^.]\S*?)(?:\.\.(\S+))?$/);
  const delayMin = parseDuration(delay?.[1] ?? "1ms") ?? words.fail("the delay is no duration");
  const delayMax = parseDuration(delay?.[2] ?? "") ?? delayMin;
  const source = words.takeMatch(/^source=(\S+)$/);
  const isEncodedAgain = words.skip("encoded-again");
  return {
    kind: "reflect",
    from,
    to,
    delayMin,
    delayMax,
    source: source === undefined ? undefined : words.addressOf(source[1]!),
    isEncodedAgain,
  };
}
