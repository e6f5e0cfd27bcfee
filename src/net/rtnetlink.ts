/**
 * The interfaces as Linux's rtnetlink tells them: read whole once, then kept by its announcements.
 *
 * An interruption (carrier lost, taken down) is counted even when it is over before we look: each
 * announcement is looked at in turn, and the kernel's own count of carrier changes shows those whose
 * announcements were lost.
 */

import { type Family, formatIpv4, formatIpv6 } from "../core/ip-address.ts";
import { ADDRESS_FLAG, INTERFACE_FLAG } from "./interface-flags.ts";
import { InterruptionCounter } from "./interruption-counter.ts";
import type { InterfaceSource } from "./link-monitor.ts";
import type { Libc } from "./native/libc.ts";
import {
  type NetlinkMessage,
  NetlinkSocket,
  octetsOf,
  readAttributes,
} from "./native/netlink-socket.ts";
import { Readiness } from "./native/readiness.ts";
import { AF_INET, AF_INET6 } from "./native/socket-options.ts";
import type { InterfaceAddress, NetworkInterface } from "./network-interface.ts";

const NETLINK_ROUTE = 0;

/** <linux/rtnetlink.h>: groups of announcements. */
const GROUPS = 0x1 | 0x10 | 0x100; // RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

/** `struct ifinfomsg`: family, type, index, flags, change. */
const LINK_FIXED_SIZE = 16;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_EXT_MASK = 29;
const IFLA_CARRIER_CHANGES = 35;
/** IFLA_EXT_MASK: leave the counters out of a dump. */
const RTEXT_FILTER_SKIP_STATS = 0x8;

/** `struct ifaddrmsg`: family, prefix length, flags, scope, index. */
const ADDRESS_FIXED_SIZE = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;

type LinkProperties = Omit<NetworkInterface, "addresses" | "interruptions">;

interface Entry {
  properties: LinkProperties;
  interruptions: number;
  readonly addresses: Map<string, InterfaceAddress>;
}

export class Rtnetlink implements InterfaceSource {
  readonly #libc: Libc;
  readonly #announcements: NetlinkSocket;
  readonly #entries = new Map<number, Entry>();
  readonly #interruptions = new InterruptionCounter();
  #readiness: Readiness | undefined;

  /** @throws SystemError where the system allows no netlink sockets. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#announcements = new NetlinkSocket(libc, NETLINK_ROUTE, GROUPS);
    this.#readTables();
  }

  interfaces(): NetworkInterface[] {
    this.#readAnnouncements();
    return [...this.#entries.values()].map(({ properties, addresses, interruptions }) => ({
      ...properties,
      addresses: [...addresses.values()],
      interruptions,
    }));
  }

  watch(onChange: () => void): void {
    this.#readiness = new Readiness(this.#libc, this.#announcements.descriptor, () => {
      if (!this.#readAnnouncements()) return "quiet";
      onChange();
      return undefined;
    });
    this.#readiness.unref();
  }

  close(): void {
    this.#readiness?.close();
    this.#announcements.close();
  }

  /** Whether there was any. */
  #readAnnouncements(): boolean {
    let count = 0;
    const reading = this.#announcements.readPending((message) => {
      count++;
      this.#apply(message);
    });
    if (reading === "overrun") this.#readTables();
    return count > 0 || reading === "overrun";
  }

  #readTables(): void {
    const tables = new NetlinkSocket(this.#libc, NETLINK_ROUTE, 0);
    try {
      const seen = new Set<number>();
      tables.dump(RTM_GETLINK, linksRequest(), (message) => {
        seen.add(message.payload.getInt32(4, true));
        this.#apply(message);
      });
      for (const index of this.#entries.keys()) if (!seen.has(index)) this.#remove(index);
      for (const { addresses } of this.#entries.values()) addresses.clear();
      const request = new Uint8Array(ADDRESS_FIXED_SIZE);
      tables.dump(RTM_GETADDR, request, (message) => this.#apply(message));
    } finally {
      tables.close();
    }
  }

  #apply({ type, payload }: NetlinkMessage): void {
    if (type === RTM_NEWLINK || type === RTM_DELLINK) {
      // Messages of another family tell of a bridge's ports, not of interfaces.
      if (payload.getUint8(0) !== 0) return;
      if (type === RTM_NEWLINK) this.#applyLink(payload);
      else this.#remove(payload.getInt32(4, true));
    } else if (type === RTM_NEWADDR || type === RTM_DELADDR) {
      this.#applyAddress(type, payload);
    }
  }

  #applyLink(payload: DataView): void {
    const attributes = readAttributes(payload, LINK_FIXED_SIZE);
    const properties = readLink(payload, attributes);
    const carrierChanges = attributes.get(IFLA_CARRIER_CHANGES)?.getUint32(0, true) ?? 0;
    const interruptions = this.#interruptions.count(properties, carrierChanges);
    const addresses = this.#entries.get(properties.index)?.addresses ?? new Map();
    this.#entries.set(properties.index, { properties, interruptions, addresses });
  }

  #applyAddress(type: number, payload: DataView): void {
    const entry = this.#entries.get(payload.getInt32(4, true));
    const address = readAddress(payload);
    if (entry === undefined || address === undefined) return;
    const key = `${address.address}/${address.prefixLength}`;
    if (type === RTM_NEWADDR) entry.addresses.set(key, address);
    else entry.addresses.delete(key);
  }

  #remove(index: number): void {
    this.#entries.delete(index);
    this.#interruptions.remove(index);
  }
}

/** Asks for all interfaces. */
function linksRequest(): Uint8Array {
  const request = new DataView(new ArrayBuffer(LINK_FIXED_SIZE + 8));
  request.setUint16(LINK_FIXED_SIZE, 8, true);
  request.setUint16(LINK_FIXED_SIZE + 2, IFLA_EXT_MASK, true);
  request.setUint32(LINK_FIXED_SIZE + 4, RTEXT_FILTER_SKIP_STATS, true);
  return octetsOf(request);
}

function readLink(payload: DataView, attributes: Map<number, DataView>): LinkProperties {
  const flags = payload.getUint32(8, true);
  const name = attributes.get(IFLA_IFNAME);
  return {
    index: payload.getInt32(4, true),
    name: name === undefined ? "" : readString(name),
    up: (flags & INTERFACE_FLAG.up) !== 0,
    carrier: (flags & INTERFACE_FLAG.running) !== 0,
    loopback: (flags & INTERFACE_FLAG.loopback) !== 0,
    multicast: (flags & INTERFACE_FLAG.multicast) !== 0,
    pointToPoint: (flags & INTERFACE_FLAG.pointToPoint) !== 0,
    mtu: attributes.get(IFLA_MTU)?.getUint32(0, true) ?? 0,
    mac: readMac(attributes.get(IFLA_ADDRESS)),
  };
}

function readAddress(payload: DataView): InterfaceAddress | undefined {
  const family = familyOfDomain(payload.getUint8(0));
  if (family === undefined) return undefined;
  const attributes = readAttributes(payload, ADDRESS_FIXED_SIZE);
  // On a point-to-point interface IFA_ADDRESS is the peer's and IFA_LOCAL ours.
  const own = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (own === undefined) return undefined;
  const octets = octetsOf(own);
  if (octets.length !== (family === "ipv4" ? 4 : 16)) return undefined;
  const flags = attributes.get(IFA_FLAGS)?.getUint32(0, true) ?? payload.getUint8(2);
  // The flag of a temporary IPv6 address marks a secondary address in IPv4.
  const hasFlag = (mask: number) => family === "ipv6" && (flags & mask) !== 0;
  return {
    family,
    address: family === "ipv4" ? formatIpv4(octets, 0) : formatIpv6(octets, 0),
    prefixLength: payload.getUint8(1),
    tentative: hasFlag(ADDRESS_FLAG.tentative | ADDRESS_FLAG.duplicate),
    deprecated: hasFlag(ADDRESS_FLAG.deprecated),
    temporary: hasFlag(ADDRESS_FLAG.temporary),
  };
}

function familyOfDomain(domain: number): Family | undefined {
  if (domain === AF_INET) return "ipv4";
  return domain === AF_INET6 ? "ipv6" : undefined;
}

function readString(view: DataView): string {
  const octets = octetsOf(view);
  const end = octets.indexOf(0);
  return new TextDecoder().decode(end < 0 ? octets : octets.subarray(0, end));
}

function readMac(view: DataView | undefined): string | undefined {
  if (view === undefined || view.byteLength !== 6) return undefined;
  const octets = octetsOf(view);
  if (octets.every((octet) => octet === 0)) return undefined;
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}
