/**
 * Randomness of production, from the operating system, drawn a batch at a time.
 *
 * It is read from the device where there is one, since loading `node:crypto` costs a daemon that does
 * little else with it more than half a MiB.
 */

import { closeSync, openSync, readSync } from "node:fs";
import type { Random } from "../core/random.ts";

const BATCH_SIZE = 256;
const WORD_SPAN = 0x1_0000_0000;

/** random(4): never blocks once the system has started. */
const DEVICE = "/dev/urandom";

export class SystemRandom implements Random {
  readonly #words = new Uint32Array(BATCH_SIZE);
  #used = BATCH_SIZE;

  integer(min: number, max: number): number {
    const span = max - min + 1;
    const unbiased = WORD_SPAN - (WORD_SPAN % span);
    let word = this.#next();
    while (word >= unbiased) word = this.#next();
    return min + (word % span);
  }

  #next(): number {
    if (this.#used === BATCH_SIZE) {
      if (!fillFromDevice(this.#words)) globalThis.crypto.getRandomValues(this.#words);
      this.#used = 0;
    }
    const word = this.#words[this.#used]!;
    this.#words[this.#used] = 0;
    this.#used++;
    return word;
  }
}

/** False, and nothing to be relied on in `words`, where there is no such device. */
function fillFromDevice(words: Uint32Array): boolean {
  try {
    const descriptor = openSync(DEVICE, "r");
    try {
      return readSync(descriptor, words) === words.byteLength;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}
