/**
 * A simulated host: its interfaces, and the processes with an engine that share them. What the host
 * does is done through the network, which owns the time.
 */

import type { Channel } from "../core/datagram.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { Engine } from "../core/engine.ts";
import { type Family, familyOf, type IpAddress } from "../core/ip-address.ts";
import type { Link, LinkAddress } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { PREFIX_LENGTH_DEFAULT } from "./constants.ts";
import type { SimulatedLink } from "./simulated-link.ts";

/** One end of a link at a host. */
export class Interface {
  readonly host: SimulatedHost;
  readonly link: SimulatedLink;
  addresses: readonly LinkAddress[];
  /** Without carrier it neither sends nor hears, and engines do not see it. */
  carrier: "up" | "down" = "up";
  incarnation = 1;

  constructor(host: SimulatedHost, link: SimulatedLink, addresses: readonly LinkAddress[]) {
    this.host = host;
    this.link = link;
    this.addresses = addresses;
  }

  get families(): readonly Family[] {
    const families = new Set(this.addresses.map((own) => own.family));
    return [...families];
  }

  has(address: IpAddress): boolean {
    return this.addresses.some((own) => own.address === address);
  }

  hasFamily(family: Family): boolean {
    return this.addresses.some((own) => own.family === family);
  }

  /** The address that packets of the family leave from. */
  sourceAddress(family: Family): IpAddress | undefined {
    return this.addresses.find((own) => own.family === family)?.address;
  }
}

/** What an engine's `pollEvent` gives. */
export type EventOf<E> = E extends Engine<infer Event> ? Event : never;

/** Told of a process's events as they come; may give the engine further commands. */
export type EventListener<E> = (event: EventOf<E>, engine: E, now: Instant) => void;

/** A running program with one engine. */
export interface Process<E extends Engine<unknown> = Engine<unknown>> {
  readonly name: string;
  readonly host: SimulatedHost;
  readonly engine: E;
  readonly channels: readonly Channel[];
  readonly listener: EventListener<E> | undefined;
  alarm: Deadline<() => void> | undefined;
}

export interface ProcessOptions<E> {
  /** Default: the host's name. */
  readonly name?: string;
  /** Default: mDNS only. */
  readonly channels?: readonly Channel[];
  readonly listener?: EventListener<E>;
}

export class SimulatedHost {
  readonly name: string;
  readonly interfaces: Interface[] = [];
  /** In the order in which they were started. */
  readonly processes: Process[] = [];
  state: "awake" | "asleep" = "awake";

  constructor(name: string) {
    this.name = name;
  }

  interfaceOn(link: SimulatedLink): Interface | undefined {
    return this.interfaces.find((candidate) => candidate.link === link);
  }

  /** What the interface monitor of a process would list. */
  links(): Link[] {
    const sharesPort = this.processes.filter((own) => own.channels.includes("mdns")).length > 1;
    return this.interfaces
      .filter((own) => own.carrier === "up")
      .map((own) => ({
        id: own.link.id,
        name: own.link.name,
        mtu: own.link.mtu,
        addresses: own.addresses,
        families: own.families,
        loopback: false,
        incarnation: own.incarnation,
        sharesPort,
      }));
  }
}

/** An address with the usual prefix length. */
export function linkAddress(address: IpAddress): LinkAddress {
  const family = familyOf(address);
  return { family, address, prefixLength: PREFIX_LENGTH_DEFAULT[family] };
}
