/**
 * Messages of a TCP connection, each with its length before it (RFC 1035 §4.2.2), taken one by one:
 * whoever takes them may stop between two of them. However the stream is cut, each octet is copied
 * once at most.
 */

const LENGTH_SIZE = 2;

export class Frames {
  #unread: Uint8Array = new Uint8Array(0);
  /** The start of a message of which more is to come, with room for all of it. */
  #partial: Uint8Array = new Uint8Array(LENGTH_SIZE);
  #filled = 0;

  /** More octets of the stream. All that came before has been taken. */
  push(octets: Uint8Array): void {
    this.#unread = octets;
  }

  /** The next whole message; valid until the next `push`. */
  next(): Uint8Array | undefined {
    if (this.#filled > 0) return this.#complete();
    const unread = this.#unread;
    if (unread.length >= LENGTH_SIZE) {
      const end = LENGTH_SIZE + lengthOf(unread);
      if (end <= unread.length) {
        this.#unread = unread.subarray(end);
        return unread.subarray(LENGTH_SIZE, end);
      }
    }
    return unread.length > 0 ? this.#complete() : undefined;
  }

  #complete(): Uint8Array | undefined {
    if (!this.#fill(LENGTH_SIZE)) return undefined;
    const size = LENGTH_SIZE + lengthOf(this.#partial);
    if (this.#partial.length < size) {
      const whole = new Uint8Array(size);
      whole.set(this.#partial);
      this.#partial = whole;
    }
    if (!this.#fill(size)) return undefined;
    const message = this.#partial.subarray(LENGTH_SIZE, size);
    this.#partial = new Uint8Array(LENGTH_SIZE);
    this.#filled = 0;
    return message;
  }

  /** Moves octets until the message has so many of them; false when there are too few. */
  #fill(size: number): boolean {
    const wanted = Math.min(Math.max(0, size - this.#filled), this.#unread.length);
    this.#partial.set(this.#unread.subarray(0, wanted), this.#filled);
    this.#unread = this.#unread.subarray(wanted);
    this.#filled += wanted;
    return this.#filled >= size;
  }
}

function lengthOf(octets: Uint8Array): number {
  return (octets[0]! << 8) | octets[1]!;
}
