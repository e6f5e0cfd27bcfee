import { expect, test } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import { checkOctets } from "./fuzz-target.ts";
import { mutate } from "./mutation.ts";
import { loadVectors } from "./vector-file.ts";

const ROUNDS = 150;

const vectors = loadVectors();

test.each(vectors)("mutations of $file: $title either read or are refused", (vector) => {
  const random = new SeededRandom(vectors.indexOf(vector));
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const other = vectors[random.integer(0, vectors.length - 1)]!.octets;
    const octets = mutate(vector.octets, other, random);
    const dialect = random.integer(0, 1) === 0 ? "mdns" : "dns";
    try {
      if (checkOctets(octets, dialect)) read++;
    } catch (error) {
      throw new Error(`${dialect} ${Buffer.from(octets).toString("hex")}`, { cause: error });
    }
  }
  expect(read).toBeLessThan(ROUNDS);
});
