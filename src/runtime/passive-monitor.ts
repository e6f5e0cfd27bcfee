/**
 * Listening without saying anything: the groups of both protocols joined on the links, with no engine
 * behind. Unicast is left to whoever answers on this host.
 */

import type { Engine } from "../core/engine.ts";
import { DotlocalError } from "../core/errors.ts";
import { NEVER } from "../core/time.ts";
import { BootClock } from "../net/clock.ts";
import { Driver } from "../net/driver.ts";
import { openInterfaceSource } from "../net/interface-source.ts";
import { LinkMonitor } from "../net/link-monitor.ts";
import type { InterfaceSelector } from "../net/network-interface.ts";
import { createTransport, type TransportListeners } from "../net/transport.ts";
import { EventBuffer } from "./event-buffer.ts";
import type { SeenMessage } from "./seen-message.ts";
import { Traffic } from "./traffic.ts";

/** Hears everything and does nothing. */
const SILENT_ENGINE: Engine<never> = {
  handleDatagram() {},
  handleLinks() {},
  handleDeadline() {},
  handleWake() {},
  handleTransmitFailure() {},
  pollTransmit: () => undefined,
  pollEvent: () => undefined,
  nextDeadline: NEVER,
};

export interface PassiveMonitorOptions {
  readonly select: InterfaceSelector;
  readonly onLinkFailure: TransportListeners["linkFailure"];
  readonly signal: AbortSignal;
}

/**
 * Every message that is multicast on the links, until the signal is aborted.
 * @throws DotlocalError NO_LINK when no interface can be used.
 */
export async function* passiveMonitor(
  options: PassiveMonitorOptions,
): AsyncGenerator<SeenMessage, void> {
  const { select, onLinkFailure, signal } = options;
  const monitor = new LinkMonitor({ source: openInterfaceSource(), select });
  if (monitor.links.length === 0) {
    monitor.close();
    throw new DotlocalError(
      "NO_LINK",
      "no usable link: none is up with an address, or interfaces.allow and deny leave none " +
        "(name one with -i)",
    );
  }
  const driver = new Driver<never>({
    engine: SILENT_ENGINE,
    clock: new BootClock(),
    monitor,
    openTransport: (listeners) =>
      createTransport(
        "auto",
        { channels: ["mdns", "llmnr"], bindsUnicast: () => false },
        listeners,
      ),
    onEvent: () => {},
    onLinkFailure,
  });
  const buffer = new EventBuffer<SeenMessage>();
  const traffic = new Traffic(() => monitor.links);
  traffic.add((message) => buffer.push(message));
  driver.observer = traffic;
  buffer.endWith(signal);
  try {
    yield* buffer;
  } finally {
    await driver.close();
  }
}
