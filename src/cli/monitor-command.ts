/** `dotlocal monitor`: every mDNS and LLMNR message on the links, decoded, live. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { DotlocalError, EXIT_DONE } from "../core/errors.ts";
import type { SeenMessage } from "../runtime/seen-message.ts";
import { interruption } from "./interruption.ts";
import { jsonDisplay, lineDisplay, type MessageDisplay, pcapDisplay } from "./message-display.ts";
import { MessageFilter } from "./message-filter.ts";
import { messageLines } from "./message-lines.ts";
import type { LookupOptions } from "./options.ts";

export interface MonitorOptions extends LookupOptions {
  /** false: `--no-color`. */
  readonly color?: boolean;
  readonly type?: readonly string[];
  readonly name?: readonly string[];
  readonly from?: readonly string[];
  /** Another word for `--interface`. */
  readonly link?: readonly string[];
  /** A file; `-`: standard output, in place of the lines. */
  readonly pcap?: string;
  /** Ends after so many messages. */
  readonly count?: number;
}

export async function monitorCommand(options: MonitorOptions): Promise<number> {
  const links = [...(options.interface ?? []), ...(options.link ?? [])];
  const filter = new MessageFilter({
    ...{ type: options.type, name: options.name, from: options.from, links },
    ...{ ipv4Only: options["4"], ipv6Only: options["6"] },
  });
  const displays = openDisplays(options);
  const signal = interruption(options.timeout);
  const { count = Number.POSITIVE_INFINITY } = options;
  let shown = 0;
  try {
    for await (const message of seenMessages(options, links, signal)) {
      if (!filter.accepts(message)) continue;
      const lines = messageLines(message).filter((line) => filter.acceptsLine(line));
      if (lines.length === 0) continue;
      for (const display of displays) display.show(message, lines);
      if (++shown >= count) break;
    }
  } finally {
    for (const display of displays) display.close();
  }
  return EXIT_DONE;
}

function openDisplays({ json, color, pcap }: MonitorOptions): readonly MessageDisplay[] {
  const captures = pcap === undefined ? [] : [pcapDisplay(pcap)];
  if (pcap === "-") return captures;
  const isPlain = color === false || process.env["NO_COLOR"] !== undefined;
  const lines = json ? jsonDisplay() : lineDisplay(process.stdout.isTTY === true && !isPlain);
  return [lines, ...captures];
}

/** The daemon's where there is one, else what this process hears; ends with the signal. */
async function* seenMessages(
  options: MonitorOptions,
  links: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<SeenMessage> {
  if (!options.standalone && (yield* daemonMessages(options, signal)) === "over") return;
  yield* heardMessages(options, links, signal);
}

/** `absent`: no daemon answers, and none is insisted on. */
async function* daemonMessages(
  { socket, verbose }: MonitorOptions,
  signal: AbortSignal,
): AsyncGenerator<SeenMessage, "absent" | "over"> {
  const daemon = new DaemonConnection(findControlSocket(socket));
  try {
    yield* daemon.stream<SeenMessage>({ method: "GET", path: "/v1/monitor", signal });
  } catch (error) {
    if (!(error instanceof DotlocalError)) throw error;
    if (error.code === "ABORTED") return "over";
    const isAbsent = error.code === "NO_DAEMON" || error.code === "NOT_PERMITTED";
    if (!isAbsent || socket !== undefined) throw error;
    if (verbose) process.stderr.write(`${error.message}: listening ourselves\n`);
    return "absent";
  }
  if (signal.aborted) return "over";
  throw new DotlocalError("SYSTEM", "the daemon has ended");
}

async function* heardMessages(
  options: MonitorOptions,
  links: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<SeenMessage> {
  const [{ loadConfiguration }, { interfaceSelector }, { passiveMonitor }] = await Promise.all([
    import("../runtime/configuration-source.ts"),
    import("../runtime/interface-choice.ts"),
    import("../runtime/passive-monitor.ts"),
  ]);
  const { configuration } = await loadConfiguration(options.config, {
    interfaces: links,
    ipv4Only: options["4"],
    ipv6Only: options["6"],
  });
  yield* passiveMonitor({
    select: interfaceSelector(configuration),
    onLinkFailure: ({ name }, family, { message }) => {
      process.stderr.write(`${name} cannot be listened to with ${family}: ${message}\n`);
    },
    signal,
  });
}
