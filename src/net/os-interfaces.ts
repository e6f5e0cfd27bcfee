/**
 * The interfaces as `os.networkInterfaces()` lists them: systems other than Linux.
 *
 * It knows no flags and leaves out interfaces without an address; what it lists is up. An interface
 * is numbered by its IPv6 scope, or else in the order of first sight.
 */

import { networkInterfaces } from "node:os";
import { parseIpAddress } from "../core/ip-address.ts";
import { InterruptionCounter } from "./interruption-counter.ts";
import type { InterfaceSource } from "./link-monitor.ts";
import type { InterfaceAddress, NetworkInterface } from "./network-interface.ts";

/** Milliseconds between looks. */
const LOOK_INTERVAL = 1_000;

/** Not told by the system: that of Ethernet. */
const MTU_ASSUMED = 1500;

/** Numbers from here on are ours: above any interface index. */
const FIRST_OWN_INDEX = 1 << 20;

type Entry = NonNullable<ReturnType<typeof networkInterfaces>[string]>[number];

export class OsInterfaces implements InterfaceSource {
  readonly #indexes = new Map<string, number>();
  readonly #interruptions = new InterruptionCounter();
  #timer: NodeJS.Timeout | undefined;

  interfaces(): NetworkInterface[] {
    const found = Object.entries(networkInterfaces()).map(([name, entries]) =>
      this.#interfaceOf(name, entries ?? []),
    );
    this.#interruptions.keepOnly(found);
    return found;
  }

  watch(onChange: () => void): void {
    this.#timer = setInterval(onChange, LOOK_INTERVAL);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #interfaceOf(name: string, entries: readonly Entry[]): NetworkInterface {
    const index = this.#indexOf(name, entries);
    const mac = entries[0]?.mac;
    return {
      index,
      name,
      up: true,
      carrier: true,
      loopback: entries.some(({ internal }) => internal),
      multicast: true,
      pointToPoint: false,
      mtu: MTU_ASSUMED,
      mac: mac === "00:00:00:00:00:00" ? undefined : mac,
      addresses: entries.flatMap(addressOf),
      interruptions: this.#interruptions.count({ index, up: true, carrier: true }, 0),
    };
  }

  #indexOf(name: string, entries: readonly Entry[]): number {
    const scoped = entries.find((entry) => entry.family === "IPv6" && entry.scopeid !== 0);
    if (scoped?.family === "IPv6") return scoped.scopeid;
    const index = this.#indexes.get(name) ?? FIRST_OWN_INDEX + this.#indexes.size;
    this.#indexes.set(name, index);
    return index;
  }
}

function addressOf({ family, address: text, cidr }: Entry): InterfaceAddress[] {
  const address = parseIpAddress(text);
  if (address === undefined) return [];
  const wholeLength = family === "IPv4" ? 32 : 128;
  return [
    {
      family: family === "IPv4" ? "ipv4" : "ipv6",
      address,
      prefixLength: Number(cidr?.split("/")[1] ?? wholeLength),
      tentative: false,
      deprecated: false,
      temporary: false,
    },
  ];
}
