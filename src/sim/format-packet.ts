/** Packets and events on one line each, for traces and failures. */

import { Flag, RecordClass } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { Name } from "../wire/name.ts";
import { flagNames, formatRecordData } from "../wire/presentation.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import { formatName } from "../wire/text-format.ts";
import { formatClass, formatType } from "../wire/type-names.ts";
import { MDNS_PORT } from "./constants.ts";
import type { Packet } from "./packet.ts";

/** E.g. `query id=0 question printer.local. ANY QU authority printer.local. 120 A 192.0.2.1`. */
function formatMessage(message: Message): string {
  const isResponse = (message.flags & Flag.QR) !== 0;
  return [
    isResponse ? "response" : "query",
    ...(message.id === 0 ? [] : [`id=${message.id}`]),
    ...flagNames(message.flags),
    ...message.questions.map((question) => `question ${formatQuestion(question)}`),
    ...message.answers.map((record) => `answer ${formatRecord(record)}`),
    ...message.authorities.map((record) => `authority ${formatRecord(record)}`),
    ...message.additionals.map((record) => `additional ${formatRecord(record)}`),
  ].join(" ");
}

/** E.g. `a -> group on lan: query question printer.local. A`. */
export function formatPacket(packet: Packet): string {
  const { message, source, destination } = packet;
  const family = packet.family === "ipv4" ? "" : "/ipv6";
  const port = source.port === MDNS_PORT ? "" : ` port ${source.port}`;
  const to = packet.toGroup ? `group${family}` : `${destination.address}:${destination.port}`;
  const content = message === undefined ? "malformed" : formatMessage(message);
  const by = packet.transport === "tcp" ? " by tcp" : "";
  const size = `${packet.octets.length} octets`;
  return `${packet.sender} (${source.address}${port}) -> ${to} on ${packet.link.name}${by}, ${size}: ${content}`;
}

/** `flush` marks the cache-flush bit. */
export function formatRecord(record: ResourceRecord): string {
  const { name, type, ttl, data } = record;
  const flush = record.cacheFlush ? "flush " : "";
  const recordClass = record.class === RecordClass.IN ? "" : ` ${formatClass(record.class)}`;
  return `${flush}${formatName(name)} ${ttl}${recordClass} ${formatType(type)} ${formatRecordData(data)}`;
}

function formatQuestion({ name, type, unicastResponse }: Question): string {
  return `${formatName(name)} ${formatType(type)}${unicastResponse ? " QU" : ""}`;
}

/** An engine's event: its kind, then its fields in order, records and names in their own format. */
export function formatEvent(event: unknown): string {
  if (typeof event !== "object" || event === null) return String(event);
  const fields = Object.entries(event).map(([key, value]) =>
    key === "kind" ? String(value) : `${key}=${formatValue(value)}`,
  );
  return fields.join(" ");
}

function formatValue(value: unknown): string {
  if (value instanceof Name) return formatName(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Uint8Array) return Array.from(value).join(".");
  if (isRecord(value)) return `(${formatRecord(value)})`;
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  return `(${formatEvent(value)})`;
}

function isRecord(value: object): value is ResourceRecord {
  return "name" in value && "ttl" in value && "data" in value && "cacheFlush" in value;
}
