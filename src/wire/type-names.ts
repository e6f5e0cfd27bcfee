/**
 * Mnemonics of types and classes, and `TYPEnnn` and `CLASSnnn` for those without (RFC 3597 §5).
 */

import { RecordClass, RecordType } from "./constants.ts";

/** Types whose data is shown as octets only, by the IANA registry of RFC 6895 §3.1. */
const FURTHER_TYPES = {
  RP: 17,
  AFSDB: 18,
  RT: 21,
  SIG: 24,
  KEY: 25,
  PX: 26,
  LOC: 29,
  KX: 36,
  CERT: 37,
  APL: 42,
  SSHFP: 44,
  IPSECKEY: 45,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SPF: 99,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  URI: 256,
} as const;

const TYPE_NUMBERS = numbersByName(RecordType, FURTHER_TYPES);
const TYPE_NAMES = namesByNumber(TYPE_NUMBERS);
const CLASS_NUMBERS = numbersByName(RecordClass);
const CLASS_NAMES = namesByNumber(CLASS_NUMBERS);

/** E.g. `AAAA`, or `TYPE65280`. */
export function formatType(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}

/** Reads a mnemonic, in any case, or `TYPEnnn`; undefined when it is neither. */
export function parseType(text: string): number | undefined {
  const upper = text.toUpperCase();
  return TYPE_NUMBERS.get(upper) ?? numberAfter("TYPE", upper);
}

/** E.g. `IN`, or `CLASS7`. */
export function formatClass(recordClass: number): string {
  return CLASS_NAMES.get(recordClass) ?? `CLASS${recordClass}`;
}

/** Reads a mnemonic, in any case, or `CLASSnnn`; undefined when it is neither. */
export function parseClass(text: string): number | undefined {
  const upper = text.toUpperCase();
  return CLASS_NUMBERS.get(upper) ?? numberAfter("CLASS", upper);
}

function numberAfter(prefix: string, text: string): number | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const digits = text.slice(prefix.length);
  const number = Number(digits);
  return /^\d{1,5}$/.test(digits) && number <= 0xffff ? number : undefined;
}

function numbersByName(...tables: readonly Record<string, number>[]): ReadonlyMap<string, number> {
  return new Map(tables.flatMap((table) => Object.entries(table)));
}

function namesByNumber(numbers: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  return new Map(Array.from(numbers, ([name, number]) => [number, name]));
}
