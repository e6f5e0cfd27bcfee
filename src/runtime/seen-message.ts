/** A message that passed, as plain data: a line of `GET /v1/monitor`, and what `monitor` prints. */

import type { Endpoint } from "../core/datagram.ts";
import type { Family } from "../core/ip-address.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { parseMessage } from "../wire/parse.ts";
import { formatRecordData } from "../wire/presentation.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import { formatClass, formatType } from "../wire/type-names.ts";

export interface SeenQuestion {
  /** Presentation format, as every name here. */
  readonly name: string;
  readonly type: string;
  readonly class: string;
  /** RFC 6762 §5.4: the QU bit. */
  readonly unicastResponse: boolean;
}

export interface SeenRecord {
  readonly name: string;
  readonly type: string;
  readonly class: string;
  /** RFC 6762 §10.2. */
  readonly cacheFlush: boolean;
  readonly ttl: number;
  /** Presentation format. */
  readonly data: string;
}

export interface SeenContent {
  readonly kind: "query" | "response";
  readonly id: number;
  /** Those that are set, e.g. `AA`, `TC`; by LLMNR's names there (RFC 4795 §2.1.1). */
  readonly flags: readonly string[];
  readonly opcode: number;
  readonly responseCode: number;
  readonly questions: readonly SeenQuestion[];
  readonly answers: readonly SeenRecord[];
  readonly authorities: readonly SeenRecord[];
  readonly additionals: readonly SeenRecord[];
  /** Records that could not be read and are left out. */
  readonly unreadable: number;
}

export interface SeenMessage {
  /** Microseconds since 1970. */
  readonly at: number;
  /** `out`: sent by whoever watches. Another program of this host counts as `in`. */
  readonly direction: "in" | "out";
  readonly protocol: "mdns" | "llmnr";
  readonly transport: "udp" | "tcp";
  readonly interface: string;
  readonly family: Family;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** The message itself, in base64. */
  readonly octets: string;
  /** null: it cannot be read; `problem` says why. */
  readonly content: SeenContent | null;
  readonly problem: string | null;
}

/** Where a message passed, and when. */
export type Passage = Omit<SeenMessage, "octets" | "content" | "problem">;

type FlagNames = readonly (readonly [mask: number, name: string])[];

const FLAG_NAMES: Readonly<Record<SeenMessage["protocol"], FlagNames>> = {
  mdns: [
    [Flag.AA, "AA"],
    [Flag.TC, "TC"],
    [Flag.RD, "RD"],
    [Flag.RA, "RA"],
    [Flag.AD, "AD"],
    [Flag.CD, "CD"],
  ],
  llmnr: [
    [Flag.LLMNR_C, "C"],
    [Flag.TC, "TC"],
    [Flag.LLMNR_T, "T"],
  ],
};

const OPCODE_SHIFT = 11;

export function seenMessage(octets: Uint8Array, passage: Passage): SeenMessage {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("base64");
  const parsed = parseMessage(octets, passage.protocol === "mdns" ? "mdns" : "dns");
  if (!parsed.ok) {
    const { code, offset } = parsed.error;
    const problem = `${code} at octet ${offset}`;
    return { ...passage, octets: text, content: null, problem };
  }
  const { malformed } = parsed.value;
  const content = seenContent(parsed.value, FLAG_NAMES[passage.protocol], malformed.length);
  return { ...passage, octets: text, content, problem: null };
}

function seenContent(message: Message, names: FlagNames, unreadable: number): SeenContent {
  const { id, flags } = message;
  return {
    kind: (flags & Flag.QR) === 0 ? "query" : "response",
    id,
    flags: names.filter(([mask]) => (flags & mask) !== 0).map(([, name]) => name),
    opcode: (flags & Flag.OPCODE) >> OPCODE_SHIFT,
    responseCode: flags & Flag.RCODE,
    questions: message.questions.map(seenQuestion),
    answers: message.answers.map(seenRecord),
    authorities: message.authorities.map(seenRecord),
    additionals: message.additionals.map(seenRecord),
    unreadable,
  };
}

function seenQuestion({
  name,
  type,
  class: questionClass,
  unicastResponse,
}: Question): SeenQuestion {
  return {
    name: name.toString(),
    type: formatType(type),
    class: formatClass(questionClass),
    unicastResponse,
  };
}

function seenRecord(record: ResourceRecord): SeenRecord {
  const { name, type, class: recordClass, cacheFlush, ttl, data } = record;
  return {
    name: name.toString(),
    type: formatType(type),
    class: formatClass(recordClass),
    cacheFlush,
    ttl,
    data: formatRecordData(data),
  };
}
