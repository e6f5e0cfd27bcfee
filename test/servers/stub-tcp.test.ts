import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Flag, RecordType, ResponseCode } from "../../src/wire/constants.ts";
import { type Edns, ednsOf } from "../../src/wire/edns.ts";
import type { Message } from "../../src/wire/message.ts";
import {
  addressAnswer,
  answer,
  codeOf,
  framed,
  hex,
  query,
  record,
  TcpClient,
  TestStub,
} from "./stub-kit.ts";

const KEEPALIVE = 11;

/** Octets of a TXT record that fill a megabyte soon. */
const LARGE = answer({
  answers: Array.from({ length: 200 }, (_, index) =>
    record(`large.example. 300 IN TXT "${index}${"x".repeat(250)}"`),
  ),
});

function nameOf({ questions }: Message): string {
  return questions[0]!.name.toString();
}

test("RFC 7766 §8: a query is answered however its octets are cut", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  const octets = Buffer.concat([framed(query("node-1.example")), framed(query("absent.example"))]);
  for (const octet of octets) {
    client.socket.write(Uint8Array.of(octet));
    await setTimeout(0);
  }
  expect((await client.next()).answers).toHaveLength(1);
  expect(codeOf(await client.next())).toBe(ResponseCode.NXDOMAIN);
});

test("RFC 7766 §6.2.1.1: an answer that takes longer does not hold up those behind it", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(query("slow.example"), query("node-1.example"));
  expect(nameOf(await client.next())).toBe("node-1.example");
  stub.answerer.waiting[0]!.resolve(addressAnswer("slow.example"));
  expect(nameOf(await client.next())).toBe("slow.example");
});

test("what is known already comes in one piece for many queries", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(query("node-1.example"));
  await client.next();
  const known = query("node-1.example", { flags: Flag.QR | Flag.RA });
  stub.answerer.cached.set("node-1.example", known);
  client.send(...Array.from({ length: 500 }, (_, id) => query("node-1.example", { id })));
  for (let id = 0; id < 500; id++) expect((await client.next()).id).toBe(id);
  expect(stub.answerer.questions).toHaveLength(1);
});

test("a reply is whole however large, and ignores the UDP size of the client's EDNS", async () => {
  await using stub = await TestStub.start();
  stub.answerer.answers.set("large.example", LARGE);
  using client = await TcpClient.open(stub);
  client.send(query("large.example", { type: RecordType.TXT, edns: { payloadSize: 512 } }));
  const reply = await client.next();
  expect(reply.answers).toHaveLength(200);
  expect(reply.flags & Flag.TC).toBe(0);
});

test("RFC 7828 §3.3.2: a client that asks is told how long its connection may be idle", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  const options = [{ code: KEEPALIVE, data: new Uint8Array(0) }];
  client.send(query("node-1.example", { edns: { options } }));
  const { options: told } = ednsOf(await client.next()) as Edns;
  expect(told).toEqual([{ code: KEEPALIVE, data: Uint8Array.of(0, 100) }]);
  expect(ednsOf(await stub.ask(query("node-1.example", { edns: { options } })))).toMatchObject({
    options: [],
  });
});

test("what is no query is ignored or refused, and the connection goes on", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(hex(""), hex("00"), query("node-1.example", { flags: Flag.QR }));
  client.send(hex("4321 0100 0001 0000 0000 0000 ff"), query("node-1.example"));
  const formatError = await client.next();
  expect(formatError).toMatchObject({ id: 0x4321 });
  expect(codeOf(formatError)).toBe(ResponseCode.FORMERR);
  expect((await client.next()).answers).toHaveLength(1);
});

test("RFC 7766 §6.2.3: an idle connection is closed, one that waits for an answer is not", async () => {
  await using stub = await TestStub.start({ idleTimeout: 1 });
  using waiting = await TcpClient.open(stub);
  using idle = await TcpClient.open(stub);
  using dribbling = await TcpClient.open(stub);
  dribbling.socket.write(Uint8Array.of(0));
  waiting.send(query("slow.example"));
  await Promise.all([idle.ended, dribbling.ended]);
  stub.answerer.waiting[0]!.resolve(addressAnswer("slow.example"));
  expect(nameOf(await waiting.next())).toBe("slow.example");
});

test("a query that waited while the whole process stood still is answered all the same", async () => {
  await using stub = await TestStub.start({ idleTimeout: 200 });
  using client = await TcpClient.open(stub);
  client.send(query("node-1.example", { id: 1 }));
  expect((await client.next()).id).toBe(1);
  client.send(query("node-1.example", { id: 2 }));
  // Longer than until the next look for idle connections, which then comes first.
  const end = performance.now() + 1_500;
  while (performance.now() < end);
  expect((await client.next()).id).toBe(2);
});

test("a client that closes its side still gets what it asked for", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(query("slow.example"));
  client.socket.end();
  await vi.waitFor(() => expect(stub.answerer.waiting).toHaveLength(1));
  await setTimeout(20);
  stub.answerer.waiting[0]!.resolve(addressAnswer("slow.example"));
  expect((await client.next()).answers).toHaveLength(1);
  await client.ended;
});

test("a client that is gone has its questions given up", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(query("slow-1.example"), query("slow-2.example"));
  await vi.waitFor(() => expect(stub.answerer.waiting).toHaveLength(2));
  client.socket.resetAndDestroy();
  await vi.waitFor(() => expect(stub.answerer.aborted).toBe(2));
  expect(stub.listener.pendingCount).toBe(0);
  expect(stub.listener.connectionCount).toBe(0);
});

test("no more than a hundred queries of a connection are under way, and none is lost", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  const count = 250;
  client.send(...Array.from({ length: count }, (_, id) => query(`slow-${id}.example`, { id })));
  const answered = new Set<number>();
  while (answered.size < count) {
    await vi.waitFor(() => expect(stub.answerer.waiting).not.toHaveLength(0));
    await setTimeout(5);
    const waiting = stub.answerer.waiting.splice(0);
    expect(waiting.length).toBeLessThanOrEqual(100);
    for (const { question, resolve } of waiting) {
      resolve(addressAnswer(question.name.toString()));
      answered.add((await client.next()).id);
    }
  }
  expect(stub.answerer.questions).toHaveLength(count);
});

test("a client that does not read its replies is cut off", async () => {
  await using stub = await TestStub.start();
  stub.answerer.answers.set("large.example", LARGE);
  const socket = connect(stub.port, stub.address);
  socket.on("error", () => {});
  socket.pause();
  const large = framed(query("large.example", { type: RecordType.TXT }));
  const asking = setInterval(() => socket.write(Buffer.concat(Array(50).fill(large))), 5);
  await vi.waitFor(() => expect(stub.listener.counters["slow-readers"]).toBe(1), 5000);
  clearInterval(asking);
  await vi.waitFor(() => expect(stub.listener.connectionCount).toBe(0));
  socket.destroy();
});

test("too many connections cost the one that has been idle for the longest its place", async () => {
  await using stub = await TestStub.start({ connections: { countMax: 2 } });
  using first = await TcpClient.open(stub);
  using second = await TcpClient.open(stub);
  second.send(query("slow.example"));
  await vi.waitFor(() => expect(stub.answerer.waiting).toHaveLength(1));
  using third = await TcpClient.open(stub);
  await Promise.all([first.ended, third.ended]);
  first.socket.destroy();
  await vi.waitFor(() => expect(stub.listener.connectionCount).toBe(1));
  using fourth = await TcpClient.open(stub);
  fourth.send(query("node-1.example"));
  expect((await fourth.next()).answers).toHaveLength(1);
  stub.answerer.waiting[0]!.resolve(addressAnswer("slow.example"));
  expect(nameOf(await second.next())).toBe("slow.example");
});

test("closing the stub ends its connections and gives up what is under way", async () => {
  await using stub = await TestStub.start();
  using client = await TcpClient.open(stub);
  client.send(query("slow.example"));
  await vi.waitFor(() => expect(stub.answerer.waiting).toHaveLength(1));
  await stub.listener.close();
  await client.ended;
  expect(stub.answerer.aborted).toBe(1);
  expect(stub.listener.pendingCount).toBe(0);
});
