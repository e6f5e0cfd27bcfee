import { describe, expect, it } from "vitest";
import { DotlocalError } from "../../src/core/errors.ts";
import { EventBuffer } from "../../src/runtime/event-buffer.ts";

async function read<Event>(buffer: EventBuffer<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of buffer) events.push(event);
  return events;
}

describe("events on their way to a reader", () => {
  it("arrive in order, those from before it reads and those from after", async () => {
    const buffer = new EventBuffer<number>();
    buffer.push(1);
    const events = read(buffer);
    buffer.push(2);
    await Promise.resolve();
    buffer.push(3);
    buffer.end();
    buffer.push(4);
    expect(await events).toEqual([1, 2, 3]);
  });

  it("end with an error after what was there before it", async () => {
    const buffer = new EventBuffer<number>();
    buffer.push(1);
    buffer.end(new DotlocalError("SYSTEM", "gone"));
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    await expect(buffer.next()).rejects.toThrow("gone");
    expect(await buffer.next()).toEqual({ done: true, value: undefined });
  });

  it("end with the signal, once, and the source is told", async () => {
    let ends = 0;
    const controller = new AbortController();
    const buffer = new EventBuffer<number>(() => ends++);
    buffer.endWith(controller.signal);
    const events = read(buffer);
    controller.abort();
    expect(await events).toEqual([]);
    buffer.end();
    expect(ends).toBe(1);
  });

  it("end when the reader leaves", async () => {
    let ends = 0;
    const buffer = new EventBuffer<number>(() => ends++);
    buffer.push(1);
    for await (const event of buffer) {
      expect(event).toBe(1);
      break;
    }
    expect(ends).toBe(1);
  });

  it("are not kept without bound for a reader that is too slow", async () => {
    const buffer = new EventBuffer<number>();
    for (let event = 0; event <= 131_072; event++) buffer.push(event);
    let count = 0;
    const reading = (async () => {
      for await (const _ of buffer) count++;
    })();
    await expect(reading).rejects.toThrow(/too slow/);
    expect(count).toBe(131_072);
  });
});
