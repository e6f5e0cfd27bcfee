import { describe, expect, it } from "vitest";
import { BoundedMap, BoundedQueue } from "../../src/core/bounded.ts";
import { SeededRandom } from "../../src/core/random.ts";

describe("a bounded map", () => {
  it("drops the least recently used entry to make room, and counts it", () => {
    const evicted: string[] = [];
    const map = new BoundedMap<string, number>(2, (key) => evicted.push(key));
    map.set("a", 1);
    map.set("b", 2);
    map.find("a");
    map.set("c", 3);
    expect([...map.keys()]).toEqual(["a", "c"]);
    expect(evicted).toEqual(["b"]);
    expect(map.evictions).toBe(1);
  });

  it("does not count a look with peek as use", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.peek("a");
    map.set("c", 3);
    expect(map.has("a")).toBe(false);
  });

  it("replaces a value without dropping another", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    expect(map.evictions).toBe(0);
    expect(map.peek("a")).toBe(3);
  });
});

describe("a bounded queue", () => {
  it("refuses beyond its size and counts what it refused", () => {
    const queue = new BoundedQueue<number>(2);
    expect([queue.push(1), queue.push(2), queue.push(3)]).toEqual([true, true, false]);
    expect(queue.refusals).toBe(1);
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([1, 2, undefined]);
  });

  it("keeps its order over many more items than its size", () => {
    const queue = new BoundedQueue<number>(4000);
    const taken: number[] = [];
    for (let item = 0; item < 20_000; item++) {
      queue.push(item);
      if (item % 3 !== 0) taken.push(queue.shift()!);
      if (queue.size > 3000) taken.push(queue.shift()!);
    }
    expect(taken).toEqual(taken.map((_, index) => index));
  });
});

it("a map drops what was used longest ago, whatever was found, deleted and set again before", () => {
  const random = new SeededRandom(7);
  const dropped: number[] = [];
  const map = new BoundedMap<number, number>(8, (key) => dropped.push(key));
  /** Keys as they were used, the latest last. */
  let used: number[] = [];
  const expected: number[] = [];
  for (let step = 0; step < 5000; step++) {
    const key = random.integer(0, 15);
    const isKnown = used.includes(key);
    const others = used.filter((other) => other !== key);
    const action = random.integer(0, 9);
    if (action < 3) {
      expect(map.find(key)).toBe(isKnown ? key : undefined);
      used = isKnown ? [...others, key] : others;
    } else if (action < 4) {
      map.delete(key);
      used = others;
    } else {
      if (!isKnown && others.length === 8) expected.push(others.shift()!);
      map.set(key, key);
      used = [...others, key];
    }
    if (step === 2500) {
      map.clear();
      used = [];
    }
  }
  expect([...map.keys()]).toEqual(used);
  expect(dropped).toEqual(expected);
});
