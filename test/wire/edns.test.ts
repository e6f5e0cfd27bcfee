import { expect, test } from "vitest";
import { composeMessage } from "../../src/wire/compose.ts";
import {
  cookieOf,
  cookieOption,
  type Edns,
  EdnsOptionCode,
  ExtendedErrorCode,
  ednsOf,
  ednsRecord,
  extendedErrorOption,
  extendedErrorsOf,
  paddingTo,
  responseCodeOf,
} from "../../src/wire/edns.ts";
import { hexadecimal, message, parsed, record } from "./kit.ts";

function ednsFrom(parts: Pick<Edns, "payloadSize"> & Partial<Edns>): Edns {
  const octets = composeMessage(message({ additionals: [ednsRecord(parts)] }), "dns");
  const edns = ednsOf(parsed(octets, "dns"));
  if (typeof edns === "string") throw new Error(edns);
  return edns;
}

test("RFC 6891 §6.1.3: every field comes through the wire", () => {
  const edns: Edns = {
    payloadSize: 1232,
    extendedCode: 0xff,
    version: 3,
    dnssecOk: true,
    options: [{ code: 65001, data: hexadecimal("0102") }],
  };
  expect(ednsFrom(edns)).toEqual(edns);
});

test("RFC 6891 §6.2.3: a payload size below 512 means 512", () => {
  expect(ednsFrom({ payloadSize: 100 }).payloadSize).toBe(512);
});

test("RFC 6891 §6.1.1: two OPT records, or one of another name than the root, are invalid", () => {
  const opt = ednsRecord({ payloadSize: 1232 });
  expect(ednsOf(message({}))).toBe("absent");
  expect(ednsOf(message({ additionals: [opt, opt] }))).toBe("invalid");
  expect(ednsOf(message({ additionals: [{ ...opt, name: record("x. AAAA ::").name }] }))).toBe(
    "invalid",
  );
});

test("the response code has twelve bits with EDNS", () => {
  const additionals = [ednsRecord({ payloadSize: 1232, extendedCode: 1 })];
  expect(responseCodeOf(message({ flags: 0x8000, additionals }))).toBe(16);
  expect(responseCodeOf(message({ flags: 0x8003 }))).toBe(3);
});

test("RFC 7873 §4: a cookie has 8 octets of the client and 8 to 32 of the server", () => {
  const client = hexadecimal("0102030405060708");
  const server = new Uint8Array(32).fill(7);
  const edns = (data: Uint8Array) =>
    ednsFrom({ payloadSize: 1232, options: [{ code: EdnsOptionCode.COOKIE, data }] });
  expect(cookieOf(edns(cookieOption({ client, server: undefined }).data))).toEqual({
    client,
    server: undefined,
  });
  expect(cookieOf(edns(cookieOption({ client, server }).data))).toEqual({ client, server });
  expect(cookieOf(edns(new Uint8Array(12)))).toBe("invalid");
  expect(cookieOf(ednsFrom({ payloadSize: 1232 }))).toBe("absent");
  expect(() => cookieOption({ client, server: new Uint8Array(3) })).toThrow("8 to 32");
});

test("RFC 8914 §2: extended errors, their text fit to be shown", () => {
  const options = [
    extendedErrorOption({ code: ExtendedErrorCode.STALE_ANSWER, text: "köchelt" }),
    extendedErrorOption({ code: ExtendedErrorCode.OTHER, text: "\u001b[31m" }),
    { code: EdnsOptionCode.EXTENDED_ERROR, data: new Uint8Array(1) },
  ];
  expect(extendedErrorsOf(ednsFrom({ payloadSize: 1232, options }))).toEqual([
    { code: 3, text: "köchelt" },
    { code: 0, text: "\\027[31m" },
  ]);
});

test.each([0, 100, 120, 124, 125, 128, 500])(
  "RFC 8467 §4.1: %i octets are padded to a block",
  (size) => {
    const option = paddingTo(size, 128);
    expect((size + 4 + option.data.length) % 128).toBe(0);
    expect(option.data.length).toBeLessThan(128);
  },
);
