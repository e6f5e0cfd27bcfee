/**
 * The interfaces as /sys/class/net and /proc/net/if_inet6 show them: Linux without koffi.
 *
 * IPv4 addresses come from `os.networkInterfaces()`. Nothing announces a change, so it looks again:
 * every second while things change and while no address is there, else every five.
 */

import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { formatIpv6, parseIpAddress } from "../core/ip-address.ts";
import { ADDRESS_FLAG, INTERFACE_FLAG } from "./interface-flags.ts";
import { InterruptionCounter } from "./interruption-counter.ts";
import type { InterfaceSource } from "./link-monitor.ts";
import type { InterfaceAddress, NetworkInterface } from "./network-interface.ts";

/** Milliseconds between looks, and between those where all has been quiet for a while. */
const LOOK_INTERVAL = 1_000;
const QUIET_LOOK_INTERVAL = 5_000;

/** Milliseconds without a change after which it is quiet. */
const QUIET_AFTER = 30_000;

/** One folder an interface. */
export const SYSFS_DIRECTORY = "/sys/class/net";

export class SysfsLinks implements InterfaceSource {
  readonly #interruptions = new InterruptionCounter();
  #timer: NodeJS.Timeout | undefined;
  #seen = "";
  #changedAt = 0;
  #hasAddress = false;

  interfaces(): NetworkInterface[] {
    const ipv4 = readIpv4Addresses();
    const ipv6 = parseIfInet6(readText("/proc/net/if_inet6"));
    const found: NetworkInterface[] = [];
    for (const name of readdirSync(SYSFS_DIRECTORY)) {
      const properties = readProperties(name);
      if (properties === undefined) continue;
      const addresses = [...(ipv4.get(name) ?? []), ...(ipv6.get(name) ?? [])];
      const carrierChanges = readNumber(name, "carrier_changes");
      const interruptions = this.#interruptions.count(properties, carrierChanges);
      found.push({ ...properties, addresses, interruptions });
    }
    found.sort((a, b) => a.index - b.index);
    this.#interruptions.keepOnly(found);
    this.#note(found);
    return found;
  }

  watch(onChange: () => void): void {
    const isQuiet = this.#hasAddress && performance.now() - this.#changedAt > QUIET_AFTER;
    this.#timer = setTimeout(
      () => {
        this.watch(onChange);
        onChange();
      },
      isQuiet ? QUIET_LOOK_INTERVAL : LOOK_INTERVAL,
    );
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #note(found: readonly NetworkInterface[]): void {
    const seen = JSON.stringify(found);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#changedAt = performance.now();
    this.#hasAddress = found.some(({ loopback, addresses }) => !loopback && addresses.length > 0);
  }
}

function readProperties(
  name: string,
): Omit<NetworkInterface, "addresses" | "interruptions"> | undefined {
  const index = readNumber(name, "ifindex");
  if (index === 0) return undefined;
  const flags = readNumber(name, "flags");
  const state = readText(`${SYSFS_DIRECTORY}/${name}/operstate`).trim();
  const up = (flags & INTERFACE_FLAG.up) !== 0;
  const mac = readText(`${SYSFS_DIRECTORY}/${name}/address`).trim();
  return {
    index,
    name,
    up,
    carrier: up && (state === "up" || state === "unknown"),
    loopback: (flags & INTERFACE_FLAG.loopback) !== 0,
    multicast: (flags & INTERFACE_FLAG.multicast) !== 0,
    pointToPoint: (flags & INTERFACE_FLAG.pointToPoint) !== 0,
    mtu: readNumber(name, "mtu"),
    mac: /^(?!00:00:00:00:00:00)(..:){5}..$/.test(mac) ? mac : undefined,
  };
}

function readIpv4Addresses(): Map<string, InterfaceAddress[]> {
  const byName = new Map<string, InterfaceAddress[]>();
  for (const [label, entries] of Object.entries(networkInterfaces())) {
    // An address may have a label of its own, which begins with the interface's name.
    const name = label.split(":")[0]!;
    for (const { family, address: text, cidr } of entries ?? []) {
      const address = parseIpAddress(text);
      if (family !== "IPv4" || address === undefined) continue;
      const prefixLength = Number(cidr?.split("/")[1] ?? 32);
      const flags = { tentative: false, deprecated: false, temporary: false };
      append(byName, name, { family: "ipv4", address, prefixLength, ...flags });
    }
  }
  return byName;
}

/**
 * Reads /proc/net/if_inet6: address, index, prefix length, scope and flags in hexadecimal, name.
 */
export function parseIfInet6(table: string): Map<string, InterfaceAddress[]> {
  const byName = new Map<string, InterfaceAddress[]>();
  for (const line of table.split("\n")) {
    const [hex, , prefix, , flagText, name] = line.trim().split(/ +/);
    if (hex === undefined || hex.length !== 32 || name === undefined) continue;
    const flags = Number.parseInt(flagText!, 16);
    append(byName, name, {
      family: "ipv6",
      address: formatIpv6(Buffer.from(hex, "hex"), 0),
      prefixLength: Number.parseInt(prefix!, 16),
      tentative: (flags & (ADDRESS_FLAG.tentative | ADDRESS_FLAG.duplicate)) !== 0,
      deprecated: (flags & ADDRESS_FLAG.deprecated) !== 0,
      temporary: (flags & ADDRESS_FLAG.temporary) !== 0,
    });
  }
  return byName;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** A number in decimal or `0x` notation; 0 where there is none. */
function readNumber(name: string, file: string): number {
  return Number(readText(`${SYSFS_DIRECTORY}/${name}/${file}`)) || 0;
}

/** An interface may go, and some files cannot be read while it is down: empty then. */
function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
