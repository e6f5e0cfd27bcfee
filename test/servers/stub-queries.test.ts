import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { PlainQuery } from "../../src/servers/stub/plain-query.ts";
import { Flag, RecordClass, RecordType, ResponseCode } from "../../src/wire/constants.ts";
import { type Edns, ednsOf, extendedErrorsOf, responseCodeOf } from "../../src/wire/edns.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import {
  addressAnswer,
  answer,
  codeOf,
  hex,
  message,
  query,
  record,
  TestStub,
  UdpClient,
} from "./stub-kit.ts";

const { NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS } = ResponseCode;

function edns(reply: Message): Edns {
  const found = ednsOf(reply);
  if (typeof found === "string") throw new Error(`EDNS is ${found}`);
  return found;
}

async function ask(octets: Uint8Array): Promise<Message> {
  await using stub = await TestStub.start();
  return await stub.ask(octets);
}

/** The header of a query with these counts of questions and records. */
function header(flags: number, ...counts: readonly number[]): string {
  return ["1234", ...[flags, ...counts].map((word) => word.toString(16).padStart(4, "0"))].join("");
}

const NODE_1 = "06 6e6f64652d31 07 6578616d706c65 00 0001 0001";
const OPT = "00 0029 04d0 00000000 0000";

describe("a query over UDP", () => {
  test("is answered with the records, the question as it was spelt and the flags given", async () => {
    const reply = await ask(query("NoDe-1.example"));
    expect(reply).toMatchObject({ id: 0x1234, flags: Flag.QR | Flag.RD | Flag.RA | NXDOMAIN });
    const known = await ask(query("node-1.example"));
    expect(known.flags).toBe(Flag.QR | Flag.RD | Flag.RA);
    expect(known.questions[0]!.name.toString()).toBe("node-1.example");
    expect(known.answers.map(formatRecord)).toEqual(["node-1.example. 300 IN A 192.0.2.1"]);
    expect(known.additionals).toEqual([]);
  });

  test("tells a name that does not exist from one without records of the type", async () => {
    await using stub = await TestStub.start();
    const soa = record("example. 60 IN SOA ns.example. admin.example. 1 2 3 4 60");
    stub.answerer.answers.set("typeless.example", answer({ authorities: [soa] }));
    expect(codeOf(await stub.ask(query("absent.example")))).toBe(NXDOMAIN);
    const empty = await stub.ask(query("typeless.example"));
    expect(codeOf(empty)).toBe(NOERROR);
    expect(empty.answers).toEqual([]);
    expect(empty.authorities).toHaveLength(1);
  });

  test("reaches whoever knows with DO, CD, RD and AD as they were set", async () => {
    await using stub = await TestStub.start();
    await stub.ask(query("a.example", { flags: 0 }));
    await stub.ask(
      query("b.example", {
        flags: Flag.RD | Flag.CD | Flag.AD,
        type: RecordType.ANY,
        edns: { dnssecOk: true },
      }),
    );
    expect(stub.answerer.questions).toMatchObject([
      {
        dnssecOk: false,
        checkingDisabled: false,
        recursionDesired: false,
        authenticDataWanted: false,
      },
      {
        type: 255,
        dnssecOk: true,
        checkingDisabled: true,
        recursionDesired: true,
        authenticDataWanted: true,
      },
    ]);
  });

  test("gets AA as given; AD only when it says that it understands it (RFC 6840 §5.7)", async () => {
    await using stub = await TestStub.start();
    const flags = Flag.AA | Flag.RA | Flag.AD;
    stub.answerer.answers.set("own.local", { ...addressAnswer("own.local"), flags });
    const without = await stub.ask(query("own.local"));
    expect(without.flags).toBe(Flag.QR | Flag.AA | Flag.RD | Flag.RA);
    const byFlag = await stub.ask(query("own.local", { flags: Flag.AD | Flag.CD }));
    expect(byFlag.flags).toBe(Flag.QR | Flag.AA | Flag.RA | Flag.AD | Flag.CD);
    const byDo = await stub.ask(query("own.local", { edns: { dnssecOk: true } }));
    expect(byDo.flags & Flag.AD).toBe(Flag.AD);
  });

  test("gets SERVFAIL when answering it throws, and the fault is told", async () => {
    await using stub = await TestStub.start();
    stub.answerer.answers.set("fault.example", new TypeError("a fault"));
    expect(codeOf(await stub.ask(query("fault.example")))).toBe(SERVFAIL);
    expect(stub.faults).toHaveLength(1);
    const unwritable = { ...record("fault.example. 1 IN A 192.0.2.1"), type: RecordType.MX };
    stub.answerer.answers.set("fault.example", answer({ answers: [unwritable] }));
    expect(codeOf(await stub.ask(query("fault.example")))).toBe(SERVFAIL);
  });

  test.each([
    ["an operation other than QUERY", `${header(0x2000, 1, 0, 0, 0)} ${NODE_1}`, NOTIMP],
    ["an UPDATE that is none", header(0x2800, 9, 9, 9, 9), NOTIMP],
    ["no question", header(Flag.RD, 0, 0, 0, 0), FORMERR],
    ["two questions", `${header(Flag.RD, 2, 0, 0, 0)} ${NODE_1} ${NODE_1}`, FORMERR],
    ["a question cut short", `${header(Flag.RD, 1, 0, 0, 0)} 066e6f`, FORMERR],
    ["a name that points to itself", `${header(Flag.RD, 1, 0, 0, 0)} c00c 0001 0001`, FORMERR],
    ["a label of an unknown kind", `${header(Flag.RD, 1, 0, 0, 0)} 41 00 0001 0001`, FORMERR],
    [
      "a name of 256 octets",
      `${header(Flag.RD, 1, 0, 0, 0)} ${`3f${"61".repeat(63)}`.repeat(4)} 00 0001 0001`,
      FORMERR,
    ],
    [
      "an answer",
      `${header(Flag.RD, 1, 1, 0, 0)} ${NODE_1} c00c 0001 0001 00000001 0004 c0000201`,
      FORMERR,
    ],
    ["a record that is not there", `${header(Flag.RD, 1, 0, 0, 1)} ${NODE_1}`, FORMERR],
    ["two OPT records", `${header(Flag.RD, 1, 0, 0, 2)} ${NODE_1} ${OPT} ${OPT}`, FORMERR],
    [
      "an OPT record of a name",
      `${header(Flag.RD, 1, 0, 0, 1)} ${NODE_1} 016100 0029 04d0 00000000 0000`,
      FORMERR,
    ],
    [
      "an EDNS option cut short",
      `${header(Flag.RD, 1, 0, 0, 1)} ${NODE_1} 00 0029 04d0 00000000 0005 000a 0008 01`,
      FORMERR,
    ],
    ["the type OPT", `${header(Flag.RD, 1, 0, 0, 0)} 00 0029 0001`, FORMERR],
    ["the type AXFR", `${header(Flag.RD, 1, 0, 0, 0)} 00 00fc 0001`, REFUSED],
    [
      "the type IXFR with its SOA",
      `${header(Flag.RD, 1, 0, 1, 0)} 00 00fb 0001 00 0006 0001 00000000 0016 00 00 ${"00".repeat(20)}`,
      REFUSED,
    ],
    ["the class HS", `${header(Flag.RD, 1, 0, 0, 0)} 00 0001 0004`, REFUSED],
    ["the class ANY", `${header(Flag.RD, 1, 0, 0, 0)} 00 0001 00ff`, REFUSED],
  ])("with %s gets its response code and nothing is asked", async (_title, text, code) => {
    await using stub = await TestStub.start();
    const reply = await stub.ask(hex(text));
    expect(codeOf(reply)).toBe(code);
    expect(reply.id).toBe(0x1234);
    expect(reply.flags & Flag.OPCODE).toBe((hex(text)[2]! << 8) & Flag.OPCODE);
    expect(reply.answers).toEqual([]);
    expect(stub.answerer.questions).toEqual([]);
    expect(stub.faults).toEqual([]);
  });

  test.each([
    ["a response", `${header(Flag.QR, 1, 0, 0, 0)} ${NODE_1}`],
    ["less than a header", "1234 0100 0001"],
    ["nothing", ""],
  ])("that is %s is ignored", async (_title, text) => {
    await using stub = await TestStub.start();
    await using client = await UdpClient.open(stub);
    client.send(hex(text));
    client.send(query("node-1.example", { id: 7 }));
    expect(message(await client.next()).id).toBe(7);
    expect(stub.listener.counters).toMatchObject({ "ignored-messages": 1 });
  });

  test("with octets behind it is answered all the same", async () => {
    const padded = Buffer.concat([query("node-1.example"), hex("0000")]);
    expect((await ask(padded)).answers).toHaveLength(1);
  });

  test("RFC 4892 §2: of the class CH is told the program and the host, and nothing else", async () => {
    await using stub = await TestStub.start();
    const chaos = { type: RecordType.TXT, class: RecordClass.CH };
    const version = await stub.ask(query("version.bind", chaos));
    expect(version.answers.map(formatRecord)).toEqual([
      'version.bind. 0 CH TXT "dotlocal development"',
    ]);
    const id = await stub.ask(query("id.server", chaos));
    expect(id.answers.map(formatRecord)).toEqual([`id.server. 0 CH TXT "${hostname()}"`]);
    expect((await stub.ask(query("id.server", { class: 3 }))).answers).toEqual([]);
    expect(codeOf(await stub.ask(query("authors.bind", chaos)))).toBe(REFUSED);
    expect(stub.answerer.questions).toEqual([]);
  });
});

describe("EDNS", () => {
  test("RFC 6891 §7: is in the reply exactly when it is in the query, with DO as it was", async () => {
    await using stub = await TestStub.start();
    expect(ednsOf(await stub.ask(query("node-1.example")))).toBe("absent");
    expect(ednsOf(await stub.ask(query("absent.example", { edns: {} })))).toMatchObject({
      payloadSize: 8192,
      version: 0,
      dnssecOk: false,
      options: [],
    });
    const withDo = await stub.ask(query("node-1.example", { edns: { dnssecOk: true } }));
    expect(edns(withDo).dnssecOk).toBe(true);
  });

  test("RFC 6891 §6.1.3: of a later version gets BADVERS and ours, whatever is asked", async () => {
    await using stub = await TestStub.start();
    const reply = await stub.ask(query("node-1.example", { edns: { version: 1 } }));
    expect(responseCodeOf(reply)).toBe(BADVERS);
    expect(edns(reply).version).toBe(0);
    expect(stub.answerer.questions).toEqual([]);
  });

  test("RFC 6891 §6.1.2: options that nobody knows are ignored", async () => {
    const options = [{ code: 65_001, data: Uint8Array.of(1, 2, 3) }];
    const reply = await ask(query("node-1.example", { edns: { options } }));
    expect(reply.answers).toHaveLength(1);
    expect(edns(reply).options).toEqual([]);
  });

  test("RFC 8914 §3: tells those that speak it what went wrong", async () => {
    await using stub = await TestStub.start();
    const extendedErrors = [{ code: 22, text: "x".repeat(500) }];
    const failure = answer({ responseCode: SERVFAIL, extendedErrors });
    stub.answerer.answers.set("unreachable.example", failure);
    const reply = await stub.ask(query("unreachable.example", { edns: {} }));
    expect(extendedErrorsOf(edns(reply))).toEqual([{ code: 22, text: "x".repeat(100) }]);
    expect((await stub.ask(query("unreachable.example"))).additionals).toEqual([]);
  });

  test("RFC 6891 §6.1.3: response codes that need it are SERVFAIL to others", async () => {
    await using stub = await TestStub.start();
    stub.answerer.answers.set("odd.example", answer({ responseCode: 23 }));
    expect(responseCodeOf(await stub.ask(query("odd.example", { edns: {} })))).toBe(23);
    expect(codeOf(await stub.ask(query("odd.example")))).toBe(SERVFAIL);
  });
});

describe("a reply that is too large for UDP", () => {
  /** Records of 16 octets each, with the owner name compressed. */
  function sized(count: number): ReturnType<typeof answer> {
    const addresses = Array.from({ length: count }, (_, index) =>
      record(`big.example. 300 IN A 192.0.${index >> 8}.${index & 255}`),
    );
    const extra = record("extra.example. 300 IN A 192.0.2.9");
    return answer({ answers: addresses, additionals: [extra] });
  }

  async function askSized(count: number, payloadSize?: number, address?: string) {
    await using stub = await TestStub.start(address === undefined ? {} : { address });
    stub.answerer.answers.set("big.example", sized(count));
    await using client = await UdpClient.open(stub);
    client.send(query("big.example", payloadSize === undefined ? {} : { edns: { payloadSize } }));
    const octets = await client.next();
    return { size: octets.length, reply: message(octets) };
  }

  test("RFC 1035 §4.2.1: is cut at 512 octets with TC for those without EDNS", async () => {
    const { size, reply } = await askSized(40);
    expect(size).toBeLessThanOrEqual(512);
    expect(reply.flags & Flag.TC).toBe(Flag.TC);
    expect(reply.answers).toEqual([]);
  });

  test("RFC 6891 §6.2.3: is cut at the client's size, which is 512 at the least", async () => {
    expect((await askSized(40, 100)).reply.flags & Flag.TC).toBe(Flag.TC);
    expect((await askSized(25, 100)).reply.flags & Flag.TC).toBe(0);
    const cut = await askSized(100, 1232);
    expect(cut.reply.flags & Flag.TC).toBe(Flag.TC);
    expect(ednsOf(cut.reply)).toMatchObject({ payloadSize: 8192 });
  });

  test("is whole up to 8192 octets on loopback for those that take them", async () => {
    const whole = await askSized(400, 65_000);
    expect(whole.reply.answers).toHaveLength(400);
    const cut = await askSized(600, 65_000);
    expect(cut.reply.flags & Flag.TC).toBe(Flag.TC);
    expect(cut.size).toBeLessThanOrEqual(8192);
  });

  test("RFC 2181 §9: has no TC when additional records alone are missing", async () => {
    const { reply } = await askSized(29);
    expect(reply.flags & Flag.TC).toBe(0);
    expect(reply.answers).toHaveLength(29);
    expect(reply.additionals).toEqual([]);
  });
});

describe("a reply that is known already", () => {
  async function cachedReply(name: string, count = 1): Promise<Uint8Array> {
    await using stub = await TestStub.start();
    const addresses = Array.from({ length: count }, (_, index) =>
      record(`${name}. 300 IN A 192.0.2.${index}`),
    );
    stub.answerer.answers.set(name, answer({ answers: addresses }));
    await using client = await UdpClient.open(stub);
    client.send(query(name, { edns: { payloadSize: 4096 } }));
    // Its OPT record is the last eleven octets.
    const octets = (await client.next()).slice(0, -11);
    octets[11] = 0;
    return octets;
  }

  test("goes out without anybody being asked, with an OPT record for those who speak EDNS", async () => {
    const octets = await cachedReply("cached.example");
    await using stub = await TestStub.start();
    stub.answerer.cached.set("cached.example", octets);
    const plain = await stub.ask(query("cached.example", { id: 5 }));
    expect(plain).toMatchObject({ id: 5, additionals: [] });
    expect(plain.answers.map(formatRecord)).toEqual(["cached.example. 300 IN A 192.0.2.0"]);
    const withEdns = await stub.ask(query("cached.example", { edns: { dnssecOk: true } }));
    expect(withEdns.answers).toHaveLength(1);
    expect(edns(withEdns)).toMatchObject({ payloadSize: 8192, dnssecOk: true, version: 0 });
    expect(stub.answerer.questions).toEqual([]);
    expect(stub.listener.counters).toMatchObject({ "udp-queries": 2, "cached-replies": 2 });
  });

  test("is cut with TC where it does not fit", async () => {
    const octets = await cachedReply("large.example", 50);
    await using stub = await TestStub.start();
    stub.answerer.cached.set("large.example", octets);
    const cut = await stub.ask(query("large.example"));
    expect(cut.flags & Flag.TC).toBe(Flag.TC);
    expect(cut.answers).toEqual([]);
    expect(ednsOf(cut)).toBe("absent");
    const withEdns = await stub.ask(query("large.example", { edns: { payloadSize: 512 } }));
    expect(withEdns.flags & Flag.TC).toBe(Flag.TC);
    expect(edns(withEdns).payloadSize).toBe(8192);
    const whole = await stub.ask(query("large.example", { edns: { payloadSize: 1232 } }));
    expect(whole.answers).toHaveLength(50);
  });
});

describe("a query is plain", () => {
  const plain = (octets: Uint8Array) => new PlainQuery().read(octets);

  test("with one question, and EDNS or not", () => {
    expect(plain(query("a.example"))).toBe(true);
    expect(plain(query("a.example", { edns: { dnssecOk: true } }))).toBe(true);
    const cookie = { code: 10, data: new Uint8Array(8) };
    expect(plain(query("a.example", { edns: { options: [cookie] } }))).toBe(true);
    expect(plain(query("."))).toBe(true);
  });

  test("not when anything about it is out of the ordinary", () => {
    const ordinary = query("a.example", { edns: {} });
    for (let size = 0; size < ordinary.length; size++) {
      expect(plain(ordinary.subarray(0, size)), `cut at ${size}`).toBe(false);
    }
    expect(plain(Buffer.concat([ordinary, hex("00")]))).toBe(false);
    expect(plain(query("a.example", { class: 3 }))).toBe(false);
    expect(plain(query("a.example", { flags: Flag.QR }))).toBe(false);
    expect(plain(query("a.example", { flags: 0x2000 }))).toBe(false);
    expect(plain(query("a.example", { edns: { version: 1 } }))).toBe(false);
    const keepalive = { code: 11, data: new Uint8Array(0) };
    expect(plain(query("a.example", { edns: { options: [keepalive] } }))).toBe(false);
    const twice = { name: Name.ROOT, type: 1, class: 1, unicastResponse: false };
    expect(plain(query(".", { questions: [twice, twice] }))).toBe(false);
  });

  test("and its fields are read as the parser reads them", () => {
    const read = new PlainQuery();
    read.read(query("a.example", { flags: Flag.CD, edns: { payloadSize: 4096, dnssecOk: true } }));
    expect(read).toMatchObject({ hasEdns: true, dnssecOk: true, checkingDisabled: true });
    expect(read).toMatchObject({ payloadSize: 4096, questionEnd: 27 });
    read.read(query("a.example"));
    expect(read).toMatchObject({ hasEdns: false, dnssecOk: false, checkingDisabled: false });
    expect(read.payloadSize).toBe(512);
  });
});
