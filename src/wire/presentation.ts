/**
 * Records, questions and messages as text and back: master-file format (RFC 1035 §5.1, RFC 3597
 * §5), and messages much as `dig` shows them.
 *
 * Text that comes out is printable whatever came in from the network. The mDNS bits of the class
 * field show behind the class: `IN+flush` (RFC 6762 §18.13), `IN+QU` (§18.12).
 */

import { failure, type Result, success } from "../core/errors.ts";
import { Flag, MESSAGE_SIZE_MAX, RecordClass, ResponseCode } from "./constants.ts";
import { encodeHexadecimal } from "./encodings.ts";
import type { Message } from "./message.ts";
import type { Question, ResourceRecord } from "./record.ts";
import { codecOf, codecOfData, readRecordData } from "./record-codecs.ts";
import type { RecordData } from "./record-data.ts";
import { type Field, TextFields, TextSyntaxError } from "./text-fields.ts";
import { formatName } from "./text-format.ts";
import { formatClass, formatType, parseClass, parseType } from "./type-names.ts";
import { WireReader } from "./wire-reader.ts";

/** What is wrong with a text; `column` counts from one. */
export interface TextError {
  readonly message: string;
  readonly column: number;
}

/** RFC 6762 §10: seconds, for records that give none: what host names and their addresses have. */
const TTL_DEFAULT = 120;

const UINT32_MAX = 0xffff_ffff;

/** RFC 3597 §5: what stands before octets in hexadecimal. */
const GENERIC = "\\#";

const FLUSH_SUFFIX = "+flush";
const UNICAST_SUFFIX = "+QU";

/** E.g. `printer.local. 120 IN+flush A 192.0.2.1`. */
export function formatRecord(record: ResourceRecord): string {
  const recordClass = formatClass(record.class) + (record.cacheFlush ? FLUSH_SUFFIX : "");
  const head = `${formatName(record.name)} ${record.ttl} ${recordClass} ${formatType(record.type)}`;
  return `${head} ${formatRecordData(record.data)}`;
}

/** E.g. `printer.local. IN+QU A`. */
export function formatQuestion(question: Question): string {
  const suffix = question.unicastResponse ? UNICAST_SUFFIX : "";
  return `${formatName(question.name)} ${formatClass(question.class)}${suffix} ${formatType(question.type)}`;
}

/** The data alone; octets of unknown types as `\# 4 c0000201` (RFC 3597 §5). */
export function formatRecordData(data: RecordData): string {
  if (data.kind !== "UNKNOWN") return codecOfData(data).format(data);
  return `\\# ${data.octets.length} ${encodeHexadecimal(data.octets)}`.trimEnd();
}

/**
 * Reads `NAME [TTL] [CLASS] TYPE DATA`; ttl and class in either order, quoted strings, `\DDD`,
 * comments and parentheses as in master files. The final dot of names is optional. Without a class
 * it is IN, without a ttl 120 seconds.
 */
export function parseRecord(text: string): Result<ResourceRecord, TextError> {
  return reading(text, (fields) => {
    const name = fields.domainName("the name");
    const { ttl, recordClass, cacheFlush } = parseTtlAndClass(fields);
    const type = typeOf(fields.field("the type"));
    const data = parseData(type, recordClass, fields);
    return { name, type, class: recordClass, cacheFlush, ttl, data };
  });
}

/** Reads the data of a record of `type`. */
export function parseRecordData(type: number, text: string): Result<RecordData, TextError> {
  return reading(text, (fields) => parseData(type, RecordClass.IN, fields));
}

/** Reads `NAME [CLASS] TYPE`. */
export function parseQuestion(text: string): Result<Question, TextError> {
  return reading(text, (fields) => {
    const name = fields.domainName("the name");
    const first = fields.field("the type");
    if (fields.isAtEnd) {
      return { name, type: typeOf(first), class: RecordClass.IN, unicastResponse: false };
    }
    const { recordClass, hasTopBit } = classOf(first, UNICAST_SUFFIX);
    if (recordClass === undefined) {
      throw new TextSyntaxError(`"${first.text}" is no class`, first.column);
    }
    const type = typeOf(fields.field("the type"));
    return { name, type, class: recordClass, unicastResponse: hasTopBit };
  });
}

function reading<Value>(
  text: string,
  read: (fields: TextFields) => Value,
): Result<Value, TextError> {
  try {
    const fields = new TextFields(text);
    const value = read(fields);
    fields.end();
    return success(value);
  } catch (error) {
    if (!(error instanceof TextSyntaxError)) throw error;
    return failure({ message: error.message, column: error.column });
  }
}

function parseTtlAndClass(fields: TextFields): {
  ttl: number;
  recordClass: number;
  cacheFlush: boolean;
} {
  let ttl: number | undefined;
  let recordClass: number | undefined;
  let cacheFlush = false;
  for (let field = fields.peek(); field !== undefined; field = fields.peek()) {
    const found = classOf(field, FLUSH_SUFFIX);
    if (ttl === undefined && /^\d+$/.test(field.text)) {
      ttl = fields.integer("the ttl", UINT32_MAX);
    } else if (recordClass === undefined && found.recordClass !== undefined) {
      fields.field("the class");
      recordClass = found.recordClass;
      cacheFlush = found.hasTopBit;
    } else {
      break;
    }
  }
  return { ttl: ttl ?? TTL_DEFAULT, recordClass: recordClass ?? RecordClass.IN, cacheFlush };
}

function classOf(
  field: Field,
  suffix: string,
): { recordClass: number | undefined; hasTopBit: boolean } {
  const hasTopBit = field.text.endsWith(suffix);
  const text = hasTopBit ? field.text.slice(0, -suffix.length) : field.text;
  return { recordClass: parseClass(text), hasTopBit };
}

function typeOf(field: Field): number {
  const type = parseType(field.text);
  if (type === undefined) throw new TextSyntaxError(`"${field.text}" is no type`, field.column);
  return type;
}

function parseData(type: number, recordClass: number, fields: TextFields): RecordData {
  const codec = codecOf(type);
  const first = fields.peek();
  if (first?.text === GENERIC && !first.quoted) return parseGenericData(type, recordClass, fields);
  if (codec === undefined) {
    const message = `the data of ${formatType(type)} is written as \\# SIZE HEXADECIMAL`;
    throw new TextSyntaxError(message, fields.column);
  }
  return codec.parse(fields);
}

/** RFC 3597 §5: `\# SIZE HEXADECIMAL`, for any type. */
function parseGenericData(type: number, recordClass: number, fields: TextFields): RecordData {
  const { column } = fields.field("the data");
  const size = fields.integer("the size", MESSAGE_SIZE_MAX);
  const octets = size === 0 && fields.isAtEnd ? new Uint8Array(0) : fields.hexadecimal("the data");
  if (octets.length !== size) {
    throw new TextSyntaxError(`the data has ${octets.length} octets, not ${size}`, column);
  }
  const reader = new WireReader(octets);
  const data = readRecordData(reader, type, recordClass, size);
  if (reader.failure === undefined) return data;
  throw new TextSyntaxError(`the octets are no ${formatType(type)} data`, column);
}

/** Much as `dig` shows it, for logs and failed tests. */
export function formatMessage(message: Message): string {
  const lines = [formatHeader(message)];
  addSection(lines, "QUESTION", message.questions.map(formatQuestion));
  addSection(lines, "ANSWER", message.answers.map(formatRecord));
  addSection(lines, "AUTHORITY", message.authorities.map(formatRecord));
  addSection(lines, "ADDITIONAL", message.additionals.map(formatRecord));
  return lines.join("\n");
}

/** E.g. `;; response, status NOERROR, id 0, flags aa`. */
function formatHeader({ id, flags }: Message): string {
  const kind = (flags & Flag.QR) === 0 ? "query" : "response";
  const opcode = (flags & Flag.OPCODE) >> OPCODE_SHIFT;
  const code = flags & Flag.RCODE;
  const status = RESPONSE_CODE_NAMES.get(code) ?? `RCODE${code}`;
  const set = flagNames(flags);
  const parts = [kind, `status ${status}`, `id ${id}`];
  if (opcode !== 0) parts.push(`opcode ${opcode}`);
  if (set.length > 0) parts.push(`flags ${set.join(" ")}`);
  return `;; ${parts.join(", ")}`;
}

const OPCODE_SHIFT = 11;

const FLAG_NAMES: readonly (readonly [mask: number, name: string])[] = [
  [Flag.AA, "aa"],
  [Flag.TC, "tc"],
  [Flag.RD, "rd"],
  [Flag.RA, "ra"],
  [Flag.AD, "ad"],
  [Flag.CD, "cd"],
];

/** The flags that are set, as dig(1) writes them; the kind of message, operation and code aside. */
export function flagNames(flags: number): readonly string[] {
  return FLAG_NAMES.filter(([mask]) => (flags & mask) !== 0).map(([, name]) => name);
}

const RESPONSE_CODE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ResponseCode).map(([name, code]) => [code, name]),
);

function addSection(lines: string[], title: string, entries: readonly string[]): void {
  if (entries.length > 0) lines.push(`;; ${title}`, ...entries);
}
