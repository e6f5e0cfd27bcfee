/**
 * Randomness as an injected interface, so that a seed replays a run exactly.
 *
 * The production implementation draws from the operating system (`net/system-random.ts`); the
 * seeded one here is for the simulator and for tests, and is not fit for anything an attacker
 * could profit from predicting.
 */

export interface Random {
  /** A uniformly distributed integer, both bounds included. */
  integer(min: number, max: number): number;
}

/** xoshiro128** seeded through splitmix32: small, fast, and the same everywhere for one seed. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    let mixed = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = mixed;
      word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      this.#state[index] = word ^ (word >>> 16);
    }
  }

  integer(min: number, max: number): number {
    const span = max - min + 1;
    return min + Math.floor((this.#next() / 0x1_0000_0000) * span);
  }

  #next(): number {
    const state = this.#state;
    const second = state[1]!;
    const scrambled = Math.imul(rotateLeft(Math.imul(second, 5), 7), 9) >>> 0;
    state[2]! ^= state[0]!;
    state[3]! ^= second;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= second << 9;
    state[3] = rotateLeft(state[3]!, 11);
    return scrambled;
  }
}

function rotateLeft(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}
