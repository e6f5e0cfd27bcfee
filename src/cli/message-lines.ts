/** Messages for people: a line for every question and record, each of which can stand alone. */

import type { Endpoint } from "../core/datagram.ts";
import { printable } from "../core/text.ts";
import type {
  SeenContent,
  SeenMessage,
  SeenQuestion,
  SeenRecord,
} from "../runtime/seen-message.ts";

/** What a question or a record is there for. */
export type LineKind =
  /** It is asked for; `probe`: to find out whether the name is free (RFC 6762 §8.1). */
  | "query"
  | "probe"
  /** What the prober will publish. */
  | "claim"
  /** RFC 6762 §7.1: a known answer, which need not be sent again. */
  | "known"
  | "answer"
  | "authority"
  /** Of the additional section. */
  | "extra"
  /** RFC 6762 §6.1: the name has records of these types and no others. */
  | "negative"
  /** RFC 6762 §10.1: it is no longer valid. */
  | "goodbye"
  /** A message without questions and records. */
  | "empty"
  /** It, or a part of it, cannot be read. */
  | "malformed";

export interface MessageLine {
  readonly kind: LineKind;
  /** Owner name; undefined where there is none. */
  readonly name: string | undefined;
  /** Mnemonic; undefined where there is none. */
  readonly type: string | undefined;
  readonly text: string;
  /** The name that a PTR record points at. */
  readonly target?: string | undefined;
}

const PORTS: Readonly<Record<SeenMessage["protocol"], number>> = { mdns: 5353, llmnr: 5355 };

const GROUPS: ReadonlySet<string> = new Set([
  ...["224.0.0.251", "ff02::fb", "224.0.0.252", "ff02::1:3"],
]);

/** RFC 1035 §4.1.1. */
const RESPONSE_CODES = ["", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];

/** Of every message at least one. */
export function messageLines({ content, problem, octets }: SeenMessage): readonly MessageLine[] {
  if (content === null) {
    const size = Buffer.byteLength(octets, "base64");
    return [bareLine("malformed", `${size} octets: ${problem}`)];
  }
  const lines = content.kind === "query" ? queryLines(content) : responseLines(content);
  if (content.unreadable > 0) {
    lines.push(bareLine("malformed", `${content.unreadable} records cannot be read`));
  }
  return lines.length === 0 ? [bareLine("empty", content.kind)] : lines;
}

/** Time, link, protocol, who to whom, kind and text; `isFirst`: of its message. */
export function lineFields(message: SeenMessage, line: MessageLine, isFirst: boolean): string[] {
  const { at, interface: link, protocol, source, destination, direction, transport } = message;
  const notes = isFirst && message.content !== null ? messageNotes(message.content) : [];
  const text = [line.text, ...(notes.length > 0 ? [`(${notes.join(", ")})`] : [])].join(" ");
  return [
    clockTime(at),
    link,
    transport === "tcp" ? `${protocol}/tcp` : protocol,
    `${direction === "out" ? "*" : ""}${endpointText(source, protocol)} > ${endpointText(destination, protocol)}`,
    line.kind,
    text,
  ].map(printable);
}

function queryLines({ questions, answers, authorities, additionals }: SeenContent): MessageLine[] {
  const isProbe = authorities.length > 0;
  return [
    ...questions.map((question) => questionLine(isProbe ? "probe" : "query", question)),
    ...answers.map((record) => recordLine("known", record)),
    ...authorities.map((record) => recordLine("claim", record)),
    ...additionals.map((record) => recordLine("extra", record)),
  ];
}

function responseLines(content: SeenContent): MessageLine[] {
  const { questions, answers, authorities, additionals } = content;
  const given = (kind: LineKind) => (record: SeenRecord) =>
    recordLine(record.ttl === 0 ? "goodbye" : record.type === "NSEC" ? "negative" : kind, record);
  return [
    ...questions.map((question) => questionLine("query", question)),
    ...answers.map(given("answer")),
    ...authorities.map(given("authority")),
    ...additionals.map((record) =>
      record.type === "OPT" ? recordLine("extra", record) : given("extra")(record),
    ),
  ];
}

function questionLine(kind: LineKind, question: SeenQuestion): MessageLine {
  const { name, type, unicastResponse } = question;
  const words = [name, classWord(question.class), type, unicastResponse ? "QU" : ""];
  return { kind, name, type, text: words.filter((word) => word !== "").join(" ") };
}

function recordLine(kind: LineKind, record: SeenRecord): MessageLine {
  const { name, type, ttl, data, cacheFlush } = record;
  const isOptions = type === "OPT";
  const words = isOptions
    ? [type, data]
    : [name, String(ttl), classWord(record.class), type, data, cacheFlush ? "flush" : ""];
  const text = words.filter((word) => word !== "").join(" ");
  return { kind, name, type, text, target: type === "PTR" ? data : undefined };
}

function bareLine(kind: LineKind, text: string): MessageLine {
  return { kind, name: undefined, type: undefined, text };
}

/** What is unusual about the message as a whole. */
function messageNotes({ id, flags, opcode, responseCode }: SeenContent): string[] {
  return [
    ...flags.filter((flag) => flag !== "AA"),
    ...(opcode === 0 ? [] : [`opcode ${opcode}`]),
    ...(responseCode === 0 ? [] : [RESPONSE_CODES[responseCode] ?? `RCODE${responseCode}`]),
    ...(id === 0 ? [] : [`id ${id}`]),
  ];
}

function classWord(text: string): string {
  return text === "IN" ? "" : text;
}

/** `group`, or an address, with its port where that is not the protocol's. */
function endpointText({ address, port }: Endpoint, protocol: SeenMessage["protocol"]): string {
  if (GROUPS.has(address)) return "group";
  if (port === PORTS[protocol] || port === 0) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Of the day, in local time, with microseconds. */
function clockTime(at: number): string {
  const date = new Date(Math.floor(at / 1000));
  const pad = (value: number, size: number): string => String(value).padStart(size, "0");
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const time = [hours, minutes, seconds].map((part) => pad(part, 2)).join(":");
  return `${time}.${pad(at % 1_000_000, 6)}`;
}
