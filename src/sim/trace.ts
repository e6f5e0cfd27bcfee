/**
 * What happened in a simulated network: a hash over all of it, by which two runs are compared, and
 * the latest part of it to read.
 */

import type { Instant } from "../core/time.ts";
import { formatEvent, formatPacket } from "./format-packet.ts";
import type { NetworkObserver } from "./observer.ts";
import type { Packet } from "./packet.ts";
import type { Process } from "./simulated-host.ts";

interface Entry {
  readonly at: Instant;
  readonly format: () => string;
}

/** FNV-1a (32 bits): offset basis and prime. */
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

const textEncoder = new TextEncoder();

export class Trace implements NetworkObserver {
  readonly #entriesMax: number;
  #entries: Entry[] = [];
  #hash = HASH_START;

  /** Keeps the latest `entriesMax` entries, and up to as many older ones. */
  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Eight hexadecimal digits; equal for equal runs. */
  get hash(): string {
    return this.#hash.toString(16).padStart(8, "0");
  }

  packetSent(packet: Packet): void {
    this.#mix(packet.octets);
    this.#mixText(`${packet.sentAt} ${packet.sender} ${packet.destination.address}`);
    this.#add(packet.sentAt, () => formatPacket(packet));
  }

  eventEmitted(process: Process, event: unknown, now: Instant): void {
    const kind = (event as { kind?: string }).kind ?? "";
    this.#mixText(`${now} ${process.name} ${kind}`);
    this.#add(now, () => `${process.name} event ${formatEvent(event)}`);
  }

  noted(text: string, now: Instant): void {
    this.#mixText(`${now} ${text}`);
    this.#add(now, () => `-- ${text}`);
  }

  /** The entries from one instant to another, a line each. */
  format(from: Instant, to: Instant): string[] {
    return this.#entries
      .filter((entry) => entry.at >= from && entry.at <= to)
      .map((entry) => `${formatInstant(entry.at)} ${entry.format()}`);
  }

  #add(at: Instant, format: () => string): void {
    this.#entries.push({ at, format });
    if (this.#entries.length > 2 * this.#entriesMax) {
      this.#entries = this.#entries.slice(-this.#entriesMax);
    }
  }

  #mixText(text: string): void {
    this.#mix(textEncoder.encode(text));
  }

  #mix(octets: Uint8Array): void {
    let hash = this.#hash;
    for (let index = 0; index < octets.length; index++) {
      hash = Math.imul(hash ^ octets[index]!, HASH_PRIME);
    }
    this.#hash = hash >>> 0;
  }
}

/** Seconds with three decimals, right-aligned. */
function formatInstant(at: Instant): string {
  return (at / 1000).toFixed(3).padStart(9);
}
