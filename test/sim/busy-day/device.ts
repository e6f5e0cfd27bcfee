/** A device of the crowd: its records, composed from its number once. */

import type { IpAddress } from "../../../src/core/ip-address.ts";
import { parseRecord } from "../../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../../src/wire/record.ts";

/** RFC 6762 §10. */
const HOST_TTL = 120;
const OTHER_TTL = 4500;

export const SERVICE_TYPES = ["_http._tcp", "_ipp._tcp", "_googlecast._tcp", "_airplay._tcp"];

export class Device {
  readonly number: number;
  readonly type: string;
  readonly address: IpAddress;
  readonly pointer: ResourceRecord;
  readonly service: ResourceRecord;
  readonly text: ResourceRecord;
  readonly host: ResourceRecord;

  constructor(number: number) {
    this.number = number;
    this.type = SERVICE_TYPES[number % SERVICE_TYPES.length]!;
    this.address = addressOf(number);
    const instance = `Device\\032${number}.${this.type}.local.`;
    const host = `device-${number}.local.`;
    this.pointer = record(`${this.type}.local. ${OTHER_TTL} IN PTR ${instance}`);
    this.service = record(`${instance} ${HOST_TTL} IN+flush SRV 0 0 80 ${host}`);
    this.text = record(`${instance} ${OTHER_TTL} IN+flush TXT "id=${number}"`);
    this.host = record(`${host} ${HOST_TTL} IN+flush A ${this.address}`);
  }

  get records(): readonly ResourceRecord[] {
    return [this.pointer, this.service, this.text, this.host];
  }
}

/** Addresses come again, as those of a lease do. */
export function addressOf(number: number): IpAddress {
  return `10.1.${100 + ((number >> 8) % 100)}.${number & 0xff}` as IpAddress;
}

export function record(text: string): ResourceRecord {
  const parsed = parseRecord(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}
