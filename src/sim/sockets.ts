/**
 * The sockets that simulated processes have: which port a packet leaves from, whether it can, and who
 * on a host gets one that arrives.
 */

import type { Channel, Endpoint, OutboundDatagram } from "../core/datagram.ts";
import type { Family } from "../core/ip-address.ts";
import { GROUP_ADDRESSES, LLMNR_PORT, MDNS_PORT, UDP_MESSAGE_SIZE_MAX } from "./constants.ts";
import type { Packet } from "./packet.ts";
import type { Interface, Process, SimulatedHost } from "./simulated-host.ts";

export function groupEndpoint(channel: Channel, family: Family): Endpoint {
  return { address: GROUP_ADDRESSES[channel][family], port: portOf(channel) };
}

export function portOf(channel: Channel): number {
  return channel === "mdns" ? MDNS_PORT : LLMNR_PORT;
}

export function sendFailure(
  from: Interface | undefined,
  datagram: OutboundDatagram,
): string | undefined {
  if (from === undefined) return "ENODEV";
  if (from.carrier === "down") return "ENETDOWN";
  if (from.sourceAddress(datagram.family) === undefined) return "EADDRNOTAVAIL";
  if (datagram.octets.length > UDP_MESSAGE_SIZE_MAX) return "EMSGSIZE";
  return undefined;
}

export function canReceive(packet: Packet, receiver: Interface): boolean {
  return receiver.carrier === "up" && receiver.hasFamily(packet.family);
}

export function receiversAt(packet: Packet, host: SimulatedHost): readonly Process[] {
  const listeners = host.processes.filter((own) => channelAt(packet, own) !== undefined);
  return packet.toGroup ? listeners : listeners.slice(-1);
}

/** The socket of the process that the packet's destination port names, if it has one. */
export function channelAt(packet: Packet, process: Process): Channel | undefined {
  const { port } = packet.destination;
  const channel: Channel | undefined =
    port === MDNS_PORT ? "mdns" : port === LLMNR_PORT ? "llmnr" : undefined;
  return channel !== undefined && process.channels.includes(channel) ? channel : undefined;
}
