/**
 * EDNS (RFC 6891): the OPT record's fixed part, read and made, and the options in common use:
 * cookies (RFC 7873), padding (RFC 7830, RFC 8467), extended errors (RFC 8914).
 */

import { DotlocalError } from "../core/errors.ts";
import { Flag, RecordType } from "./constants.ts";
import type { Message } from "./message.ts";
import { Name } from "./name.ts";
import { formatText } from "./name-text.ts";
import type { ResourceRecord } from "./record.ts";
import type { OptData } from "./record-data.ts";

export type EdnsOption = OptData["options"][number];

export interface Edns {
  /** Octets of the largest UDP message the sender takes (RFC 6891 §6.2.3); at least 512. */
  readonly payloadSize: number;
  /** The upper eight bits of the response code. */
  readonly extendedCode: number;
  readonly version: number;
  /** DO: DNSSEC records are wanted (RFC 3225 §3). */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

/** RFC 6891 §6.2.3: smaller sizes are taken as this one. */
const PAYLOAD_SIZE_MIN = 512;

/** RFC 6891 §6.1.3, RFC 3225 §3: places in the ttl field. */
const EXTENDED_CODE_SHIFT = 24;
const VERSION_SHIFT = 16;
const DNSSEC_OK = 0x8000;

/** IANA's registry of EDNS option codes (RFC 6891 §9). */
export const EdnsOptionCode = {
  /** RFC 5001. */
  NSID: 3,
  /** RFC 7871. */
  CLIENT_SUBNET: 8,
  /** RFC 7873 §4. */
  COOKIE: 10,
  /** RFC 7830 §3. */
  PADDING: 12,
  /** RFC 8914 §2. */
  EXTENDED_ERROR: 15,
} as const;

/** RFC 8914 §4: the codes a stub resolver meets or gives. */
export const ExtendedErrorCode = {
  OTHER: 0,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  DNSSEC_BOGUS: 6,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
} as const;

/**
 * What a message says with EDNS: `absent` when it has no OPT record, `invalid` when it has several,
 * or one that is not of the root (RFC 6891 §6.1.1: FORMERR).
 */
export function ednsOf(message: Pick<Message, "additionals">): Edns | "absent" | "invalid" {
  let found: ResourceRecord | undefined;
  for (const record of message.additionals) {
    if (record.type !== RecordType.OPT) continue;
    if (found !== undefined) return "invalid";
    found = record;
  }
  if (found === undefined) return "absent";
  if (found.data.kind !== "OPT" || !found.name.isRoot) return "invalid";
  return {
    payloadSize: Math.max(found.class, PAYLOAD_SIZE_MIN),
    extendedCode: (found.ttl >>> EXTENDED_CODE_SHIFT) & 0xff,
    version: (found.ttl >>> VERSION_SHIFT) & 0xff,
    dnssecOk: (found.ttl & DNSSEC_OK) !== 0,
    options: found.data.options,
  };
}

/** An OPT record; what is not given is zero, false or empty. */
export function ednsRecord(edns: Pick<Edns, "payloadSize"> & Partial<Edns>): ResourceRecord {
  const { payloadSize, extendedCode = 0, version = 0, dnssecOk = false, options = [] } = edns;
  const ttl =
    (extendedCode << EXTENDED_CODE_SHIFT) | (version << VERSION_SHIFT) | (dnssecOk ? DNSSEC_OK : 0);
  return {
    name: Name.ROOT,
    type: RecordType.OPT,
    class: payloadSize,
    cacheFlush: false,
    ttl: ttl >>> 0,
    data: { kind: "OPT", options },
  };
}

/** The response code in full: twelve bits with EDNS, otherwise the header's four (RFC 6891 §6.1.3). */
export function responseCodeOf(message: Message): number {
  const low = message.flags & Flag.RCODE;
  const edns = ednsOf(message);
  return typeof edns === "string" ? low : (edns.extendedCode << 4) | low;
}

/** A cookie: the client's part of 8 octets, and the server's of 8 to 32 once it is known. */
export interface Cookie {
  readonly client: Uint8Array;
  readonly server: Uint8Array | undefined;
}

/** RFC 7873 §4. */
const CLIENT_COOKIE_SIZE = 8;
const SERVER_COOKIE_SIZE_MIN = 8;
const SERVER_COOKIE_SIZE_MAX = 32;

/** `absent` without the option, `invalid` when its size is none of those of RFC 7873 §4. */
export function cookieOf(edns: Edns): Cookie | "absent" | "invalid" {
  const data = optionOf(edns, EdnsOptionCode.COOKIE);
  if (data === undefined) return "absent";
  if (data.length === CLIENT_COOKIE_SIZE) return { client: data, server: undefined };
  if (!isServerCookieSize(data.length - CLIENT_COOKIE_SIZE)) return "invalid";
  return { client: data.slice(0, CLIENT_COOKIE_SIZE), server: data.slice(CLIENT_COOKIE_SIZE) };
}

/** Throws INVALID_DATA for sizes that RFC 7873 §4 does not allow. */
export function cookieOption({ client, server }: Cookie): EdnsOption {
  if (
    client.length !== CLIENT_COOKIE_SIZE ||
    !(server === undefined || isServerCookieSize(server.length))
  ) {
    throw new DotlocalError("INVALID_DATA", "a DNS cookie has 8 octets, and 8 to 32 of the server");
  }
  return { code: EdnsOptionCode.COOKIE, data: Uint8Array.of(...client, ...(server ?? [])) };
}

function isServerCookieSize(size: number): boolean {
  return size >= SERVER_COOKIE_SIZE_MIN && size <= SERVER_COOKIE_SIZE_MAX;
}

export interface ExtendedError {
  /** One of `ExtendedErrorCode`, or any other. */
  readonly code: number;
  /** Text for people; when read, with escapes for what is not printable. */
  readonly text: string;
}

/** What escapes begin with. */
const ESCAPE = /\\/g;

const textEncoder = new TextEncoder();

/** RFC 8914 §2: a response may carry several. Options too short to hold a code are skipped. */
export function extendedErrorsOf(edns: Edns): readonly ExtendedError[] {
  return edns.options
    .filter(({ code, data }) => code === EdnsOptionCode.EXTENDED_ERROR && data.length >= 2)
    .map(({ data }) => ({
      code: (data[0]! << 8) | data[1]!,
      text: formatText(data.subarray(2), ESCAPE),
    }));
}

export function extendedErrorOption({ code, text }: ExtendedError): EdnsOption {
  const data = Uint8Array.of(code >> 8, code & 0xff, ...textEncoder.encode(text));
  return { code: EdnsOptionCode.EXTENDED_ERROR, data };
}

/** RFC 7830 §3: an option with `size` octets of zero. */
export function paddingOption(size: number): EdnsOption {
  return { code: EdnsOptionCode.PADDING, data: new Uint8Array(size) };
}

/** Octets of an option before its data (RFC 6891 §6.1.2). */
const OPTION_HEADER_SIZE = 4;

/**
 * The padding that brings a message of `messageSize` octets to a multiple of `blockSize`: RFC 8467
 * §4.1 asks for 128 in queries and 468 in responses.
 */
export function paddingTo(messageSize: number, blockSize: number): EdnsOption {
  const size = messageSize + OPTION_HEADER_SIZE;
  return paddingOption((blockSize - (size % blockSize)) % blockSize);
}

/** The data of the first option with `code`. */
function optionOf(edns: Edns, code: number): Uint8Array | undefined {
  return edns.options.find((option) => option.code === code)?.data;
}
