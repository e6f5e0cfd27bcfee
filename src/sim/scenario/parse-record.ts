/** Records and questions in a scenario: to publish, to send, and as patterns. */

import { HOST_TTL, OTHER_TTL } from "../../mdns/constants.ts";
import type { PublishedRecord } from "../../mdns/types.ts";
import { RecordClass, RecordType, TTL_MAX } from "../../wire/constants.ts";
import { Name } from "../../wire/name.ts";
import { parseRecordData } from "../../wire/presentation.ts";
import type { Question, ResourceRecord } from "../../wire/record.ts";
import type { RecordData } from "../../wire/record-data.ts";
import { parseClass } from "../../wire/type-names.ts";
import type { QuestionPattern, RecordPattern } from "./pattern.ts";
import type { NumberPattern } from "./syntax.ts";
import type { Words } from "./words.ts";

/** Words that end a record's data when they stand on the same line. */
const RECORD_ENDS: ReadonlySet<string> = new Set([
  "question",
  "answer",
  "authority",
  "additional",
  "record",
  "without",
  "octets",
  "unique",
  "known-unique",
  "shared",
]);

const COMPARISON = /^ttl(<=|>=|!=|=|<|>)(\d+)$/;

/** `NAME [TTL] TYPE DATA`; `flush` before the name sets the cache-flush bit. */
export function parseSentRecord(words: Words): ResourceRecord {
  const cacheFlush = words.skip("flush");
  const name = words.name();
  const ttl = parseTtl(words);
  const recordClass = parseRecordClass(words);
  const type = words.type();
  const data = parseData(words, type);
  return {
    name,
    type,
    class: recordClass,
    cacheFlush,
    ttl: ttl ?? defaultTtl(name, type, data),
    data,
  };
}

/** `unique|known-unique|shared [cedable] [ipv4|ipv6] NAME [TTL] TYPE DATA`, any number of them. */
export function parsePublishedRecords(words: Words): PublishedRecord[] {
  const records: PublishedRecord[] = [];
  do {
    const ownership = words.oneOf(["unique", "known-unique", "shared"], "the ownership");
    const cedable = words.skip("cedable");
    const family = words.takeOneOf(["ipv4", "ipv6"]);
    const { name, type, ttl, data } = parseSentRecord(words);
    records.push({ name, type, ttl, data, ownership, cedable, family });
  } while (!words.isAtEnd);
  return records;
}

/** `[flush|no-flush] [exact] NAME|* [ttlOPn|TTL] TYPE|ANY [DATA]`; what is not given matches all. */
export function parseRecordPattern(words: Words): RecordPattern {
  const flush = words.takeOneOf(["flush", "no-flush"]);
  const isCaseExact = words.skip("exact");
  const name = words.skip("*") ? undefined : words.name();
  const ttl = parseTtlPattern(words);
  const isAnyType = words.skip("*");
  const type = isAnyType || isRecordEnd(words) ? undefined : words.type();
  const data = type === undefined || isRecordEnd(words) ? undefined : parseData(words, type);
  return {
    name,
    isCaseExact,
    type,
    ttl,
    cacheFlush: flush === undefined ? undefined : flush === "flush",
    data,
  };
}

/** `NAME TYPE [QU|QM] [CLASS]`. */
export function parseSentQuestion(words: Words): Question {
  const name = words.name();
  const type = words.type();
  const unicastResponse = words.takeOneOf(["QU", "QM"]) === "QU";
  return { name, type, class: parseRecordClass(words), unicastResponse };
}

/** `NAME|* [TYPE|*] [QU|QM]`. */
export function parseQuestionPattern(words: Words): QuestionPattern {
  const name = words.skip("*") ? undefined : words.name();
  const isAnyType = words.skip("*") || isRecordEnd(words) || /^Q[UM]$/.test(words.next);
  const type = isAnyType ? undefined : words.type();
  const bit = words.takeOneOf(["QU", "QM"]);
  return { name, type, unicastResponse: bit === undefined ? undefined : bit === "QU" };
}

function isRecordEnd(words: Words): boolean {
  return words.isAtLineEnd || RECORD_ENDS.has(words.next);
}

function parseTtl(words: Words): number | undefined {
  if (!/^\d+$/.test(words.next)) return undefined;
  const ttl = words.integer("the TTL");
  return ttl <= TTL_MAX ? ttl : words.fail(`a TTL is at most ${TTL_MAX}`);
}

function parseTtlPattern(words: Words): NumberPattern | undefined {
  const plain = parseTtl(words);
  if (plain !== undefined) return { comparison: "=", value: plain };
  const match = words.takeMatch(COMPARISON);
  if (match === undefined) return undefined;
  return { comparison: match[1] as NumberPattern["comparison"], value: Number(match[2]) };
}

/** A class, where the word is none that is a type as well (ANY). */
function parseRecordClass(words: Words): number {
  const match = words.takeMatch(/^(?:IN|CH|HS|NONE|CLASS\d+)$/);
  return match === undefined ? RecordClass.IN : parseClass(match[0])!;
}

function parseData(words: Words, type: number): RecordData {
  const { position } = words;
  const parsed = parseRecordData(type, words.restOfLine(RECORD_ENDS));
  if (parsed.ok) return parsed.value;
  return words.failAt(position, parsed.error.message);
}

const REVERSE_DOMAIN = Name.parse("arpa.");
const HOST_NAME_TYPES: ReadonlySet<number> = new Set([
  RecordType.A,
  RecordType.AAAA,
  RecordType.HINFO,
  RecordType.SRV,
  RecordType.NSEC,
]);

/** RFC 6762 §10: 120 seconds where owner name or data is a host name, else 75 minutes. */
function defaultTtl(name: Name, type: number, data: RecordData): number {
  const isReverse = data.kind === "PTR" && name.isWithin(REVERSE_DOMAIN);
  return isReverse || HOST_NAME_TYPES.has(type) ? HOST_TTL : OTHER_TTL;
}
