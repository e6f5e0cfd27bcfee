/**
 * Watches the network interfaces and tells when one of them or of their addresses came, went or
 * changed.
 *
 * Where koffi loads on Linux it listens to rtnetlink; elsewhere it looks again every second, or every
 * few while nothing changes. Which interfaces are used is the caller's predicate; who shares port
 * 5353 is the port watch's to say.
 */

import type { Link } from "../core/link.ts";
import { type InterfaceSelector, linksOf, type NetworkInterface } from "./network-interface.ts";

/** A source of the interfaces that there are. */
export interface InterfaceSource {
  /** Reads the interfaces, at once. */
  interfaces(): NetworkInterface[];
  /** Calls `onChange` when `interfaces` may differ. Late calls and too many are both harmless. */
  watch(onChange: () => void): void;
  close(): void;
}

export interface LinkMonitorOptions {
  readonly source: InterfaceSource;
  readonly select: InterfaceSelector;
  /** Whether another process takes this interface's unicast of port 5353. Default: none does. */
  readonly sharesPort?: (candidate: NetworkInterface) => boolean;
}

export class LinkMonitor {
  readonly #source: InterfaceSource;
  readonly #sharesPort: (candidate: NetworkInterface) => boolean;
  #select: InterfaceSelector;
  #interfaces: readonly NetworkInterface[] = [];
  #links: readonly Link[] = [];
  #fingerprint = "";
  #wakes = 0;
  /** Called after `links` has changed. */
  onChange: (() => void) | undefined;

  constructor(options: LinkMonitorOptions) {
    this.#source = options.source;
    this.#select = options.select;
    this.#sharesPort = options.sharesPort ?? (() => false);
    this.refresh();
    this.#source.watch(() => this.refresh());
  }

  /** Every interface, selected or not. */
  get interfaces(): readonly NetworkInterface[] {
    return this.#interfaces;
  }

  get links(): readonly Link[] {
    return this.#links;
  }

  /** Chooses links anew by another predicate. */
  set select(select: InterfaceSelector) {
    this.#select = select;
    this.refresh();
  }

  /** The host slept: every link begins a new incarnation. */
  handleWake(): void {
    this.#wakes++;
    this.refresh();
  }

  /** Looks now, for instance because who holds port 5353 has changed. */
  refresh(): void {
    this.#interfaces = this.#source.interfaces();
    const links = linksOf(this.#interfaces, this.#select, {
      wakes: this.#wakes,
      sharesPort: this.#sharesPort,
    });
    const fingerprint = JSON.stringify(links);
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    this.#links = links;
    this.onChange?.();
  }

  close(): void {
    this.onChange = undefined;
    this.#source.close();
  }
}
