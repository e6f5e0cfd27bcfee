import { describe, expect, it } from "vitest";
import { DeadlineQueue } from "../../src/core/deadline-queue.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { type Instant, instant, NEVER } from "../../src/core/time.ts";

function drain<T>(queue: DeadlineQueue<T>, now: Instant): T[] {
  const items: T[] = [];
  for (let item = queue.pop(now); item !== undefined; item = queue.pop(now)) items.push(item);
  return items;
}

describe("a deadline queue", () => {
  it("gives items out in the order of their instants", () => {
    const queue = new DeadlineQueue<string>();
    queue.schedule(instant(30), "c");
    queue.schedule(instant(10), "a");
    queue.schedule(instant(20), "b");
    expect(queue.next).toBe(10);
    expect(drain(queue, instant(100))).toEqual(["a", "b", "c"]);
    expect(queue.next).toBe(NEVER);
  });

  it("keeps the order of insertion among equal instants", () => {
    const queue = new DeadlineQueue<number>();
    for (let item = 0; item < 50; item++) queue.schedule(instant(item % 2), item);
    const evens = Array.from({ length: 25 }, (_, index) => index * 2);
    expect(drain(queue, instant(1))).toEqual([...evens, ...evens.map((item) => item + 1)]);
  });

  it("gives out nothing before it is due", () => {
    const queue = new DeadlineQueue<string>();
    queue.schedule(instant(10), "a");
    expect(queue.pop(instant(9))).toBeUndefined();
    expect(queue.pop(instant(10))).toBe("a");
  });

  it("forgets a cancelled item at once, and cancelling it again does nothing", () => {
    const queue = new DeadlineQueue<string>();
    const first = queue.schedule(instant(10), "a");
    queue.schedule(instant(20), "b");
    queue.cancel(first);
    queue.cancel(first);
    expect(queue.size).toBe(1);
    expect(queue.isPending(first)).toBe(false);
    expect(drain(queue, instant(20))).toEqual(["b"]);
  });

  it("stays in order through any sequence of scheduling, moving and cancelling", () => {
    const random = new SeededRandom(7);
    const queue = new DeadlineQueue<number>();
    let live = Array.from({ length: 500 }, (_, item) =>
      queue.schedule(instant(random.integer(0, 1000)), item),
    );
    live = live.map((deadline) => queue.move(deadline, instant(random.integer(0, 1000))));
    const cancelled = live.filter(() => random.integer(0, 2) === 0);
    for (const deadline of cancelled) queue.cancel(deadline);
    const expected = live
      .filter((deadline) => !cancelled.includes(deadline))
      .sort((a, b) => a.at - b.at)
      .map((deadline) => deadline.at);
    const instants = new Map(live.map((deadline) => [deadline.item, deadline.at]));
    expect(drain(queue, instant(1000)).map((item) => instants.get(item))).toEqual(expected);
  });
});
