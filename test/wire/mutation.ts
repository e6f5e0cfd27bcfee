/** Changes octets at random, from a seed, in the ways that upset parsers of DNS messages. */

import type { Random } from "../../src/core/random.ts";

type Mutation = (octets: number[], random: Random, other: Uint8Array) => void;

const INTERESTING_OCTETS = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff];
const SIZE_MAX = 1500;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(octets, random) {
    const at = place(octets, random);
    octets[at] = (octets[at] ?? 0) ^ (1 << random.integer(0, 7));
  },
  function setOctet(octets, random) {
    octets[place(octets, random)] = random.integer(0, 255);
  },
  function setInterestingOctet(octets, random) {
    octets[place(octets, random)] =
      INTERESTING_OCTETS[random.integer(0, INTERESTING_OCTETS.length - 1)]!;
  },
  function setCount(octets, random) {
    octets[4 + random.integer(0, 7)] = random.integer(0, 5);
  },
  function setPointer(octets, random) {
    const at = place(octets, random);
    const target = place(octets, random);
    octets.splice(at, 2, 0xc0 | (target >> 8), target & 0xff);
  },
  function remove(octets, random) {
    octets.splice(place(octets, random), random.integer(1, 16));
  },
  function insert(octets, random) {
    octets.splice(place(octets, random), 0, ...randomOctets(random.integer(1, 16), random));
  },
  function truncate(octets, random) {
    octets.length = random.integer(0, octets.length);
  },
  function repeat(octets, random) {
    const start = place(octets, random);
    octets.splice(start, 0, ...octets.slice(start, start + random.integer(1, 64)));
  },
  function splice(octets, random, other) {
    const start = random.integer(0, other.length);
    octets.splice(place(octets, random), random.integer(0, 32), ...other.slice(start, start + 64));
  },
];

/** `octets` with a few changes, among them pieces of `other`. */
export function mutate(octets: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const changed = [...octets];
  for (let count = random.integer(1, 4); count > 0; count--) {
    MUTATIONS[random.integer(0, MUTATIONS.length - 1)]!(changed, random, other);
  }
  return Uint8Array.from(changed.slice(0, SIZE_MAX));
}

function place(octets: readonly number[], random: Random): number {
  return random.integer(0, Math.max(0, octets.length - 1));
}

function randomOctets(count: number, random: Random): number[] {
  return Array.from({ length: count }, () => random.integer(0, 255));
}
