/** A packet on a simulated link, as every observer sees it. */

import type { Channel, Endpoint } from "../core/datagram.ts";
import type { Family } from "../core/ip-address.ts";
import type { Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import { parseSharedMessage } from "../wire/parse.ts";
import type { SimulatedLink } from "./simulated-link.ts";

export interface PacketFields {
  readonly number: number;
  readonly sentAt: Instant;
  readonly link: SimulatedLink;
  readonly sender: string;
  readonly channel: Channel;
  /** By `tcp`, a message of a connection. */
  readonly transport: "udp" | "tcp";
  readonly family: Family;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly toGroup: boolean;
  readonly reflected: boolean;
  readonly octets: Uint8Array;
}

/** What a process or a script puts on a link. */
export interface Transmission {
  readonly sender: string;
  readonly channel: Channel;
  readonly source: Endpoint;
  readonly destination: "group" | Endpoint;
  readonly octets: Uint8Array;
}

export class Packet implements PacketFields {
  /** Counts the packets of a network from 1. */
  readonly number: number;
  readonly sentAt: Instant;
  readonly link: SimulatedLink;
  /** Name of the process or of the reflector that sent it. */
  readonly sender: string;
  readonly channel: Channel;
  /** By `tcp`, a message of a connection. */
  readonly transport: "udp" | "tcp";
  readonly family: Family;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly toGroup: boolean;
  /** Sent again by a reflector, not by the process that composed it. */
  readonly reflected: boolean;
  readonly octets: Uint8Array;
  #message: Message | "malformed" | undefined;

  constructor(fields: PacketFields) {
    this.number = fields.number;
    this.sentAt = fields.sentAt;
    this.link = fields.link;
    this.sender = fields.sender;
    this.channel = fields.channel;
    this.transport = fields.transport;
    this.family = fields.family;
    this.source = fields.source;
    this.destination = fields.destination;
    this.toGroup = fields.toGroup;
    this.reflected = fields.reflected;
    this.octets = fields.octets;
  }

  /** The message in it; undefined when it is malformed. */
  get message(): Message | undefined {
    this.#message ??= this.#parse();
    return this.#message === "malformed" ? undefined : this.#message;
  }

  #parse(): Message | "malformed" {
    const dialect = this.channel === "mdns" ? "mdns" : "dns";
    const parsed = parseSharedMessage(this.octets, dialect);
    return parsed.ok ? parsed.value : "malformed";
  }
}
