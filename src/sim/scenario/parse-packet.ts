/** Packets in a scenario: those to send, as octets, and patterns of those expected. */

import { DotlocalError } from "../../core/errors.ts";
import type { IpAddress } from "../../core/ip-address.ts";
import { parseIpAddress } from "../../core/ip-address.ts";
import { composeMessage } from "../../wire/compose.ts";
import { Flag } from "../../wire/constants.ts";
import { decodeHexadecimal } from "../../wire/encodings.ts";
import type { Message } from "../../wire/message.ts";
import type { Question, ResourceRecord } from "../../wire/record.ts";
import { EPHEMERAL_PORT_FIRST, LLMNR_PORT, MDNS_PORT } from "../constants.ts";
import {
  parseQuestionPattern,
  parseRecordPattern,
  parseSentQuestion,
  parseSentRecord,
} from "./parse-record.ts";
import {
  FLAG_MASKS,
  NUMBER_FIELDS,
  type NumberField,
  type PacketPattern,
  type SectionPattern,
} from "./pattern.ts";
import type { Action, NumberPattern, PacketProtocol } from "./syntax.ts";
import type { Words } from "./words.ts";

type SendAction = Extract<Action, { kind: "send" }>;
type ReplyAction = Extract<Action, { kind: "reply" }>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const PORTS: Readonly<Record<PacketProtocol, number>> = { mdns: MDNS_PORT, llmnr: LLMNR_PORT };

const SECTION_WORDS = ["question", "answer", "authority", "additional", "record"] as const;

/** What follows `sends` in an action. */
export function parseSentPacket(words: Words, host: string, protocol: PacketProtocol): SendAction {
  const transport = words.takeOneOf(["tcp", "udp"]) ?? "udp";
  const kind = words.oneOf(["query", "response", "hex"], "what is sent");
  const route: Mutable<Omit<SendAction, "octets">> = {
    kind: "send",
    host,
    protocol,
    transport,
    link: undefined,
    sourceAddress: undefined,
    sourcePort: usualSourcePort(protocol, kind),
    family: undefined,
    destination: "group",
  };
  // RFC 4795 §2.1.1 has the C bit where others have AA.
  const responseFlags = protocol === "mdns" ? Flag.QR | Flag.AA : Flag.QR;
  const header = { id: 0, flags: kind === "response" ? responseFlags : 0 };
  while (parseRouteWord(words, route) || parseHeaderWord(words, header));
  if (kind === "hex") return { ...route, octets: parseHexadecimal(words) };
  return { ...route, octets: parseSentMessage(words, header, kind, protocol) };
}

/** LLMNR queries come from a port of their own. */
function usualSourcePort(protocol: PacketProtocol, kind: "query" | "response" | "hex"): number {
  if (protocol === "mdns") return MDNS_PORT;
  return kind === "response" ? LLMNR_PORT : EPHEMERAL_PORT_FIRST;
}

/**
 * What follows `replies`: `[to NAME TYPE] [from ADDRESS] [port=n] [id=n] [c|t|tc ...] [rcode=n]
 * [unasked | asked NAME TYPE] [RECORDS]`.
 */
export function parseReply(words: Words, host: string): ReplyAction {
  const header = { id: -1, flags: Flag.QR as number };
  const route: Mutable<Pick<ReplyAction, "question" | "sourceAddress" | "sourcePort" | "asked">> = {
    question: undefined,
    sourceAddress: undefined,
    sourcePort: LLMNR_PORT,
    asked: "copied",
  };
  while (parseReplyWord(words, route) || parseHeaderWord(words, header));
  const { answer, authority, additional } = parseSections(words, "answer");
  return {
    kind: "reply",
    host,
    ...route,
    id: header.id < 0 ? undefined : header.id,
    flags: header.flags,
    answers: answer,
    authorities: authority,
    additionals: additional,
  };
}

function parseReplyWord(
  words: Words,
  route: Mutable<Pick<ReplyAction, "question" | "sourceAddress" | "sourcePort" | "asked">>,
): boolean {
  const port = words.takeMatch(/^port=(\d+)$/);
  if (port !== undefined) route.sourcePort = Number(port[1]);
  else if (words.skip("from")) route.sourceAddress = words.address();
  else if (words.skip("to")) route.question = { name: words.name(), type: words.type() };
  else if (words.skip("unasked")) route.asked = "left-out";
  else if (words.skip("asked")) route.asked = parseSentQuestion(words);
  else return false;
  return true;
}

function parseRouteWord(words: Words, route: Mutable<Omit<SendAction, "octets">>): boolean {
  if (words.skip("from")) {
    route.sourceAddress = words.address();
  } else if (words.skip("on")) {
    route.link = words.take("the link");
  } else if (words.skip("to")) {
    const destination = parseDestination(words);
    if (destination.to === "group") route.family = destination.family;
    else {
      const { address, port = PORTS[route.protocol] } = destination;
      route.destination = { address, port };
    }
  } else {
    const port = words.takeMatch(/^port=(\d+)$/);
    if (port === undefined) return false;
    route.sourcePort = Number(port[1]);
  }
  return true;
}

function parseHeaderWord(words: Words, header: { id: number; flags: number }): boolean {
  const flag = words.takeMatch(/^(no-)?(aa|tc|rd|ra|z|ad|cd|c|t)$/);
  if (flag !== undefined) {
    const mask = FLAG_MASKS[flag[2]!]!;
    header.flags = flag[1] === undefined ? header.flags | mask : header.flags & ~mask;
    return true;
  }
  const field = words.takeMatch(/^(id|opcode|rcode)=(\d+)$/);
  if (field === undefined) return false;
  const value = Number(field[2]);
  if (field[1] === "id") header.id = value;
  else header.flags |= field[1] === "opcode" ? value << 11 : value;
  return true;
}

function parseSentMessage(
  words: Words,
  header: { id: number; flags: number },
  kind: "query" | "response",
  protocol: PacketProtocol,
): Uint8Array {
  const { position } = words;
  const sections = parseSections(words, kind === "query" ? "question" : "answer");
  const message: Message = {
    ...header,
    questions: sections.question,
    answers: sections.answer,
    authorities: sections.authority,
    additionals: sections.additional,
  };
  try {
    return composeMessage(message, protocol === "mdns" ? "mdns" : "dns");
  } catch (error) {
    if (!(error instanceof DotlocalError)) throw error;
    return words.failAt(position, error.message);
  }
}

interface Sections {
  readonly question: Question[];
  readonly answer: ResourceRecord[];
  readonly authority: ResourceRecord[];
  readonly additional: ResourceRecord[];
}

/** Questions and records up to the end; those before a section's name are of the usual one. */
function parseSections(words: Words, usual: "question" | "answer"): Sections {
  const sections: Sections = { question: [], answer: [], authority: [], additional: [] };
  while (!words.isAtEnd) {
    const section = words.takeOneOf(SECTION_WORDS) ?? usual;
    if (section === "record") words.fail(`"record" is for expectations; name the section`);
    if (section === "question") sections.question.push(parseSentQuestion(words));
    else sections[section].push(parseSentRecord(words));
  }
  return sections;
}

function parseHexadecimal(words: Words): Uint8Array {
  const { position } = words;
  let digits = "";
  while (!words.isAtEnd) digits += words.take("hexadecimal digits");
  return decodeHexadecimal(digits) ?? words.failAt(position, "these are no hexadecimal octets");
}

/** What follows `sends` or `receives` in an expectation. */
export function parsePacketPattern(words: Words): PacketPattern {
  const transport = words.takeOneOf(["tcp", "udp"]);
  const kind = words.oneOf(["query", "probe", "response", "packet"], "the kind of packet");
  const pattern: Mutable<PacketPattern> & {
    numbers: { field: NumberField; pattern: NumberPattern }[];
    flags: { mask: number; isSet: boolean }[];
    octets: { isAbsent: boolean; octets: Uint8Array }[];
    sections: SectionPattern[];
  } = {
    kind,
    transport,
    link: undefined,
    destination: undefined,
    sourceAddress: undefined,
    numbers: [],
    flags: [],
    octets: [],
    sections: [],
  };
  while (parsePatternWord(words, pattern));
  while (!words.isAtEnd) {
    const isAbsent = words.skip("without");
    if (words.skip("octets")) pattern.octets.push({ isAbsent, octets: parseOctets(words) });
    else pattern.sections.push(parseSectionPattern(words, kind, isAbsent));
  }
  return pattern;
}

type PatternInProgress = Mutable<PacketPattern> & {
  numbers: { field: NumberField; pattern: NumberPattern }[];
  flags: { mask: number; isSet: boolean }[];
};

function parsePatternWord(words: Words, pattern: PatternInProgress): boolean {
  if (words.skip("from")) pattern.sourceAddress = words.address();
  else if (words.skip("on")) pattern.link = words.take("the link");
  else if (words.skip("to")) pattern.destination = parseDestination(words);
  else return parseFieldPattern(words, pattern);
  return true;
}

function parseFieldPattern(words: Words, pattern: PatternInProgress): boolean {
  const flag = words.takeMatch(/^(no-)?(qr|aa|tc|rd|ra|z|ad|cd|c|t)$/);
  if (flag !== undefined) {
    pattern.flags.push({ mask: FLAG_MASKS[flag[2]!]!, isSet: flag[1] === undefined });
    return true;
  }
  const { position } = words;
  const field = words.takeMatch(/^([a-z]+)(<=|>=|!=|=|<|>)(0x[0-9a-f]+|\d+)$/);
  if (field === undefined) return false;
  const name = NUMBER_FIELDS.find((known) => known === field[1]);
  if (name === undefined) words.failAt(position, `there is no field "${field[1]}"`);
  const comparison = field[2] as NumberPattern["comparison"];
  pattern.numbers.push({ field: name, pattern: { comparison, value: Number(field[3]) } });
  return true;
}

function parseSectionPattern(
  words: Words,
  kind: PacketPattern["kind"],
  isAbsent: boolean,
): SectionPattern {
  const usual = kind === "response" ? "answer" : "question";
  const section = words.takeOneOf(SECTION_WORDS) ?? usual;
  if (section === "question") return { section, isAbsent, question: parseQuestionPattern(words) };
  const record = parseRecordPattern(words);
  return { section: section === "record" ? "any" : section, isAbsent, record };
}

function parseOctets(words: Words): Uint8Array {
  return decodeHexadecimal(words.next) === undefined || words.isAtEnd
    ? words.fail("hexadecimal octets are expected")
    : decodeHexadecimal(words.take("octets"))!;
}

type Destination = NonNullable<PacketPattern["destination"]>;

/** `group`, `group/ipv4`, `group/ipv6`, `192.0.2.1`, `192.0.2.1:5353`, `[fe80::1]:5353`. */
function parseDestination(words: Words): Destination {
  const group = words.takeMatch(/^group(?:\/(ipv4|ipv6))?$/);
  if (group !== undefined) return { to: "group", family: group[1] as "ipv4" | "ipv6" | undefined };
  if (words.isAtAddress) return { to: "unicast", address: words.address(), port: undefined };
  const endpoint = /^\[?([^\]]+?)\]?:(\d+)$/.exec(words.next);
  const address: IpAddress | undefined =
    endpoint === null ? undefined : parseIpAddress(endpoint[1]!);
  if (address === undefined) words.fail("group or an address is expected");
  words.take("the endpoint");
  return { to: "unicast", address, port: Number(endpoint![2]) };
}
