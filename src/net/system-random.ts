/** Randomness of production, from the operating system, drawn a batch at a time. */

import { randomFillSync } from "node:crypto";
import type { Random } from "../core/random.ts";

const BATCH_SIZE = 256;
const WORD_SPAN = 0x1_0000_0000;

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
      randomFillSync(this.#words);
      this.#used = 0;
    }
    const word = this.#words[this.#used]!;
    this.#words[this.#used] = 0;
    this.#used++;
    return word;
  }
}
