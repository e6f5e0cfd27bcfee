/**
 * The wire as it was: every DNS message that passed, on a whole LAN or at one host's link, with its
 * time, addresses and hop limit, decoded by this project's parser. `dissect` asks Wireshark's
 * dissector instead, for a second opinion.
 */

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Message } from "../../../src/wire/message.ts";
import { parseMessage } from "../../../src/wire/parse.ts";
import { type Host, Lan } from "./lan.ts";
import type { Namespace } from "./namespace.ts";
import { readPcap, type UdpPacket } from "./pcap.ts";
import type { RunningProcess } from "./process.ts";

export interface Packet extends UdpPacket {
  /** The message, or undefined where the octets are none. */
  readonly message: Message | undefined;
}

export type PacketFilter = (packet: Packet & { readonly message: Message }) => boolean;

export interface CaptureOptions {
  /** The interface to capture on, where it is a host's. Default: the host's first link. */
  readonly link?: string;
  /** What to capture, in pcap's filter language. Default: mDNS, LLMNR and DNS. */
  readonly expression?: string;
}

const MDNS_PORT = 5353;
const EXPRESSION = "udp port 5353 or udp port 5355 or udp port 53";
const UNTIL_TIMEOUT = 10_000;
const POLL_INTERVAL = 20;

/** How long a packet that was sent may take to be in the file. */
const SETTLE_TIME = 100;

let captures = 0;

export class Capture implements AsyncDisposable {
  readonly #namespace: Namespace;
  readonly #file: string;
  readonly #tcpdump: RunningProcess;

  private constructor(namespace: Namespace, file: string, tcpdump: RunningProcess) {
    this.#namespace = namespace;
    this.#file = file;
    this.#tcpdump = tcpdump;
  }

  /** Resolves once packets are being captured. */
  static async start(where: Lan | Host, options: CaptureOptions = {}): Promise<Capture> {
    const link = where instanceof Lan ? Lan.BRIDGE : (options.link ?? where.link.name);
    captures++;
    const file = `/run/capture-${captures}.pcap`;
    const tcpdump = where.namespace.spawn("tcpdump", [
      ...["-i", link, "-n", "-U", "--immediate-mode", "-Z", "root", "-w", file],
      options.expression ?? EXPRESSION,
    ]);
    await tcpdump.line(/listening on/);
    return new Capture(where.namespace, file, tcpdump);
  }

  /** What has passed so far and matches, oldest first. */
  async packets(filter?: PacketFilter): Promise<readonly Packet[]> {
    await setTimeout(SETTLE_TIME);
    return select(this.#read(), filter);
  }

  /** Waits for a packet, past or future, that matches. Rejects after `timeout` ms. */
  async until(filter: PacketFilter, timeout = UNTIL_TIMEOUT): Promise<Packet> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const packets = this.#read();
      const found = select(packets, filter)[0];
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        const seen = packets.map(describePacket).join("\n") || "(nothing)";
        throw new Error(`no packet matched within ${timeout} ms; seen:\n${seen}`);
      }
      await setTimeout(POLL_INTERVAL);
    }
  }

  /**
   * Fields of the packets that match a Wireshark display filter, e.g. `dissect("mdns", "dns.id")`:
   * one array a packet, one text a field, several values of a field separated by commas.
   */
  async dissect(displayFilter: string, ...fields: readonly string[]): Promise<string[][]> {
    await setTimeout(SETTLE_TIME);
    const printed = await this.#namespace.output("tshark", [
      ...["-n", "-r", this.#file, "-Y", displayFilter, "-T", "fields"],
      ...fields.flatMap((field) => ["-e", field]),
    ]);
    return printed
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split("\t"));
  }

  async stop(): Promise<void> {
    await this.#tcpdump.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #read(): Packet[] {
    return readPcap(readFileSync(this.#namespace.path(this.#file))).map(decode);
  }
}

/** One line that tells a packet, for messages of failing tests. */
export function describePacket(packet: Packet): string {
  const { at, source, destination, message } = packet;
  const route = `${source.address}:${source.port} > ${destination.address}:${destination.port}`;
  return `${at.toFixed(6)} ${route} ${message === undefined ? "?" : describeMessage(message)}`;
}

function describeMessage(message: Message): string {
  const records = (["answers", "authorities", "additionals"] as const).map((section) =>
    message[section].map(({ name, type }) => `${name}/${type}`).join(" "),
  );
  const questions = message.questions.map(({ name, type }) => `${name}/${type}`).join(" ");
  return `${message.flags.toString(16).padStart(4, "0")} ${[questions, ...records].join(" | ")}`;
}

function select(packets: readonly Packet[], filter: PacketFilter | undefined): readonly Packet[] {
  if (filter === undefined) return packets;
  return packets.filter((packet) => isMessage(packet) && filter(packet));
}

function isMessage(packet: Packet): packet is Packet & { readonly message: Message } {
  return packet.message !== undefined;
}

function decode(packet: UdpPacket): Packet {
  const isMdns = packet.source.port === MDNS_PORT || packet.destination.port === MDNS_PORT;
  const result = parseMessage(packet.octets, isMdns ? "mdns" : "dns");
  return { ...packet, message: result.ok ? result.value : undefined };
}
