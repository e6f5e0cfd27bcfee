/**
 * Reads the fields of one DNS message in order (RFC 1035 §4.1), never outside of it.
 *
 * The first failure stays: from then on every read gives zero or nothing, so that the readers of
 * record data need no checks of their own; whoever asked looks at `failure` afterwards.
 *
 * Everything handed out is a copy: the caller may use the message's buffer again at once.
 */

import { HEADER_SIZE, MESSAGE_SIZE_MAX, POINTER_BITS, POINTER_OFFSET_MASK } from "./constants.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX, Name } from "./name.ts";
import { hashLabel, NAME_HASH_SEED } from "./name-hash.ts";
import { internName } from "./name-table.ts";
import type { ParseError, ParseErrorCode } from "./parse-error.ts";

/** A name has at most 127 labels, and no composer points to a pointer; so many are enough. */
const POINTERS_PER_NAME_MAX = 127;

const EMPTY = new Uint8Array(0);

/**
 * The message and the name being read; one of each is enough, since reading runs to completion.
 * A plain array of our own, whatever kind of array the caller has, also makes reading fast.
 */
const message = new Uint8Array(MESSAGE_SIZE_MAX);
const scratch = new Uint8Array(NAME_SIZE_MAX);

/**
 * The names read from this message by where they start, so that one that is nothing but a pointer
 * is the same object at once. A direct-mapped table; a stamp is the message's number and the place.
 */
const PLACES = 64;
const placeStamps = new Float64Array(PLACES).fill(-1);
const placeNames = new Array<Name>(PLACES).fill(Name.ROOT);
let messageNumber = 0;

function forgetNames(): void {
  messageNumber++;
}

function rememberName(start: number, name: Name): void {
  placeStamps[start & (PLACES - 1)] = messageNumber * MESSAGE_SIZE_MAX + start;
  placeNames[start & (PLACES - 1)] = name;
}

function nameReadAt(start: number): Name | undefined {
  const stamp = messageNumber * MESSAGE_SIZE_MAX + start;
  return placeStamps[start & (PLACES - 1)] === stamp ? placeNames[start & (PLACES - 1)] : undefined;
}

export class WireReader {
  readonly #number: number;
  readonly #size: number;
  #offset = 0;
  /** Where reading in order ends: at the end of the message, or of the record data being read. */
  #limit: number;
  #isInRecordData = false;
  #failure: ParseError | undefined;

  /** Takes at most `MESSAGE_SIZE_MAX` octets. Only the newest reader can be read from. */
  constructor(octets: Uint8Array) {
    message.set(octets);
    forgetNames();
    this.#number = messageNumber;
    this.#size = octets.length;
    this.#limit = octets.length;
  }

  /** Whether it is the newest reader and has been given just these octets. */
  holds(octets: Uint8Array): boolean {
    if (this.#number !== messageNumber || this.#size !== octets.length) return false;
    for (let index = 0; index < this.#size; index++) {
      if (message[index] !== octets[index]) return false;
    }
    return true;
  }

  get failure(): ParseError | undefined {
    return this.#failure;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Octets left before the end of the record data, or of the message. Zero after a failure. */
  get remaining(): number {
    return this.#limit - this.#offset;
  }

  /** Keeps the first failure and ends the reading. */
  fail(code: ParseErrorCode, offset: number = this.#offset): void {
    this.#failure ??= { code, offset };
    this.#offset = this.#limit;
  }

  uint8(): number {
    const at = this.#offset;
    if (at >= this.#limit) return this.#overrun();
    this.#offset = at + 1;
    return message[at]!;
  }

  uint16(): number {
    const at = this.#offset;
    if (at + 2 > this.#limit) return this.#overrun();
    this.#offset = at + 2;
    return (message[at]! << 8) | message[at + 1]!;
  }

  uint32(): number {
    const at = this.#offset;
    if (at + 4 > this.#limit) return this.#overrun();
    this.#offset = at + 4;
    const low = (message[at + 1]! << 16) | (message[at + 2]! << 8) | message[at + 3]!;
    return message[at]! * 0x100_0000 + low;
  }

  /** The next `size` octets, copied. */
  octets(size: number): Uint8Array {
    const at = this.#offset;
    if (at + size > this.#limit) {
      this.#overrun();
      return EMPTY;
    }
    this.#offset = at + size;
    return message.slice(at, at + size);
  }

  /** What is left of the record data. */
  rest(): Uint8Array {
    return this.octets(this.remaining);
  }

  /** RFC 1035 §3.3: a length octet and as many octets. */
  characterString(): Uint8Array {
    return this.octets(this.uint8());
  }

  /** Hands the next `size` octets to `take` in place: for text that is made from them at once. */
  inPlace<Value>(
    size: number,
    take: (octets: Uint8Array, offset: number) => Value,
    none: Value,
  ): Value {
    const at = this.#offset;
    if (at + size > this.#limit) {
      this.#overrun();
      return none;
    }
    this.#offset = at + size;
    return take(message, at);
  }

  /**
   * A name (RFC 1035 §4.1.4). A pointer must lead to before the start of the labels that it ends,
   * so every step goes backwards and no loop is possible.
   */
  name(): Name {
    let limit = this.#limit;
    let at = this.#offset;
    const nameStart = at;
    let start = at;
    let resumeAt = -1;
    let pointers = 0;
    let size = 0;
    let hash = NAME_HASH_SEED;
    for (;;) {
      if (at >= limit) return this.#failName(this.#overrunCode, at);
      const length = message[at]!;
      if (length === 0) break;
      if (length <= LABEL_SIZE_MAX) {
        const end = at + length + 1;
        if (end >= limit) return this.#failName(this.#overrunCode, at);
        if (size + length + 2 > NAME_SIZE_MAX) return this.#failName("NAME_SIZE", at);
        hash = hashLabel(hash, message, at, length);
        while (at < end) scratch[size++] = message[at++]!;
        continue;
      }
      if (length < POINTER_BITS) return this.#failName("LABEL_TYPE", at);
      if (at + 1 >= limit) return this.#failName(this.#overrunCode, at);
      const target = ((length << 8) | message[at + 1]!) & POINTER_OFFSET_MASK;
      if (target >= start || target < HEADER_SIZE) return this.#failName("POINTER_TARGET", at);
      if (++pointers > POINTERS_PER_NAME_MAX) return this.#failName("POINTER_CHAIN", at);
      if (size === 0 && pointers === 1) {
        const known = nameReadAt(target);
        if (known !== undefined) {
          this.#offset = at + 2;
          return known;
        }
      }
      if (resumeAt < 0) resumeAt = at + 2;
      limit = this.#size;
      start = target;
      at = target;
    }
    this.#offset = resumeAt < 0 ? at + 1 : resumeAt;
    scratch[size] = 0;
    const name = internName(scratch, size + 1, hash);
    rememberName(nameStart, name);
    return name;
  }

  /** Confines reading to the next `size` octets, a record's data; fails when there are fewer. */
  enterRecordData(size: number): void {
    if (size > this.remaining) {
      this.#overrun();
      return;
    }
    this.#limit = this.#offset + size;
    this.#isInRecordData = true;
  }

  /**
   * Goes on behind the record data whatever became of it, and returns what was wrong with it:
   * the records behind it can be read all the same.
   */
  leaveRecordData(): ParseError | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#offset = this.#limit;
    this.#limit = this.#size;
    this.#isInRecordData = false;
    return failure;
  }

  get #overrunCode(): ParseErrorCode {
    return this.#isInRecordData ? "RECORD_DATA_OVERRUN" : "TRUNCATED";
  }

  #overrun(): 0 {
    this.fail(this.#overrunCode);
    return 0;
  }

  #failName(code: ParseErrorCode, offset: number): Name {
    this.fail(code, offset);
    return Name.ROOT;
  }
}
