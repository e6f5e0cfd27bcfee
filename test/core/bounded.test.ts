import { describe, expect, it } from "vitest";
import { BoundedMap, BoundedQueue } from "../../src/core/bounded.ts";

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
