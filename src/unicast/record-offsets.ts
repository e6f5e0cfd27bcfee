/** Where the records of a message that we composed keep their ttl and their data. */

import { HEADER_SIZE, POINTER_BITS, RecordType } from "../wire/constants.ts";

export interface RecordOffsets {
  /** Of every record's ttl. */
  readonly ttls: Uint16Array;
  /** Of the data of the address records of type `rotatedType` in the answer section. */
  readonly addresses: Uint16Array;
}

const TTL_OFFSET = 4;
const DATA_LENGTH_OFFSET = 8;
const DATA_OFFSET = 10;

/** The message is sound and has one question. Data beyond what 16 bits can tell is not looked for. */
export function recordOffsets(octets: Uint8Array, rotatedType: number): RecordOffsets {
  const answerCount = uint16(octets, 6);
  const count = answerCount + uint16(octets, 8) + uint16(octets, 10);
  const isRotated = rotatedType === RecordType.A || rotatedType === RecordType.AAAA;
  const ttls = new Uint16Array(count);
  const addresses: number[] = [];
  let at = skipName(octets, HEADER_SIZE) + 4;
  for (let index = 0; index < count; index++) {
    at = skipName(octets, at);
    ttls[index] = at + TTL_OFFSET;
    const isAnswer = index < answerCount;
    if (isAnswer && isRotated && uint16(octets, at) === rotatedType) {
      addresses.push(at + DATA_OFFSET);
    }
    at += DATA_OFFSET + uint16(octets, at + DATA_LENGTH_OFFSET);
  }
  return { ttls, addresses: Uint16Array.from(addresses) };
}

function skipName(octets: Uint8Array, at: number): number {
  for (;;) {
    const length = octets[at]!;
    if (length >= POINTER_BITS) return at + 2;
    at += length + 1;
    if (length === 0) return at;
  }
}

function uint16(octets: Uint8Array, offset: number): number {
  return (octets[offset]! << 8) | octets[offset + 1]!;
}
