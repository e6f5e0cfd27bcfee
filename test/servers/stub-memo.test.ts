import { expect, test } from "vitest";
import { ReplyMemo } from "../../src/servers/stub/reply-memo.ts";
import { Flag } from "../../src/wire/constants.ts";
import { hex, query, TestStub } from "./stub-kit.ts";

const CONTEXT = { way: 8192, epoch: 1, now: 1000 };
const REPLY = hex("1234 8180 aabbcc");

function memoWith(asked: Uint8Array): ReplyMemo {
  const memo = new ReplyMemo();
  memo.keep(asked, CONTEXT, REPLY, 0, REPLY.length, 1500);
  return memo;
}

const into = new Uint8Array(1024);

test("a reply is given again with the id of the query, until its time is over", () => {
  const memo = memoWith(query("a.example"));
  const size = memo.write(query("a.example", { id: 0x5678 }), { ...CONTEXT, now: 1499 }, into, 3);
  expect(Buffer.from(into.subarray(3, 3 + size)).toString("hex")).toBe("56788180aabbcc");
  expect(memo.write(query("a.example"), { ...CONTEXT, now: 1500 }, into, 0)).toBe(0);
});

test("only to the very same query, in the same epoch, by the same way", () => {
  const memo = memoWith(query("a.example"));
  for (const other of [
    query("A.example"),
    query("b.example"),
    query("a.example", { type: 28 }),
    query("a.example", { flags: Flag.RD | Flag.CD }),
    query("a.example", { edns: {} }),
  ]) {
    expect(memo.write(other, CONTEXT, into, 0)).toBe(0);
  }
  expect(memo.write(query("a.example"), { ...CONTEXT, epoch: 2 }, into, 0)).toBe(0);
  expect(memo.write(query("a.example"), { ...CONTEXT, way: 0 }, into, 0)).toBe(0);
  expect(memo.write(query("a.example"), CONTEXT, into, 0)).toBe(REPLY.length);
});

test("large queries and replies are not kept, and thousands of names do not mix", () => {
  const memo = new ReplyMemo();
  const long = query(`${"a".repeat(60)}.${"b".repeat(60)}.example`);
  memo.keep(long, CONTEXT, REPLY, 0, REPLY.length, 1500);
  expect(memo.write(long, CONTEXT, into, 0)).toBe(0);
  memo.keep(query("a.example"), CONTEXT, new Uint8Array(600), 0, 600, 1500);
  expect(memo.write(query("a.example"), CONTEXT, into, 0)).toBe(0);
  let known = 0;
  for (let index = 0; index < 10_000; index++) {
    const asked = query(`host-${index}.example`);
    memo.keep(asked, CONTEXT, asked, 0, asked.length, 1500);
  }
  for (let index = 0; index < 10_000; index++) {
    const asked = query(`host-${index}.example`);
    const size = memo.write(asked, CONTEXT, into, 0);
    if (size === 0) continue;
    expect(into.subarray(0, size)).toEqual(asked);
    known++;
  }
  expect(known).toBeGreaterThan(2000);
});

test("the stub gives a cached reply again while it holds, counts it, and asks in a new epoch", async () => {
  await using stub = await TestStub.start();
  const { answerer } = stub;
  const reply = (flags: number) => query("cached.example", { flags: Flag.QR | flags });
  answerer.cached.set("cached.example", reply(Flag.RA));
  answerer.validFor = 60_000;
  const ask = async (id: number) => (await stub.ask(query("cached.example", { id }))).flags;
  expect(await ask(1)).toBe(Flag.QR | Flag.RA);
  answerer.cached.set("cached.example", reply(Flag.AA));
  expect(await ask(2)).toBe(Flag.QR | Flag.RA);
  answerer.epoch++;
  expect(await ask(3)).toBe(Flag.QR | Flag.AA);
  expect(answerer.repeated).toBe(1);
  expect(stub.listener.counters).toMatchObject({ "udp-queries": 3, "cached-replies": 3 });
});
