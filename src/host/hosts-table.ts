/**
 * Names that the owner of this host has given addresses in /etc/hosts (hosts(5)), and that are
 * therefore asked of nobody. The file itself is read elsewhere.
 */

import { type IpAddress, parseIpAddress } from "../core/ip-address.ts";
import { Name } from "../wire/name.ts";

export interface HostsEntry {
  /** As the file has it first. */
  readonly name: Name;
  /** In the file's order. */
  readonly addresses: readonly IpAddress[];
}

export class HostsTable {
  readonly #entries = new Map<string, { name: Name; addresses: IpAddress[] }>();
  readonly #names = new Map<IpAddress, Name[]>();

  static readonly EMPTY = new HostsTable();

  /** Lines of an address, its name and aliases; lines that are none are passed over, as by libc. */
  static parse(text: string): HostsTable {
    const table = new HostsTable();
    for (const line of text.split("\n")) {
      const [written = "", ...texts] = line.replace(/#.*/, "").trim().split(/\s+/);
      const address = parseIpAddress(written.replace(/%.*/, ""));
      if (address === undefined) continue;
      for (const name of texts.map(Name.tryParse)) {
        if (name instanceof Name) table.#add(name, address);
      }
    }
    return table;
  }

  get size(): number {
    return this.#entries.size;
  }

  entryOf(name: Name): HostsEntry | undefined {
    return this.#entries.get(name.key);
  }

  /** The names of an address; the first is its canonical one. */
  namesOf(address: IpAddress): readonly Name[] {
    return this.#names.get(address) ?? [];
  }

  #add(name: Name, address: IpAddress): void {
    const entry = this.#entries.get(name.key) ?? { name, addresses: [] };
    if (!entry.addresses.includes(address)) entry.addresses.push(address);
    this.#entries.set(name.key, entry);
    const names = this.#names.get(address) ?? [];
    if (!names.some((known) => known.equals(name))) names.push(name);
    this.#names.set(address, names);
  }
}
