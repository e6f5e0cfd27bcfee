/** Every packet that is sent keeps the rules of RFC 6762 §17 and §18. */

import { Flag } from "../../wire/constants.ts";
import type { Message } from "../../wire/message.ts";
import { formatPacket } from "../format-packet.ts";
import type { Packet } from "../packet.ts";
import { type Checker, VIOLATIONS_KEPT_MAX } from "./checker.ts";

const HEADER_SIZES = { ipv4: 28, ipv6: 48 } as const;
const ALWAYS_ZERO = Flag.OPCODE | Flag.RD | Flag.RA | Flag.AD | Flag.CD | Flag.RCODE;

export function legalPackets(): Checker {
  const found: string[] = [];
  return {
    property: "packets are as RFC 6762 §17 and §18 want them",
    packetSent(packet) {
      if (packet.reflected || found.length >= VIOLATIONS_KEPT_MAX) return;
      const fault = faultOf(packet);
      if (fault !== undefined) found.push(`${fault}: ${formatPacket(packet)}`);
    },
    violations: () => found,
  };
}

function faultOf(packet: Packet): string | undefined {
  const { message } = packet;
  if (message === undefined) return "malformed";
  if (message.id !== 0) return "the id is not zero";
  if ((message.flags & ALWAYS_ZERO) !== 0) return "a flag that must be zero is set";
  const isResponse = (message.flags & Flag.QR) !== 0;
  return sizeFault(packet, message) ?? (isResponse ? responseFault(message) : queryFault(message));
}

function responseFault(message: Message): string | undefined {
  if ((message.flags & Flag.AA) === 0) return "AA is not set in a response";
  if ((message.flags & Flag.TC) !== 0) return "TC is set in a response";
  if (message.questions.length > 0) return "a response holds a question";
  if (message.answers.length === 0) return "a response has no answer";
  return undefined;
}

function queryFault(message: Message): string | undefined {
  if ((message.flags & Flag.AA) !== 0) return "AA is set in a query";
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  if (records.some((record) => record.cacheFlush)) return "the cache-flush bit is set in a query";
  return undefined;
}

function sizeFault(packet: Packet, message: Message): string | undefined {
  const size = packet.octets.length + HEADER_SIZES[packet.family];
  if (size <= packet.link.mtu) return undefined;
  const records = message.answers.length + message.authorities.length + message.additionals.length;
  return records > 1 ? "several records in a packet larger than the MTU" : undefined;
}
