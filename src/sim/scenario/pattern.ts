/** Patterns of packets and records in expectations: what is not said matches anything. */

import type { IpAddress } from "../../core/ip-address.ts";
import type { Resolution } from "../../dnssd/types.ts";
import { Flag } from "../../wire/constants.ts";
import type { Message } from "../../wire/message.ts";
import type { Name } from "../../wire/name.ts";
import type { Question, ResourceRecord } from "../../wire/record.ts";
import type { RecordData } from "../../wire/record-data.ts";
import { sameRecordData } from "../../wire/record-order.ts";
import type { Packet } from "../packet.ts";
import type { NumberPattern, ResolutionPattern } from "./syntax.ts";

export type RecordSection = "answer" | "authority" | "additional" | "any";

export interface RecordPattern {
  readonly name: Name | undefined;
  /** Upper and lower case count. */
  readonly isCaseExact: boolean;
  readonly type: number | undefined;
  readonly ttl: NumberPattern | undefined;
  readonly cacheFlush: boolean | undefined;
  readonly data: RecordData | undefined;
}

export interface QuestionPattern {
  readonly name: Name | undefined;
  readonly type: number | undefined;
  readonly unicastResponse: boolean | undefined;
}

export type SectionPattern =
  | { readonly section: "question"; readonly isAbsent: boolean; readonly question: QuestionPattern }
  | { readonly section: RecordSection; readonly isAbsent: boolean; readonly record: RecordPattern };

export const NUMBER_FIELDS = [
  "id",
  "flags",
  "opcode",
  "rcode",
  "questions",
  "answers",
  "authorities",
  "additionals",
  "size",
  "port",
] as const;

export type NumberField = (typeof NUMBER_FIELDS)[number];

export const FLAG_MASKS: Readonly<Record<string, number>> = {
  qr: Flag.QR,
  aa: Flag.AA,
  tc: Flag.TC,
  rd: Flag.RD,
  ra: Flag.RA,
  z: 0x0040,
  ad: Flag.AD,
  cd: Flag.CD,
  c: Flag.LLMNR_C,
  t: Flag.LLMNR_T,
};

export interface PacketPattern {
  readonly kind: "query" | "probe" | "response" | "packet";
  readonly transport: "udp" | "tcp" | undefined;
  readonly link: string | undefined;
  readonly destination:
    | { readonly to: "group"; readonly family: "ipv4" | "ipv6" | undefined }
    | { readonly to: "unicast"; readonly address: IpAddress; readonly port: number | undefined }
    | undefined;
  readonly sourceAddress: IpAddress | undefined;
  readonly numbers: readonly { readonly field: NumberField; readonly pattern: NumberPattern }[];
  readonly flags: readonly { readonly mask: number; readonly isSet: boolean }[];
  readonly octets: readonly { readonly isAbsent: boolean; readonly octets: Uint8Array }[];
  readonly sections: readonly SectionPattern[];
}

export function matchesPacket(pattern: PacketPattern, packet: Packet): boolean {
  const { message } = packet;
  if (message === undefined) return false;
  return (
    isOfKind(pattern.kind, message) &&
    matchesRoute(pattern, packet) &&
    pattern.numbers.every((n) => matchesNumber(n.pattern, numberOf(n.field, packet, message))) &&
    pattern.flags.every((flag) => ((message.flags & flag.mask) !== 0) === flag.isSet) &&
    pattern.octets.every((run) => contains(packet.octets, run.octets) !== run.isAbsent) &&
    pattern.sections.every((section) => matchesSection(section, message))
  );
}

export function matchesNumber({ comparison, value }: NumberPattern, actual: number): boolean {
  switch (comparison) {
    case "=":
      return actual === value;
    case "!=":
      return actual !== value;
    case "<=":
      return actual <= value;
    case ">=":
      return actual >= value;
    case "<":
      return actual < value;
    case ">":
      return actual > value;
  }
}

export function matchesRecord(pattern: RecordPattern, record: ResourceRecord): boolean {
  const { name, type, ttl, cacheFlush, data } = pattern;
  if (name !== undefined && !name.equals(record.name)) return false;
  if (pattern.isCaseExact && name?.toString() !== record.name.toString()) return false;
  if (type !== undefined && type !== record.type) return false;
  if (ttl !== undefined && !matchesNumber(ttl, record.ttl)) return false;
  if (cacheFlush !== undefined && cacheFlush !== record.cacheFlush) return false;
  return data === undefined || sameRecordData(data, record.data);
}

export function matchesResolution(pattern: ResolutionPattern, resolution: Resolution): boolean {
  const { host, port, addresses, txt } = pattern;
  if (host !== undefined && !host.equals(resolution.host)) return false;
  if (port !== undefined && port !== resolution.port) return false;
  if (addresses !== undefined && addresses.join() !== resolution.addresses.join()) return false;
  if (txt === undefined) return true;
  return resolution.txt !== undefined && sameRecordData(txt, resolution.txt);
}

function isOfKind(kind: PacketPattern["kind"], message: Message): boolean {
  const isResponse = (message.flags & Flag.QR) !== 0;
  switch (kind) {
    case "packet":
      return true;
    case "response":
      return isResponse;
    case "query":
      return !isResponse;
    case "probe":
      return !isResponse && message.questions.length > 0 && message.authorities.length > 0;
  }
}

function matchesRoute(pattern: PacketPattern, packet: Packet): boolean {
  const { link, sourceAddress, destination, transport } = pattern;
  if (transport !== undefined && packet.transport !== transport) return false;
  if (link !== undefined && packet.link.name !== link) return false;
  if (sourceAddress !== undefined && packet.source.address !== sourceAddress) return false;
  if (destination === undefined) return true;
  if (destination.to === "group") {
    const { family } = destination;
    return packet.toGroup && (family === undefined || packet.family === family);
  }
  const { address, port } = destination;
  if (packet.toGroup || packet.destination.address !== address) return false;
  return port === undefined || packet.destination.port === port;
}

function numberOf(field: NumberField, packet: Packet, message: Message): number {
  switch (field) {
    case "id":
      return message.id;
    case "flags":
      return message.flags;
    case "opcode":
      return (message.flags & Flag.OPCODE) >> 11;
    case "rcode":
      return message.flags & Flag.RCODE;
    case "questions":
      return message.questions.length;
    case "answers":
      return message.answers.length;
    case "authorities":
      return message.authorities.length;
    case "additionals":
      return message.additionals.length;
    case "size":
      return packet.octets.length;
    case "port":
      return packet.source.port;
  }
}

function matchesSection(pattern: SectionPattern, message: Message): boolean {
  const isPresent =
    pattern.section === "question"
      ? message.questions.some((question) => matchesQuestion(pattern.question, question))
      : recordsOf(message, pattern.section).some((record) => matchesRecord(pattern.record, record));
  return isPresent !== pattern.isAbsent;
}

function matchesQuestion(pattern: QuestionPattern, question: Question): boolean {
  const { name, type, unicastResponse } = pattern;
  if (name !== undefined && !name.equals(question.name)) return false;
  if (type !== undefined && type !== question.type) return false;
  return unicastResponse === undefined || unicastResponse === question.unicastResponse;
}

function recordsOf(message: Message, section: RecordSection): readonly ResourceRecord[] {
  switch (section) {
    case "answer":
      return message.answers;
    case "authority":
      return message.authorities;
    case "additional":
      return message.additionals;
    case "any":
      return [...message.answers, ...message.authorities, ...message.additionals];
  }
}

function contains(octets: Uint8Array, run: Uint8Array): boolean {
  for (let start = 0; start + run.length <= octets.length; start++) {
    if (run.every((octet, index) => octets[start + index] === octet)) return true;
  }
  return false;
}
