import { expect, test } from "vitest";
import { type MemoContext, ReplyMemo } from "../../src/servers/stub/reply-memo.ts";
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

function write(memo: ReplyMemo, asked: Uint8Array, context: MemoContext, at = 0): number {
  return memo.write(asked, 0, asked.length, context, into, at);
}

test("a reply is given again with the id of the query, until its time is over", () => {
  const memo = memoWith(query("a.example"));
  const size = write(memo, query("a.example", { id: 0x5678 }), { ...CONTEXT, now: 1499 }, 3);
  expect(Buffer.from(into.subarray(3, 3 + size)).toString("hex")).toBe("56788180aabbcc");
  expect(write(memo, query("a.example"), { ...CONTEXT, now: 1500 })).toBe(0);
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
    expect(write(memo, other, CONTEXT)).toBe(0);
  }
  expect(write(memo, query("a.example"), { ...CONTEXT, epoch: 2 })).toBe(0);
  expect(write(memo, query("a.example"), { ...CONTEXT, way: 0 })).toBe(0);
  expect(write(memo, query("a.example"), CONTEXT)).toBe(REPLY.length);
});

test("large queries and replies are not kept, and thousands of names do not mix", () => {
  const memo = new ReplyMemo();
  const long = query(`${"a".repeat(60)}.${"b".repeat(60)}.example`);
  memo.keep(long, CONTEXT, REPLY, 0, REPLY.length, 1500);
  expect(write(memo, long, CONTEXT)).toBe(0);
  memo.keep(query("a.example"), CONTEXT, new Uint8Array(600), 0, 600, 1500);
  expect(write(memo, query("a.example"), CONTEXT)).toBe(0);
  for (let index = 0; index < 10_000; index++) {
    const asked = query(`host-${index}.example`);
    memo.keep(asked, CONTEXT, asked, 0, asked.length, 1500);
  }
  let known = 0;
  for (let index = 0; index < 10_000; index++) {
    const asked = query(`host-${index}.example`);
    const size = write(memo, asked, CONTEXT);
    if (size === 0) continue;
    if (Buffer.compare(into.subarray(0, size), asked) !== 0) expect.fail(`host-${index}`);
    known++;
  }
  expect(known).toBeGreaterThan(3000);
});

test("a thousand busy names keep their replies beside each other", () => {
  const memo = new ReplyMemo();
  const names = Array.from({ length: 1000 }, (_, index) => query(`host-${index}.example`));
  for (const asked of names) memo.keep(asked, CONTEXT, REPLY, 0, REPLY.length, 1500);
  const known = names.filter((asked) => write(memo, asked, CONTEXT) > 0);
  expect(known.length).toBeGreaterThan(950);
});

test("in a full set what is over, or of an earlier epoch, makes room first", () => {
  const memo = new ReplyMemo();
  const lasting = Array.from({ length: 1000 }, (_, index) => query(`host-${index}.example`));
  for (const asked of lasting) memo.keep(asked, CONTEXT, REPLY, 0, REPLY.length, 9000);
  const kept = lasting.filter((asked) => write(memo, asked, CONTEXT) > 0);
  for (let index = 0; index < 10_000; index++) {
    memo.keep(query(`passing-${index}.example`), CONTEXT, REPLY, 0, REPLY.length, 1001);
  }
  const left = kept.filter((asked) => write(memo, asked, CONTEXT) > 0);
  expect(left.length).toBeGreaterThan(900);
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
