/** Messages as `monitor` gets them, from their text. */

import type { IpAddress } from "../../src/core/ip-address.ts";
import { type Passage, type SeenMessage, seenMessage } from "../../src/runtime/seen-message.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { parseQuestion, parseRecord } from "../../src/wire/presentation.ts";

export interface MessageText {
  readonly flags?: number;
  readonly id?: number;
  readonly questions?: readonly string[];
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

const PASSAGE: Passage = {
  ...{ at: 1_700_000_000_123_456, direction: "in", protocol: "mdns", transport: "udp" },
  ...{ interface: "eth0", family: "ipv4" },
  source: { address: "192.0.2.9" as IpAddress, port: 5353 },
  destination: { address: "224.0.0.251" as IpAddress, port: 5353 },
};

export const RESPONSE = Flag.QR | Flag.AA;

export function seen(text: MessageText, passage: Partial<Passage> = {}): SeenMessage {
  const all = { ...PASSAGE, ...passage };
  return seenMessage(composed(text, all.protocol === "mdns" ? "mdns" : "dns"), all);
}

export function seenOctets(octets: Uint8Array, passage: Partial<Passage> = {}): SeenMessage {
  return seenMessage(octets, { ...PASSAGE, ...passage });
}

export function composed(text: MessageText, dialect: "mdns" | "dns" = "mdns"): Uint8Array {
  const { flags = 0, id = 0, questions = [], answers = [], authorities = [] } = text;
  const message: Message = {
    ...{ id, flags, questions: questions.map((each) => unwrapped(parseQuestion(each))) },
    answers: answers.map(record),
    authorities: authorities.map(record),
    additionals: (text.additionals ?? []).map(record),
  };
  return composeMessage(message, dialect);
}

function record(text: string) {
  return unwrapped(parseRecord(text));
}

function unwrapped<Value>(
  result: { ok: true; value: Value } | { ok: false; error: unknown },
): Value {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.error));
}
