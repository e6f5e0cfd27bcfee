/**
 * The plain case of a query read off its octets without an object made: one question, the operation
 * QUERY, class IN, at most an OPT record of version 0 behind it. Everything else, and everything that
 * is not well-formed, is `query.ts`'s.
 */

import { HEADER_SIZE, RecordClass, RecordType } from "../../wire/constants.ts";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX } from "../../wire/name.ts";
import { OPT_SIZE, PAYLOAD_SIZE_MIN, TCP_KEEPALIVE_OPTION } from "./constants.ts";
import type { CachedQueryFlags } from "./question-answerer.ts";

/** RFC 1035 §4.1.1: QR, the operation, AA and TC in the header's third octet. */
const NOT_PLAIN_BITS = 0xfe;

/** RFC 4035 §3.2.2: CD in the header's fourth octet. */
const CHECKING_DISABLED_BIT = 0x10;

/** RFC 3225 §3: DO in the first octet of the OPT record's flags. */
const DNSSEC_OK_BIT = 0x80;

/** Read anew for each query: its fields are those of the last one that `read` took. */
export class PlainQuery implements CachedQueryFlags {
  dnssecOk = false;
  checkingDisabled = false;
  hasEdns = false;
  /** Octets of UDP that the client takes. */
  payloadSize = PAYLOAD_SIZE_MIN;
  /** Octets of the header and the question. */
  questionEnd = 0;

  /** False: not a plain query, and the fields mean nothing. */
  read(octets: Uint8Array): boolean {
    if (!this.#readHeader(octets)) return false;
    const end = endOfQuestion(octets);
    if (end === undefined) return false;
    this.questionEnd = end;
    this.checkingDisabled = (octets[3]! & CHECKING_DISABLED_BIT) !== 0;
    if (this.hasEdns) return this.#readOpt(octets, end);
    this.dnssecOk = false;
    this.payloadSize = PAYLOAD_SIZE_MIN;
    return end === octets.length;
  }

  #readHeader(octets: Uint8Array): boolean {
    if (octets.length < HEADER_SIZE || (octets[2]! & NOT_PLAIN_BITS) !== 0) return false;
    if (octets[4] !== 0 || octets[5] !== 1) return false;
    if ((octets[6]! | octets[7]! | octets[8]! | octets[9]! | octets[10]!) !== 0) return false;
    this.hasEdns = octets[11] === 1;
    return octets[11]! <= 1;
  }

  #readOpt(octets: Uint8Array, at: number): boolean {
    const optionsStart = at + OPT_SIZE;
    if (optionsStart > octets.length) return false;
    const isOpt = octets[at] === 0 && uint16(octets, at + 1) === RecordType.OPT;
    const version = octets[at + 6];
    if (!isOpt || version !== 0) return false;
    if (optionsStart + uint16(octets, at + 9) !== octets.length) return false;
    this.payloadSize = Math.max(uint16(octets, at + 3), PAYLOAD_SIZE_MIN);
    this.dnssecOk = (octets[at + 7]! & DNSSEC_OK_BIT) !== 0;
    return areIgnored(octets, optionsStart);
  }
}

/** Whether the rest is whole options, none of which is answered (RFC 6891 §6.1.2). */
function areIgnored(octets: Uint8Array, start: number): boolean {
  let at = start;
  while (at + 4 <= octets.length) {
    if (uint16(octets, at) === TCP_KEEPALIVE_OPTION) return false;
    at += 4 + uint16(octets, at + 2);
  }
  return at === octets.length;
}

/** Just behind a question of class IN whose name is not compressed. */
function endOfQuestion(octets: Uint8Array): number | undefined {
  let at = HEADER_SIZE;
  for (;;) {
    const length = octets[at];
    if (length === undefined || length > LABEL_SIZE_MAX) return undefined;
    at += length + 1;
    if (at - HEADER_SIZE > NAME_SIZE_MAX) return undefined;
    if (length === 0) break;
  }
  if (at + 4 > octets.length || uint16(octets, at + 2) !== RecordClass.IN) return undefined;
  return at + 4;
}

function uint16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}
