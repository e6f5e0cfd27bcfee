/**
 * Reads files in the format of Avahi's `hosts`: an address and a name on each line, `#` begins a
 * comment.
 *
 * Unlike Avahi, a wrong line leaves the rest of the file in force, and an address may have several
 * names, on one line or on several: the first of them is the one the address points back to.
 */

import { type IpAddress, parseIpAddress } from "../core/ip-address.ts";
import { Name } from "../wire/name.ts";
import {
  type Diagnostic,
  DiagnosticList,
  isTooLarge,
  type Position,
  quote,
  sortDiagnostics,
} from "./diagnostic.ts";

export interface HostEntry {
  readonly name: Name;
  readonly address: IpAddress;
  /** Whether the address points back to this name. */
  readonly reverse: boolean;
  readonly line: number;
}

export interface HostsOutcome {
  /** Those of the lines that are right. */
  readonly entries: readonly HostEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Token {
  readonly text: string;
  readonly position: Position;
}

export function parseAvahiHosts(text: string, fileName: string): HostsOutcome {
  const diagnostics = new DiagnosticList(fileName);
  const reader = new HostsReader(diagnostics);
  if (!isTooLarge(text, diagnostics)) {
    text.split(/\r?\n/).forEach((line, index) => {
      reader.line(tokensOf(line, index + 1));
    });
  }
  return { entries: reader.entries, diagnostics: sortDiagnostics(diagnostics.all) };
}

function tokensOf(text: string, line: number): readonly Token[] {
  const content = text.replace(/#.*$/, "").replace(/^\uFEFF/, " ");
  return Array.from(content.matchAll(/\S+/g), (match) => ({
    text: match[0],
    position: { line, column: match.index + 1 },
  }));
}

class HostsReader {
  readonly entries: HostEntry[] = [];
  readonly #diagnostics: DiagnosticList;
  readonly #seen = new Set<string>();

  constructor(diagnostics: DiagnosticList) {
    this.#diagnostics = diagnostics;
  }

  line([first, ...names]: readonly Token[]): void {
    if (first === undefined) return;
    const address = first.text.includes("%") ? undefined : parseIpAddress(first.text);
    if (address === undefined) {
      this.#diagnostics.error(first.position, `expected an IP address, not ${quote(first.text)}`);
    } else if (names.length === 0) {
      const message = `expected a host name after ${quote(first.text)}`;
      this.#diagnostics.error(first.position, message);
    } else {
      for (const name of names) this.#name(address, name);
    }
  }

  #name(address: IpAddress, { text, position }: Token): void {
    const name = Name.tryParse(text);
    if (!(name instanceof Name)) {
      const message = `expected a host name, not ${quote(text)}: ${name}`;
      this.#diagnostics.error(position, message);
    } else if (name.labelCount < 2) {
      const message = `expected a full host name, not ${quote(text)}`;
      this.#diagnostics.error(position, message, `write ${name}.local`);
    } else {
      this.#add(address, name, position);
    }
  }

  #add(address: IpAddress, name: Name, position: Position): void {
    const pair = `${address} ${name.key}`;
    if (this.#seen.has(pair)) {
      this.#diagnostics.warn(position, `${name} has the address ${address} already`);
      return;
    }
    const reverse = !this.#seen.has(address);
    this.#seen.add(pair).add(address);
    this.entries.push({ name, address, reverse, line: position.line });
  }
}
