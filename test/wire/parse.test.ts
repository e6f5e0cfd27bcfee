import { describe, expect, test } from "vitest";
import { parseMessage } from "../../src/wire/parse.ts";
import { hexadecimal, parsed } from "./kit.ts";

/** A header with these counts, and what follows. */
function octetsOf(counts: readonly number[], ...parts: readonly Uint8Array[]): Uint8Array {
  const header = [0, 0, 0x84, 0, ...counts.flatMap((count) => [count >> 8, count & 0xff])];
  return Uint8Array.of(...header, ...parts.flatMap((part) => [...part]));
}

function errorOf(octets: Uint8Array): string {
  const result = parseMessage(octets, "mdns");
  return result.ok ? "none" : result.error.code;
}

describe("names", () => {
  test("1500 pointers in a row are refused without following them all", () => {
    const pointers = new Uint8Array(2 * 1500);
    for (let index = 1; index < 1500; index++) {
      const target = 12 + 11 + 2 * (index - 1);
      pointers[2 * index] = 0xc0 | (target >> 8);
      pointers[2 * index + 1] = target & 0xff;
    }
    const record = hexadecimal(
      `00 ff00 0001 00000001 ${pointers.length.toString(16).padStart(4, "0")}`,
    );
    const last = Uint8Array.of(0xc0 | ((21 + 3000) >> 8), (21 + 3000) & 0xff, 0, 1, 0, 1);
    expect(errorOf(octetsOf([0, 1, 0, 0], record, pointers))).toBe("none");
    const question = octetsOf([0, 2, 0, 0], record, pointers, last);
    expect(errorOf(question)).toBe("POINTER_CHAIN");
  });

  test("a name of 127 labels, each behind a pointer of its own, is read", () => {
    const records: Uint8Array[] = [];
    let offset = 12;
    let previous = -1;
    for (let index = 0; index < 127; index++) {
      const end = previous < 0 ? [0] : [0xc0 | (previous >> 8), previous & 0xff];
      const record = Uint8Array.of(1, 0x61, ...end, 0xff, 0, 0, 1, 0, 0, 0, 1, 0, 0);
      records.push(record);
      previous = offset;
      offset += record.length;
    }
    const message = parsed(octetsOf([0, 127, 0, 0], ...records));
    expect(message.answers.at(-1)?.name.octets.length).toBe(255);
    expect(message.answers.at(-1)?.name.labelCount).toBe(127);
  });

  test("names that are the same place in a message are the same object", () => {
    const message = parsed(
      octetsOf([0, 1, 0, 0], hexadecimal("0161 00 000c 0001 00000001 0002 c00c")),
    );
    const [answer] = message.answers;
    expect(answer?.data).toEqual({ kind: "PTR", name: answer?.name });
    expect(answer?.data.kind === "PTR" && answer.data.name).toBe(answer?.name);
  });
});

test("what is read does not change when the buffer is used again", () => {
  const octets = octetsOf(
    [0, 3, 0, 0],
    hexadecimal("0178 00 0010 0001 00000001 0003 026869"),
    hexadecimal("c00c 0001 0001 00000001 0004 c0000201"),
    hexadecimal("c00c ff00 0001 00000001 0002 1234"),
  );
  const message = parsed(octets);
  const before = structuredClone(message);
  octets.fill(0xff);
  parsed(octetsOf([1, 0, 0, 0], hexadecimal("0179 00 0001 0001")));
  expect(structuredClone(message)).toEqual(before);
  for (const { data } of message.answers) {
    if (data.kind === "TXT") expect(data.strings[0]?.buffer.byteLength).toBe(2);
    if (data.kind === "UNKNOWN") expect(data.octets.buffer.byteLength).toBe(2);
  }
});

test("a Buffer of a pool is read as plain octets", () => {
  const octets = octetsOf([0, 1, 0, 0], hexadecimal("0178 00 0010 0001 00000001 0003 026869"));
  const message = parsed(Buffer.from(octets));
  const { data } = message.answers[0]!;
  expect(data).toEqual({ kind: "TXT", strings: [Uint8Array.of(0x68, 0x69)] });
  expect(data.kind === "TXT" && Buffer.isBuffer(data.strings[0])).toBe(false);
});

describe("the top bit of the class", () => {
  const octets = octetsOf(
    [1, 1, 0, 1],
    hexadecimal("0178 00 0001 8001"),
    hexadecimal("c00c 0001 8001 00000001 0004 c0000201"),
    hexadecimal("00 0029 8200 80000000 0000"),
  );

  test("RFC 6762 §18.12, §18.13: it is QU and cache-flush on mDNS, but not in OPT", () => {
    const message = parsed(octets, "mdns");
    expect(message.questions[0]).toMatchObject({ class: 1, unicastResponse: true });
    expect(message.answers[0]).toMatchObject({ class: 1, cacheFlush: true });
    expect(message.additionals[0]).toMatchObject({ class: 0x8200, cacheFlush: false });
  });

  test("it is part of the class in unicast DNS", () => {
    const message = parsed(octets, "dns");
    expect(message.questions[0]).toMatchObject({ class: 0x8001, unicastResponse: false });
    expect(message.answers[0]).toMatchObject({ class: 0x8001, cacheFlush: false });
  });

  test("RFC 6891 §6.1.3: the ttl of OPT keeps its top bit", () => {
    expect(parsed(octets, "dns").additionals[0]?.ttl).toBe(0x80000000);
  });
});

test("RFC 6762 §6.1: an NSEC record that cannot be parsed costs no other record", () => {
  const message = parsed(
    octetsOf(
      [0, 2, 0, 1],
      hexadecimal("0178 00 0001 8001 00000078 0004 c0000201"),
      hexadecimal("c00c 002f 8001 00000078 0005 c00c 00ff40"),
      hexadecimal("c00c 001c 8001 00000078 0010 fe800000000000000000000000000001"),
    ),
  );
  expect(message.answers.map((record) => record.type)).toEqual([1]);
  expect(message.additionals.map((record) => record.type)).toEqual([28]);
  expect(message.malformed).toEqual([{ code: "RECORD_DATA_VALUE", offset: 45 }]);
});

describe("large messages", () => {
  test("a TXT record of nearly 64 KiB is read", () => {
    const size = 255 * 256;
    const strings = new Uint8Array(size);
    for (let at = 0; at < size; at += 256) strings[at] = 255;
    const head = hexadecimal(`00 0010 0001 00000001 ${size.toString(16)}`);
    const octets = new Uint8Array([...octetsOf([0, 1, 0, 0], head), ...strings]);
    const [answer] = parsed(octets).answers;
    expect(answer?.data.kind === "TXT" && answer.data.strings.length).toBe(255);
  });

  test("RFC 1035 §4.2.2: more than 65535 octets are no message", () => {
    expect(errorOf(new Uint8Array(65_535))).toBe("none");
    expect(errorOf(new Uint8Array(65_536))).toBe("OVERSIZED");
  });

  test("64 KiB of pointers to the longest name cost one name", () => {
    const name = Uint8Array.of(
      ...[63, 63, 63, 61].flatMap((size) => [size, ...Array(size).fill(0x61)]),
      0,
    );
    const first = Uint8Array.of(...name, ...hexadecimal("ff00 0001 00000001 0000"));
    const other = hexadecimal("c00c ff00 0001 00000001 0000");
    const count = Math.floor((65_535 - 12 - first.length) / other.length);
    const octets = new Uint8Array(12 + first.length + count * other.length);
    octets.set(octetsOf([0, count + 1, 0, 0], first));
    for (let index = 0; index < count; index++) {
      octets.set(other, 12 + first.length + index * other.length);
    }
    const names = new Set(parsed(octets).answers.map((record) => record.name));
    expect(names.size).toBe(1);
  });
});
