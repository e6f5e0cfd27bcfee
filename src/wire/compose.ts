/**
 * Messages to octets (RFC 1035 §4.1), whole or up to a size.
 *
 * What is beyond `sizeMax`:
 * - `dns` responses end at the last RRset that fits, with TC set when an answer or an authority
 *   record is missing; missing additional records alone set no TC (RFC 2181 §9). An OPT record
 *   always stays (RFC 6891 §7).
 * - `mdns` messages end in the same way; TC is set in queries only, where it tells of known answers
 *   to follow (RFC 6762 §18.5). To send the rest, use `splitMessage`.
 * - Questions are never left out: those that do not fit are INVALID_DATA.
 */

import { DotlocalError } from "../core/errors.ts";
import { Flag, MESSAGE_SIZE_MAX, RecordType } from "./constants.ts";
import { type Dialect, isResponse, type Message } from "./message.ts";
import { MessageWriter, type RecordSection } from "./message-writer.ts";
import type { ResourceRecord } from "./record.ts";
import type { RecordData } from "./record-data.ts";

/** One is enough: composing runs to completion. */
const sharedWriter = new MessageWriter("dns");

const SECTIONS: readonly RecordSection[] = ["answers", "authorities", "additionals"];

/** Throws `DotlocalError` INVALID_DATA for a message that cannot be composed. */
export function composeMessage(
  message: Message,
  dialect: Dialect,
  sizeMax: number = MESSAGE_SIZE_MAX,
  cut: Cut = "sets",
): Uint8Array {
  return composeWhole(message, dialect, sizeMax) ?? composeInPart(message, dialect, sizeMax, cut);
}

/**
 * Where a message that does not fit is cut: between RRsets, or between records, which leaves a part
 * of an RRset beside TC (RFC 2181 §9 allows it) for a client that cannot ask by TCP.
 */
export type Cut = "sets" | "records";

/** Undefined when the message does not fit. Throws as `composeMessage` does. */
export function composeWhole(
  message: Message,
  dialect: Dialect,
  sizeMax: number,
): Uint8Array | undefined {
  if (!start(message, dialect, sizeMax)) return undefined;
  for (const section of SECTIONS) {
    if (!sharedWriter.tryAddAll(section, message[section])) return undefined;
  }
  return sharedWriter.finish();
}

/** False when the questions do not fit. */
function start(message: Message, dialect: Dialect, sizeMax: number): boolean {
  sharedWriter.clear(dialect, sizeMax);
  sharedWriter.id = message.id;
  sharedWriter.flags = message.flags;
  return message.questions.every((question) => sharedWriter.tryAddQuestion(question));
}

function composeInPart(message: Message, dialect: Dialect, sizeMax: number, cut: Cut): Uint8Array {
  const opt = message.additionals.filter((record) => record.type === RecordType.OPT);
  const others = message.additionals.filter((record) => record.type !== RecordType.OPT);
  if (!start(message, dialect, sizeMax - sizeOfOpt(opt))) {
    throw new DotlocalError("INVALID_DATA", `the questions do not fit in ${sizeMax} octets`);
  }
  const hasAll =
    addWhileFitting("answers", message.answers, cut) &&
    addWhileFitting("authorities", message.authorities, cut);
  if (hasAll) addWhileFitting("additionals", others, "sets");
  else if (dialect === "dns" || !isResponse(message)) sharedWriter.flags |= Flag.TC;
  sharedWriter.sizeMax = sizeMax;
  sharedWriter.tryAddAll("additionals", opt);
  return sharedWriter.finish();
}

/** Adds RRset by RRset, or record by record; false when one did not fit. */
function addWhileFitting(
  section: RecordSection,
  records: readonly ResourceRecord[],
  cut: Cut,
): boolean {
  for (let at = 0; at < records.length; ) {
    const start = at;
    do at++;
    while (cut === "sets" && at < records.length && isSameSet(records[start]!, records[at]!));
    if (!sharedWriter.tryAddAll(section, records.slice(start, at))) return false;
  }
  return true;
}

function isSameSet(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.class === b.class && a.name.equals(b.name);
}

/** Octets of these records: the owner name is the root, so nothing of them is compressed. */
function sizeOfOpt(records: readonly ResourceRecord[]): number {
  return records.reduce((sum, { data }) => sum + OPT_FIXED_SIZE + optDataSize(data), 0);
}

/** RFC 6891 §6.1.2: octets of an OPT record before its options. */
const OPT_FIXED_SIZE = 11;

function optDataSize(data: RecordData): number {
  if (data.kind === "UNKNOWN") return data.octets.length;
  if (data.kind !== "OPT") return 0;
  return data.options.reduce((sum, option) => sum + 4 + option.data.length, 0);
}
