/**
 * Composes one message record by record with its size known at each step: what does not fit is
 * taken back, so that a packet can be filled up to a bound.
 *
 * The sections are filled in their order (RFC 1035 §4.1). Names are compressed as RFC 6762 §18.14
 * has it for mDNS, and otherwise only in the types of RFC 1035 (RFC 3597 §4). A pointer leads to an
 * earlier occurrence in the same case, so case is preserved. Legacy unicast responses (RFC 6762
 * §6.7) are of the `dns` dialect: neither cache-flush bits nor compressed SRV targets.
 */

import { assert } from "../core/assert.ts";
import { DotlocalError } from "../core/errors.ts";
import { CLASS_TOP_BIT, HEADER_SIZE, MESSAGE_SIZE_MAX, RecordType } from "./constants.ts";
import type { Dialect } from "./message.ts";
import type { Question, ResourceRecord } from "./record.ts";
import { codecOf } from "./record-codecs.ts";
import { WireWriter } from "./wire-writer.ts";

export type RecordSection = "answers" | "authorities" | "additionals";

type Section = "questions" | RecordSection;

const SECTION_INDEX: Readonly<Record<Section, number>> = {
  questions: 0,
  answers: 1,
  authorities: 2,
  additionals: 3,
};

/** RFC 1035 §3.2.1: octets of record data that the length field can tell. */
const RECORD_DATA_SIZE_MAX = 0xffff;

/** RFC 1035 §4.1.1: where the header holds the number of entries of a section. */
const COUNTS_OFFSET = 4;

export class MessageWriter {
  readonly #writer = new WireWriter();
  readonly #counts = [0, 0, 0, 0];
  #section = 0;

  /** Octets that the message must not pass; the `tryAdd` functions keep to it. */
  sizeMax = MESSAGE_SIZE_MAX;

  /** The header's first two words, taken by `finish`. */
  id = 0;
  flags = 0;

  constructor(dialect: Dialect, sizeMax: number = MESSAGE_SIZE_MAX) {
    this.clear(dialect, sizeMax);
  }

  /** Starts another message; the buffer is used again. */
  clear(dialect: Dialect, sizeMax: number): void {
    this.#writer.clear(dialect);
    this.#writer.skip(HEADER_SIZE);
    this.#counts.fill(0);
    this.#section = 0;
    this.sizeMax = Math.min(sizeMax, MESSAGE_SIZE_MAX);
    this.id = 0;
    this.flags = 0;
  }

  /** Octets so far, header included. */
  get size(): number {
    return this.#writer.size;
  }

  /** Questions and records so far. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Adds a question unless the message would pass its bound. Throws INVALID_DATA. */
  tryAddQuestion(question: Question): boolean {
    return this.#tryWrite("questions", question, writeQuestion);
  }

  /**
   * Adds a record unless the message would pass its bound. Throws INVALID_DATA for a record that
   * cannot be composed. Unless it returns true, nothing has changed.
   */
  tryAdd(section: RecordSection, record: ResourceRecord): boolean {
    return this.#tryWrite(section, record, writeRecord);
  }

  /** Adds all of the records or, when the message would pass its bound, none of them. */
  tryAddAll(section: RecordSection, records: readonly ResourceRecord[]): boolean {
    const { size, nameCount } = this.#writer;
    const index = SECTION_INDEX[section];
    const count = this.#counts[index]!;
    for (const record of records) {
      if (this.tryAdd(section, record)) continue;
      this.#writer.rollBack(size, nameCount);
      this.#counts[index] = count;
      return false;
    }
    return true;
  }

  /** The message, copied. */
  finish(): Uint8Array {
    this.#writer.patchUint16(0, this.id);
    this.#writer.patchUint16(2, this.flags);
    for (let section = 0; section < this.#counts.length; section++) {
      this.#writer.patchUint16(COUNTS_OFFSET + 2 * section, this.#counts[section]!);
    }
    return this.#writer.copy();
  }

  #tryWrite<Entry>(
    section: Section,
    entry: Entry,
    write: (writer: WireWriter, entry: Entry) => void,
  ): boolean {
    const index = SECTION_INDEX[section];
    assert(index >= this.#section, `${section} are added behind a later section`);
    const { size, nameCount } = this.#writer;
    try {
      write(this.#writer, entry);
    } catch (error) {
      this.#writer.rollBack(size, nameCount);
      throw error;
    }
    if (this.#writer.size > this.sizeMax) {
      this.#writer.rollBack(size, nameCount);
      return false;
    }
    this.#section = index;
    this.#counts[index]!++;
    return true;
  }
}

function writeQuestion(writer: WireWriter, question: Question): void {
  const isUnicast = question.unicastResponse && writer.style === "mdns";
  writer.name(question.name);
  writer.uint16(question.type);
  writer.uint16(isUnicast ? question.class | CLASS_TOP_BIT : question.class);
}

/** Record data too large for its length field makes the message too large, and is taken back. */
function writeRecord(writer: WireWriter, record: ResourceRecord): void {
  const { type, data } = record;
  const isFlush = record.cacheFlush && writer.style === "mdns" && type !== RecordType.OPT;
  writer.name(record.name);
  writer.uint16(type);
  writer.uint16(isFlush ? record.class | CLASS_TOP_BIT : record.class);
  writer.uint32(record.ttl);
  const lengthAt = writer.size;
  writer.uint16(0);
  if (data.kind === "UNKNOWN") {
    writer.octets(data.octets);
  } else {
    const codec = codecOf(type);
    if (codec?.kind !== data.kind) {
      throw new DotlocalError("INVALID_DATA", `${data.kind} data in a record of type ${type}`);
    }
    codec.write(writer, data);
  }
  const length = writer.size - lengthAt - 2;
  if (length <= RECORD_DATA_SIZE_MAX) writer.patchUint16(lengthAt, length);
}
