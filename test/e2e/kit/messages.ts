/** What the suites look for in captured messages: whose they are, and what they say of a name. */

import type { IpAddress } from "../../../src/core/ip-address.ts";
import { RecordType } from "../../../src/wire/constants.ts";
import { isResponse, type Message } from "../../../src/wire/message.ts";
import type { ResourceRecord } from "../../../src/wire/record.ts";
import type { Packet, PacketFilter } from "./capture.ts";
import type { Host, HostLink } from "./lan.ts";

export type Heard = Parameters<PacketFilter>[0];

/** Both families and every address of a link have one hardware address. */
export function isFrom(source: Host | HostLink, { hardwareAddress }: Packet): boolean {
  const link = "link" in source ? source.link : source;
  return link.hardwareAddress === hardwareAddress;
}

export function isIpv4({ source }: Packet): boolean {
  return source.address.includes(".");
}

/** A query with proposed records for the name (RFC 6762 §8.1). */
export function isProbeFor(name: string, { message }: Heard): boolean {
  return !isResponse(message) && named(name, message.authorities).length > 0;
}

/** The records of a response's answer section that the name owns, goodbyes included. */
export function answersFor(name: string, { message }: Heard): readonly ResourceRecord[] {
  return isResponse(message) ? named(name, message.answers) : [];
}

/** Addresses in any section of a response under the name, with a TTL that is not 0. */
export function addressesFor(name: string, { message }: Heard): readonly IpAddress[] {
  if (!isResponse(message)) return [];
  return named(name, recordsOf(message)).flatMap(({ data, ttl }) =>
    ttl > 0 && (data.kind === "A" || data.kind === "AAAA") ? [data.address] : [],
  );
}

/** Addresses under the name that a response takes back. */
export function goodbyesFor(name: string, packet: Heard): readonly IpAddress[] {
  return answersFor(name, packet).flatMap(({ data, ttl }) =>
    ttl === 0 && (data.kind === "A" || data.kind === "AAAA") ? [data.address] : [],
  );
}

/** Whether it asks for an address, or for everything, of the name. */
export function asksFor(name: string, { message }: Heard): boolean {
  const types: readonly number[] = [RecordType.A, RecordType.AAAA, RecordType.ANY];
  return (
    !isResponse(message) &&
    message.questions.some((question) => isOwner(name, question) && types.includes(question.type))
  );
}

function recordsOf({ answers, authorities, additionals }: Message): readonly ResourceRecord[] {
  return [...answers, ...authorities, ...additionals];
}

function named(name: string, records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  return records.filter((record) => isOwner(name, record));
}

function isOwner(name: string, { name: owner }: { readonly name: object }): boolean {
  return String(owner).toLowerCase() === name.toLowerCase();
}
