/**
 * The parameters of SVCB and HTTPS records (RFC 9460 §7, §8, appendix A; RFC 9461 §5; RFC 9540 §4):
 * what values their keys allow, and presentation format. Of what is shown as `keyNNNNN`, any value
 * is allowed.
 */

import { formatIpv4, formatIpv6, ipAddressOctets, parseIpAddress } from "../../core/ip-address.ts";
import { decodeBase64, encodeBase64 } from "../encodings.ts";
import { formatCharacterString } from "../text-format.ts";

interface Parameter {
  readonly key: number;
  readonly value: Uint8Array;
}

/** How one key's value is checked, shown and read. */
interface ParameterFormat {
  readonly key: number;
  readonly name: string;
  readonly isValid: (value: Uint8Array) => boolean;
  /** The text behind `=`; undefined for a key that has no value. Given valid values only. */
  readonly format: (value: Uint8Array) => string | undefined;
  /** From the octets that the text's escapes stand for; undefined when they are no value. */
  readonly parse: (text: Uint8Array) => Uint8Array | undefined;
}

/** RFC 9460 §14.3.2. */
const MANDATORY = 0;
const ALPN = 1;
const NO_DEFAULT_ALPN = 2;

const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ALPN_ID_SIZE_MAX = 255;
const KEY_NUMBER = /^key(0|[1-9]\d{0,4})$/;

const latin1 = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => String.fromCharCode(octet)).join("");

const mandatory: ParameterFormat = {
  key: MANDATORY,
  name: "mandatory",
  isValid: (value) => value.length > 0 && value.length % 2 === 0 && keysAscend(keysIn(value)),
  format: (value) => keysIn(value).map(formatParameterKey).join(","),
  parse: (text) => parseKeys(latin1(text)),
};

const alpn: ParameterFormat = {
  key: ALPN,
  name: "alpn",
  isValid: (value) => protocolsIn(value) !== undefined,
  format: (value) => formatCharacterString(joinList(protocolsIn(value) ?? [])),
  parse: (text) => parseProtocols(text),
};

const port: ParameterFormat = {
  key: 3,
  name: "port",
  isValid: (value) => value.length === 2,
  format: (value) => ((value[0]! << 8) | value[1]!).toString(),
  parse: (text) => parsePort(latin1(text)),
};

const encryptedClientHello: ParameterFormat = {
  key: 5,
  name: "ech",
  isValid: (value) => value.length > 0,
  format: encodeBase64,
  parse: (text) => nonEmpty(decodeBase64(latin1(text))),
};

const dohPath: ParameterFormat = {
  key: 7,
  name: "dohpath",
  isValid: (value) => value.length > 0,
  format: formatCharacterString,
  parse: nonEmpty,
};

const FORMATS: readonly ParameterFormat[] = [
  mandatory,
  alpn,
  withoutValue(NO_DEFAULT_ALPN, "no-default-alpn"),
  port,
  addressHint(4, "ipv4hint", 4, formatIpv4),
  encryptedClientHello,
  addressHint(6, "ipv6hint", 16, formatIpv6),
  dohPath,
  withoutValue(8, "ohttp"),
];

const FORMAT_BY_KEY = new Map(FORMATS.map((format) => [format.key, format]));
const FORMAT_BY_NAME = new Map(FORMATS.map((format) => [format.name, format]));

/** Whether every value is as its key says, and mandatory keys are there (RFC 9460 §8). */
export function areValidParameters(params: readonly Parameter[]): boolean {
  for (const { key, value } of params) {
    if (FORMAT_BY_KEY.get(key)?.isValid(value) === false) return false;
  }
  const first = params[0];
  const required = first?.key === MANDATORY ? keysIn(first.value) : [];
  const present = new Set(params.map((param) => param.key));
  if (required.some((key) => key === MANDATORY || !present.has(key))) return false;
  return !present.has(NO_DEFAULT_ALPN) || present.has(ALPN);
}

/** E.g. `alpn="h2,h3"`, `no-default-alpn`, `key667="hello"`. */
export function formatParameter({ key, value }: Parameter): string {
  const format = FORMAT_BY_KEY.get(key);
  if (format === undefined || !format.isValid(value)) {
    return value.length === 0 ? `key${key}` : `key${key}=${formatCharacterString(value)}`;
  }
  const text = format.format(value);
  return text === undefined ? format.name : `${format.name}=${text}`;
}

/** A registered name or `keyNNNNN`; undefined when it is neither. */
export function parseParameterKey(text: string): number | undefined {
  const registered = FORMAT_BY_NAME.get(text);
  if (registered !== undefined) return registered.key;
  const number = Number(KEY_NUMBER.exec(text)?.[1] ?? Number.NaN);
  return number <= 0xffff ? number : undefined;
}

/**
 * The value's octets from its text with escapes resolved; undefined when it is not valid. Behind
 * `keyNNNNN` the text stands for the octets themselves (RFC 9460 §2.1).
 */
export function parseParameterValue(keyText: string, text: Uint8Array): Uint8Array | undefined {
  const format = FORMAT_BY_NAME.get(keyText);
  return format === undefined ? text : format.parse(text);
}

function formatParameterKey(key: number): string {
  return FORMAT_BY_KEY.get(key)?.name ?? `key${key}`;
}

/** RFC 9460 §7.1.1, RFC 9540 §4: a key whose presence is all it says. */
function withoutValue(key: number, name: string): ParameterFormat {
  return {
    key,
    name,
    isValid: (value) => value.length === 0,
    format: () => undefined,
    parse: (text) => (text.length === 0 ? text : undefined),
  };
}

/** RFC 9460 §7.3: one or more addresses. */
function addressHint(
  key: number,
  name: string,
  addressSize: number,
  formatAddress: (octets: Uint8Array, offset: number) => string,
): ParameterFormat {
  return {
    key,
    name,
    isValid: (value) => value.length > 0 && value.length % addressSize === 0,
    format: (value) => {
      const addresses: string[] = [];
      for (let at = 0; at < value.length; at += addressSize) {
        addresses.push(formatAddress(value, at));
      }
      return addresses.join(",");
    },
    parse: (text) => parseAddresses(latin1(text), addressSize),
  };
}

function parseAddresses(text: string, addressSize: number): Uint8Array | undefined {
  const octets: number[] = [];
  for (const part of text.split(",")) {
    const address = part.includes("%") ? undefined : parseIpAddress(part);
    const own = address === undefined ? [] : ipAddressOctets(address);
    if (own.length !== addressSize) return undefined;
    octets.push(...own);
  }
  return Uint8Array.from(octets);
}

function parsePort(text: string): Uint8Array | undefined {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 0xffff) return undefined;
  return Uint8Array.of(number >> 8, number & 0xff);
}

function keysIn(value: Uint8Array): number[] {
  const keys: number[] = [];
  for (let at = 0; at + 1 < value.length; at += 2) keys.push((value[at]! << 8) | value[at + 1]!);
  return keys;
}

function keysAscend(keys: readonly number[]): boolean {
  return keys.every((key, index) => index === 0 || keys[index - 1]! < key);
}

function parseKeys(text: string): Uint8Array | undefined {
  const keys: number[] = [];
  for (const part of text.split(",")) {
    const key = parseParameterKey(part);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  keys.sort((a, b) => a - b);
  if (!keysAscend(keys)) return undefined;
  return Uint8Array.from(keys.flatMap((key) => [key >> 8, key & 0xff]));
}

/** RFC 9460 §7.1.1: at least one protocol, each with its length before it; undefined otherwise. */
function protocolsIn(value: Uint8Array): Uint8Array[] | undefined {
  const protocols: Uint8Array[] = [];
  for (let at = 0; at < value.length; ) {
    const end = at + 1 + value[at]!;
    if (end > value.length || end === at + 1) return undefined;
    protocols.push(value.subarray(at + 1, end));
    at = end;
  }
  return protocols.length === 0 ? undefined : protocols;
}

function parseProtocols(text: Uint8Array): Uint8Array | undefined {
  const octets: number[] = [];
  for (const protocol of splitList(text)) {
    if (protocol.length === 0 || protocol.length > ALPN_ID_SIZE_MAX) return undefined;
    octets.push(protocol.length, ...protocol);
  }
  return Uint8Array.from(octets);
}

/** RFC 9460 appendix A.1: items with commas between; `\,` and `\\` within. */
function splitList(text: Uint8Array): number[][] {
  const items: number[][] = [[]];
  for (let at = 0; at < text.length; at++) {
    const octet = text[at]!;
    if (octet === COMMA) items.push([]);
    else items.at(-1)!.push(octet === BACKSLASH && at + 1 < text.length ? text[++at]! : octet);
  }
  return items;
}

function joinList(items: readonly Uint8Array[]): Uint8Array {
  const octets: number[] = [];
  for (const item of items) {
    if (item !== items[0]) octets.push(COMMA);
    for (const octet of item) {
      if (octet === COMMA || octet === BACKSLASH) octets.push(BACKSLASH);
      octets.push(octet);
    }
  }
  return Uint8Array.from(octets);
}

function nonEmpty(octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets === undefined || octets.length === 0 ? undefined : octets;
}
