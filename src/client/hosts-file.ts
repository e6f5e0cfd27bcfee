/**
 * /etc/hosts: names that the owner of this host has given addresses, and that are therefore asked of
 * nobody (hosts(5)).
 */

import { readFileSync, statSync } from "node:fs";
import { type IpAddress, parseIpAddress } from "../core/ip-address.ts";

const HOSTS_FILE = "/etc/hosts";

/** Octets beyond which the file is not read. */
const SIZE_MAX = 4_194_304;

export class HostsFile {
  readonly #path: string;
  #version: string | undefined;
  #addresses: ReadonlyMap<string, readonly IpAddress[]> = new Map();

  constructor(path: string = HOSTS_FILE) {
    this.#path = path;
  }

  /** The addresses of a name, in the file's order; none where the file does not have it. */
  addressesOf(name: string): readonly IpAddress[] {
    this.#refresh();
    return this.#addresses.get(keyOf(name)) ?? [];
  }

  #refresh(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const version = `${ino} ${mtimeMs} ${size}`;
      if (version === this.#version) return;
      this.#version = version;
      this.#addresses = size > SIZE_MAX ? new Map() : parseHosts(readFileSync(this.#path, "utf8"));
    } catch {
      this.#version = undefined;
      this.#addresses = new Map();
    }
  }
}

/** Lines of an address, its name and aliases; lines that are none are passed over, as by libc. */
export function parseHosts(text: string): ReadonlyMap<string, readonly IpAddress[]> {
  const addresses = new Map<string, IpAddress[]>();
  for (const line of text.split("\n")) {
    const [written = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const address = parseIpAddress(written);
    if (address === undefined) continue;
    for (const name of names) {
      const key = keyOf(name);
      const known = addresses.get(key) ?? [];
      if (!known.includes(address)) addresses.set(key, [...known, address]);
    }
  }
  return addresses;
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
