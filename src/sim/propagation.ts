/** When a packet arrives at which interfaces: the link's conditions at work. */

import type { Random } from "../core/random.ts";
import { type Duration, milliseconds } from "../core/time.ts";
import { deliveryDelays } from "./conditions.ts";
import type { Packet } from "./packet.ts";
import type { Interface } from "./simulated-host.ts";
import { canReceive } from "./sockets.ts";

/** Interfaces by the delay after which the packet reaches them. */
export type Arrivals = ReadonlyMap<Duration, readonly Interface[]>;

const AT_ONCE = milliseconds(0);

/** A host's own multicast comes back to it at once and is never lost. */
export function groupArrivals(packet: Packet, from: Interface, random: Random): Arrivals {
  const { conditions, interfaces } = packet.link;
  const arrivals = new Map<Duration, Interface[]>();
  for (const receiver of interfaces) {
    if (!canReceive(packet, receiver)) continue;
    if (receiver === from) add(arrivals, AT_ONCE, receiver);
    else if (from.carrier === "up" && packet.link.hears(from, receiver)) {
      for (const delay of deliveryDelays(conditions, random)) add(arrivals, delay, receiver);
    }
  }
  return arrivals;
}

/** At the interface of the link that has the address, if it hears the sender. */
export function unicastArrivals(packet: Packet, from: Interface, random: Random): Arrivals {
  const arrivals = new Map<Duration, Interface[]>();
  const { conditions, interfaces } = packet.link;
  const receiver = interfaces.find((own) => own.has(packet.destination.address));
  if (receiver === undefined || !packet.link.hears(from, receiver)) return arrivals;
  const delays = receiver === from ? [AT_ONCE] : deliveryDelays(conditions, random);
  for (const delay of delays) add(arrivals, delay, receiver);
  return arrivals;
}

function add(arrivals: Map<Duration, Interface[]>, delay: Duration, receiver: Interface): void {
  const group = arrivals.get(delay);
  if (group === undefined) arrivals.set(delay, [receiver]);
  else group.push(receiver);
}
