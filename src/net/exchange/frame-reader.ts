/** Messages out of a stream, each with its length before it (RFC 1035 §4.2.2), however it is cut. */

import { LENGTH_SIZE } from "./constants.ts";

export class FrameReader {
  /** At most one message that is not whole yet, with its length. */
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are whole with these octets. They are views, valid until the next call. */
  *read(octets: Buffer): IterableIterator<Buffer> {
    let at = 0;
    const all = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    while (all.length - at >= LENGTH_SIZE) {
      const end = at + LENGTH_SIZE + all.readUInt16BE(at);
      if (end > all.length) break;
      yield all.subarray(at + LENGTH_SIZE, end);
      at = end;
    }
    this.#rest = at === all.length ? Buffer.alloc(0) : Buffer.from(all.subarray(at));
  }
}

/** The message with its length, for one write (RFC 7766 §8). */
export function frame(octets: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH_SIZE + octets.length);
  framed.writeUInt16BE(octets.length, 0);
  framed.set(octets, LENGTH_SIZE);
  return framed;
}
