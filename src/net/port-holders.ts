/**
 * Who else on this host holds a UDP port of ours, so that unicast to it may reach them instead
 * (RFC 6762 §15.1).
 *
 * Sockets bound to a group alone take nobody's unicast and do not count; nor do this process's own.
 * Which program it is can be told only where the system lets us look into the process's files; whose
 * it is, always.
 */

import { promises as files, readdirSync, readlinkSync } from "node:fs";
import type { IpAddress } from "../core/ip-address.ts";
import { type BoundSocket, type Protocol, readBoundSockets } from "./bound-socket.ts";
import { MDNS_PORT } from "./constants.ts";
import { hasAddress, type NetworkInterface } from "./network-interface.ts";

/** Milliseconds between looks. */
const LOOK_INTERVAL = 30_000;

/** How much of an interval is left to chance. */
const INTERVAL_SPREAD = 0.4;

export interface PortHoldersOptions {
  /** Default 5353. */
  readonly ports?: readonly number[];
  /** Milliseconds between looks, on average. */
  readonly interval?: number;
}

/** A program that holds a port; a null where the system does not let us see it. */
export interface Holder {
  readonly pid: number | null;
  /** The command's name, as /proc/PID/comm has it. */
  readonly name: string | null;
  /** Whose it is: a name, or the number of a user without one. */
  readonly user: string;
}

export class PortHolders {
  readonly #ports: readonly number[];
  readonly #interval: number;
  #timer: NodeJS.Timeout | undefined;
  #fingerprint = "";
  #holders: readonly BoundSocket[] = [];
  /** Called after `holders` has changed. */
  onChange: (() => void) | undefined;

  constructor(options: PortHoldersOptions = {}) {
    this.#ports = options.ports ?? [MDNS_PORT];
    this.#interval = options.interval ?? LOOK_INTERVAL;
    this.look();
    this.#planLook();
  }

  /** Other processes' sockets that take unicast to one of the ports. */
  get holders(): readonly BoundSocket[] {
    return this.#holders;
  }

  /** Whether one of them takes unicast to `port` at an address of the interface. */
  takesUnicastOf(candidate: NetworkInterface, port: number = this.#ports[0]!): boolean {
    return this.#holders.some((holder) => holder.port === port && reaches(holder, candidate));
  }

  /** Looks now. */
  look(): void {
    const bound = this.#ports
      .flatMap((port) => readBoundSockets("udp", port))
      .filter(({ address }) => !isMulticast(address));
    const fingerprint = bound.map(({ inode }) => inode).join(" ");
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    const before = describe(this.#holders);
    this.#holders = withoutOwn(bound);
    if (describe(this.#holders) !== before) this.onChange?.();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /**
   * At uneven intervals: two responders that see each other at the same instant would both give way,
   * then both come back, and so on.
   */
  #planLook(): void {
    const wait = this.#interval * (1 + INTERVAL_SPREAD * (Math.random() - 0.5));
    this.#timer = setTimeout(() => {
      this.look();
      this.#planLook();
    }, wait);
    this.#timer.unref();
  }
}

/** Other processes' sockets that hold `port` now. */
export function findPortHolders(protocol: Protocol, port: number): BoundSocket[] {
  return withoutOwn(readBoundSockets(protocol, port).filter((s) => !isMulticast(s.address)));
}

/**
 * Who has these sockets. Of those whose programs may not be looked into, the users alone are known:
 * one entry each.
 */
export async function findHolders(sockets: readonly BoundSocket[]): Promise<Holder[]> {
  if (sockets.length === 0) return [];
  const uids = new Map(sockets.map(({ inode, uid }) => [`socket:[${inode}]`, uid]));
  const hidden = new Map(uids);
  const users = await readUserNames();
  const userOf = (uid: number): string => users.get(uid) ?? String(uid);
  const found: Holder[] = [];
  for (const entry of await files.readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const held = (await descriptorLinks(entry)).filter((link) => uids.has(link));
    if (held.length === 0) continue;
    const name = await files.readFile(`/proc/${entry}/comm`, "utf8").catch(() => "");
    const user = userOf(uids.get(held[0]!)!);
    found.push({ pid: Number(entry), name: name.trimEnd(), user });
    for (const link of held) hidden.delete(link);
  }
  const others = new Set(Array.from(hidden.values(), userOf));
  return [...found, ...Array.from(others, (user) => ({ pid: null, name: null, user }))];
}

/** A holder as a sentence begins with it. */
export function holderName({ pid, name, user }: Holder): string {
  return pid === null ? `a process of user ${user}` : `${name} (process ${pid})`;
}

/** passwd(5); empty where there is none. */
async function readUserNames(): Promise<ReadonlyMap<number, string>> {
  const text = await files.readFile("/etc/passwd", "utf8").catch(() => "");
  const accounts = text.split("\n").map((line) => line.split(":"));
  return new Map(accounts.flatMap(([name, , uid]) => (name && uid ? [[Number(uid), name]] : [])));
}

async function descriptorLinks(pid: string): Promise<string[]> {
  const directory = `/proc/${pid}/fd`;
  const descriptors = await files.readdir(directory).catch(() => []);
  return Promise.all(
    descriptors.map((descriptor) => files.readlink(`${directory}/${descriptor}`).catch(() => "")),
  );
}

function withoutOwn(sockets: readonly BoundSocket[]): BoundSocket[] {
  if (sockets.length === 0) return [];
  const own = ownInodes();
  return sockets.filter(({ inode }) => !own.has(inode));
}

function ownInodes(): Set<number> {
  const inodes = new Set<number>();
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`));
      if (match !== null) inodes.add(Number(match[1]));
    } catch {
      // The directory's own descriptor is closed by now.
    }
  }
  return inodes;
}

function reaches(holder: BoundSocket, candidate: NetworkInterface): boolean {
  if (holder.interfaceIndex !== 0 && holder.interfaceIndex !== candidate.index) return false;
  if (holder.address === "0.0.0.0") return hasFamily(candidate, "ipv4");
  if (holder.address === "::") return !holder.ipv6Only || hasFamily(candidate, "ipv6");
  return hasAddress(candidate, holder.address);
}

function hasFamily(candidate: NetworkInterface, family: BoundSocket["family"]): boolean {
  return candidate.addresses.some((own) => own.family === family);
}

function isMulticast(address: IpAddress): boolean {
  if (address.includes(":")) return address.startsWith("ff");
  const first = Number(address.slice(0, address.indexOf(".")));
  return first >= 224 && first < 240;
}

function describe(sockets: readonly BoundSocket[]): string {
  return sockets.map(({ inode, address, port }) => `${inode} ${address} ${port}`).join(",");
}
