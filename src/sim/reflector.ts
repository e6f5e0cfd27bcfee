/**
 * Something that sends multicast packets again: an access point that echoes on the same link, a
 * reflector between two links, a bridge. It never sends again what a reflector sent.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { Duration } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { parseMessage } from "../wire/parse.ts";
import type { Packet, PacketFields } from "./packet.ts";
import type { SimulatedLink } from "./simulated-link.ts";

export interface Reflector {
  readonly name: string;
  readonly from: SimulatedLink;
  /** The same link for an echo. */
  readonly to: SimulatedLink;
  readonly delayMin: Duration;
  readonly delayMax: Duration;
  /** How often it reflects a packet, from 0 to 1. */
  readonly probability: number;
  /** Source address of what it sends; `"original"` keeps that of the packet, as a bridge does. */
  readonly source: "original" | Readonly<Record<"ipv4" | "ipv6", IpAddress>>;
  /** Makes its octets from those received; undefined sends them unchanged. */
  readonly encode: ((octets: Uint8Array) => Uint8Array) | undefined;
}

/** What the reflector puts on its other link. */
export function reflectedFields(
  packet: Packet,
  { name, source, encode, to }: Reflector,
): Omit<PacketFields, "number" | "sentAt"> {
  return {
    link: to,
    sender: name,
    channel: packet.channel,
    transport: packet.transport,
    family: packet.family,
    source:
      source === "original"
        ? packet.source
        : { address: source[packet.family], port: packet.source.port },
    destination: packet.destination,
    toGroup: true,
    reflected: true,
    octets: encode === undefined ? packet.octets : encode(packet.octets),
  };
}

/** What a reflector sends that parses and composes each message instead of copying it. */
export function encodeAgain(octets: Uint8Array): Uint8Array {
  const parsed = parseMessage(octets, "mdns");
  return parsed.ok ? composeMessage(parsed.value, "mdns") : octets;
}
