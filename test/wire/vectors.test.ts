import { expect, test } from "vitest";
import { composeMessage } from "../../src/wire/compose.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { formatMessage } from "../../src/wire/presentation.ts";
import { parsed } from "./kit.ts";
import { loadVectors } from "./vector-file.ts";

const vectors = loadVectors();

test.each(vectors)("$file: $title", (vector) => {
  const result = parseMessage(vector.octets, vector.dialect);
  if (!result.ok) {
    expect(`${result.error.code} ${result.error.offset}`).toBe(vector.error);
    return;
  }
  expect(vector.error).toBeUndefined();
  expect(formatMessage(result.value)).toBe(vector.message);
  const malformed = result.value.malformed.map(({ code, offset }) => `${code} ${offset}`);
  expect(malformed).toEqual(vector.malformed);
});

test.each(vectors.filter((vector) => vector.error === undefined))(
  "$file: $title: says the same when it is composed again",
  (vector) => {
    const { malformed: _, ...message } = parsed(vector.octets, vector.dialect);
    const octets = composeMessage(message, vector.dialect);
    expect(parsed(octets, vector.dialect)).toEqual({ ...message, malformed: [] });
    expect(Buffer.from(octets).equals(vector.octets)).toBe(vector.composesSame);
  },
);
