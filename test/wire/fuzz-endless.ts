/**
 * Mutates the vectors until something does not hold or the process is ended: `npm run fuzz`. The
 * seed is the first argument, or the time; the octets that fail are printed.
 */

import { SeededRandom } from "../../src/core/random.ts";
import { checkOctets } from "./fuzz-target.ts";
import { mutate } from "./mutation.ts";
import { loadVectors } from "./vector-file.ts";

const REPORT_ROUNDS = 100_000;
const POOL_SIZE_MAX = 2000;

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000_000);
const random = new SeededRandom(seed);
const pool = loadVectors().map((vector) => vector.octets);
const pick = (): Uint8Array => pool[random.integer(0, pool.length - 1)]!;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

say(`seed ${seed}, ${pool.length} vectors; end it with Ctrl-C`);
for (let round = 1, read = 0; ; round++) {
  const octets = mutate(pick(), pick(), random);
  const dialect = random.integer(0, 1) === 0 ? "mdns" : "dns";
  try {
    if (checkOctets(octets, dialect)) {
      read++;
      if (pool.length < POOL_SIZE_MAX) pool.push(octets);
      else pool[random.integer(POOL_SIZE_MAX / 2, POOL_SIZE_MAX - 1)] = octets;
    }
  } catch (error) {
    say(`${dialect} ${Buffer.from(octets).toString("hex")}`);
    throw error;
  }
  if (round % REPORT_ROUNDS === 0) say(`${round} rounds, ${read} of them messages`);
}
