import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { PacedText } from "../../src/runtime/paced-text.ts";

test("a line goes out at once, a thousand that follow it in a few pieces and in order", async () => {
  const written: string[] = [];
  const text = new PacedText((piece) => written.push(piece));
  text.add("first\n");
  await setTimeout(0);
  await expect.poll(() => written, { interval: 1 }).toEqual(["first\n"]);
  const lines = Array.from({ length: 1000 }, (_, index) => `${index}\n`);
  for (const line of lines) text.add(line);
  expect(text.size).toBe(lines.join("").length);
  await expect.poll(() => text.size, { interval: 1 }).toBe(0);
  expect(written.length).toBeLessThan(5);
  expect(written.join("")).toBe(`first\n${lines.join("")}`);
});

test("what is pending is written when it is asked for, and only once", async () => {
  const written: string[] = [];
  const text = new PacedText((piece) => written.push(piece));
  text.add("a");
  text.add("b");
  text.flush();
  expect(written).toEqual(["ab"]);
  await setTimeout(30);
  expect(written).toEqual(["ab"]);
});
