/**
 * Octets to messages (RFC 1035 §4.1): this parser alone defines what is valid.
 *
 * The work is bounded by the size of the message: a record takes at least eleven of its octets,
 * whatever the counts in the header say, and a name follows a bounded number of pointers, each
 * further back than the one before. Nothing recurses. What is handed out is copied, so the buffer
 * may be used again at once, and a cache that keeps a record keeps nothing else.
 *
 * What becomes of a record of a known type whose data is malformed:
 * - On mDNS it is left out and told in `malformed`, and the records behind it count: a message MUST
 *   NOT be ignored for an NSEC record that cannot be parsed (RFC 6762 §6.1), and one peer's odd
 *   record is no reason to lose a whole announcement. It is not kept as octets, since nobody could
 *   compare or pass on what nobody could read (its names may be compressed).
 * - In other DNS messages the message is refused: one client asked one server, and an answer that
 *   is partly unreadable is better asked for again than half believed.
 * Where the owner name or the length of a record cannot be read the rest of the message cannot be
 * found, and it is refused in both.
 *
 * Octets behind the last record are ignored: no RFC forbids them (RFC 6762 §18 says nothing of
 * them), some senders pad, and nothing reads them.
 */

import { failure, type Result, success } from "../core/errors.ts";
import { CLASS_TOP_BIT, HEADER_SIZE, MESSAGE_SIZE_MAX, RecordType, TTL_MAX } from "./constants.ts";
import type { Dialect, Message } from "./message.ts";
import type { ParseError } from "./parse-error.ts";
import type { Question, ResourceRecord } from "./record.ts";
import { readRecordData } from "./record-codecs.ts";
import type { RecordData } from "./record-data.ts";
import { WireReader } from "./wire-reader.ts";

export interface ParsedMessage extends Message {
  /** The records that were left out (mDNS only), in order. Usually empty. */
  readonly malformed: readonly ParseError[];
}

/**
 * Reads one message. On `mdns` the top bit of a class is the QU or cache-flush bit (RFC 6762
 * §18.12, §18.13), except in OPT records; on `dns` it is part of the class.
 */
export function parseMessage(
  octets: Uint8Array,
  dialect: Dialect,
): Result<ParsedMessage, ParseError> {
  if (octets.length < HEADER_SIZE) return failure({ code: "TRUNCATED", offset: octets.length });
  if (octets.length > MESSAGE_SIZE_MAX) return failure({ code: "OVERSIZED", offset: 0 });
  return parse(new WireReader(octets), dialect);
}

interface Outcome {
  readonly reader: WireReader;
  readonly dialect: Dialect;
  readonly result: Result<ParsedMessage, ParseError>;
}

/** Of the message that `parseSharedMessage` read last. */
let latest: Outcome | undefined;

/**
 * Like `parseMessage`, but octets that come twice in a row give the same object, which nobody may
 * change: an announcement comes by IPv4 and by IPv6, a simulated one to a thousand hosts.
 */
export function parseSharedMessage(
  octets: Uint8Array,
  dialect: Dialect,
): Result<ParsedMessage, ParseError> {
  if (latest?.dialect === dialect && latest.reader.holds(octets)) return latest.result;
  if (octets.length < HEADER_SIZE || octets.length > MESSAGE_SIZE_MAX) {
    return parseMessage(octets, dialect);
  }
  const reader = new WireReader(octets);
  latest = { reader, dialect, result: parse(reader, dialect) };
  return latest.result;
}

function parse(reader: WireReader, dialect: Dialect): Result<ParsedMessage, ParseError> {
  const parser = new MessageParser(reader, dialect);
  const message = parser.message();
  return parser.failure === undefined ? success(message) : failure(parser.failure);
}

class MessageParser {
  readonly #reader: WireReader;
  readonly #isMdns: boolean;
  readonly #malformed: ParseError[] = [];

  constructor(reader: WireReader, dialect: Dialect) {
    this.#reader = reader;
    this.#isMdns = dialect === "mdns";
  }

  get failure(): ParseError | undefined {
    return this.#reader.failure;
  }

  message(): ParsedMessage {
    const reader = this.#reader;
    const id = reader.uint16();
    const flags = reader.uint16();
    const questionCount = reader.uint16();
    const answerCount = reader.uint16();
    const authorityCount = reader.uint16();
    const additionalCount = reader.uint16();
    return {
      id,
      flags,
      questions: this.#questions(questionCount),
      answers: this.#records(answerCount),
      authorities: this.#records(authorityCount),
      additionals: this.#records(additionalCount),
      malformed: this.#malformed,
    };
  }

  #questions(count: number): Question[] {
    const questions: Question[] = [];
    for (let index = 0; index < count && this.failure === undefined; index++) {
      questions.push(this.#question());
    }
    return questions;
  }

  #question(): Question {
    const name = this.#reader.name();
    const type = this.#reader.uint16();
    const classField = this.#reader.uint16();
    return {
      name,
      type,
      class: this.#isMdns ? classField & ~CLASS_TOP_BIT : classField,
      unicastResponse: this.#isMdns && (classField & CLASS_TOP_BIT) !== 0,
    };
  }

  #records(count: number): ResourceRecord[] {
    const records: ResourceRecord[] = [];
    for (let index = 0; index < count && this.failure === undefined; index++) {
      const record = this.#record();
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  /** Undefined when the record is left out, or the message has failed. */
  #record(): ResourceRecord | undefined {
    const reader = this.#reader;
    const name = reader.name();
    const type = reader.uint16();
    const classField = reader.uint16();
    const ttl = reader.uint32();
    const isOpt = type === RecordType.OPT;
    const hasTopBit = this.#isMdns && !isOpt && (classField & CLASS_TOP_BIT) !== 0;
    const recordClass = hasTopBit ? classField & ~CLASS_TOP_BIT : classField;
    const data = this.#recordData(type, recordClass);
    if (data === undefined) return undefined;
    return {
      name,
      type,
      class: recordClass,
      cacheFlush: hasTopBit,
      ttl: ttl > TTL_MAX && !isOpt ? 0 : ttl,
      data,
    };
  }

  #recordData(type: number, recordClass: number): RecordData | undefined {
    const reader = this.#reader;
    const size = reader.uint16();
    reader.enterRecordData(size);
    if (reader.failure !== undefined) return undefined;
    const data = readRecordData(reader, type, recordClass, size);
    const malformed = reader.leaveRecordData();
    if (malformed === undefined) return data;
    if (this.#isMdns) this.#malformed.push(malformed);
    else reader.fail(malformed.code, malformed.offset);
    return undefined;
  }
}
