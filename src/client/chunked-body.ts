/** Decoder of the chunked transfer coding (RFC 9112 §7.1), fed with whatever has arrived. */

export class ChunkedBody {
  /** Octets of the present chunk still to come, its final line end included; 0: a size line. */
  #left = 0;
  #line = "";
  #isLast = false;
  #isComplete = false;

  /** The last chunk has been read. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The octets of body in `part`. */
  decode(part: Uint8Array): Uint8Array {
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (at < part.length && !this.#isComplete) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, part.length - at);
        const body = Math.max(0, Math.min(taken, this.#left - 2));
        bodies.push(part.subarray(at, at + body));
        this.#left -= taken;
        at += taken;
        if (this.#left === 0 && this.#isLast) this.#isComplete = true;
      } else {
        at = this.#readSizeLine(part, at);
      }
    }
    return Buffer.concat(bodies);
  }

  #readSizeLine(part: Uint8Array, start: number): number {
    let at = start;
    while (at < part.length) {
      const character = String.fromCharCode(part[at]!);
      at += 1;
      if (character !== "\n") {
        this.#line += character;
        continue;
      }
      const size = Number.parseInt(this.#line, 16) || 0;
      this.#line = "";
      this.#isLast = size === 0;
      this.#left = size + 2;
      break;
    }
    return at;
  }
}
