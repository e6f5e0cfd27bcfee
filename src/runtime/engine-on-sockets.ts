/**
 * The composed engine on real sockets: clock, links, port watch, sockets and driver put together the
 * one way that the daemon, the library and the command line all need.
 */

import type { Channel } from "../core/datagram.ts";
import type { Link } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { HostEngine } from "../host/host-engine.ts";
import type { HostEvent, HostSettings } from "../host/types.ts";
import { BootClock } from "../net/clock.ts";
import { Driver } from "../net/driver.ts";
import { ServerExchanges } from "../net/exchange/server-exchanges.ts";
import { Exchanges, type ExchangesOptions } from "../net/exchanges.ts";
import { openInterfaceSource } from "../net/interface-source.ts";
import { LinkMonitor } from "../net/link-monitor.ts";
import type { InterfaceSelector } from "../net/network-interface.ts";
import { PortHolders } from "../net/port-holders.ts";
import { SystemRandom } from "../net/system-random.ts";
import { createTransport, type TransportListeners } from "../net/transport.ts";
import { Traffic, type Watcher } from "./traffic.ts";

export interface EngineOnSocketsOptions {
  readonly settings: HostSettings;
  /** The label of the host that it had to take the last time. */
  readonly rememberedLabel?: string | undefined;
  /** Original names of services to the instance names that they had to take the last time. */
  readonly rememberedInstances?: ReadonlyMap<string, string> | undefined;
  readonly select: InterfaceSelector;
  readonly onEvent: (event: HostEvent) => void;
  readonly onLinkFailure?: TransportListeners["linkFailure"];
  readonly onLinks?: (links: readonly Link[]) => void;
  /** Connections to LLMNR's port cannot be taken at an address; UDP goes on. */
  readonly onListenFailure?: NonNullable<ExchangesOptions["onListenFailure"]>;
  /** Whether another process that takes unicast to port 5353 came or went. */
  readonly onPortHolders?: () => void;
  readonly onWake?: () => void;
  /** Since when the first links count as there. Default: now. */
  readonly startedAt?: Instant | undefined;
  /** Sockets and timers alone do not keep the process alive. */
  readonly unref?: boolean;
}

export class EngineOnSockets {
  readonly driver: Driver<HostEvent, HostEngine>;
  readonly monitor: LinkMonitor;
  readonly portHolders: PortHolders;
  readonly #traffic = new Traffic(() => this.monitor.links);

  constructor(options: EngineOnSocketsOptions) {
    const { settings, rememberedLabel, rememberedInstances, select, unref = false } = options;
    this.portHolders = new PortHolders();
    this.monitor = new LinkMonitor({
      source: openInterfaceSource(),
      select,
      sharesPort: (candidate) => this.portHolders.takesUnicastOf(candidate),
    });
    const engine = new HostEngine({
      ...{ settings, rememberedLabel, rememberedInstances },
      random: new SystemRandom(),
    });
    const { onListenFailure } = options;
    this.driver = new Driver<HostEvent, HostEngine>({
      engine,
      clock: new BootClock(),
      monitor: this.monitor,
      openTransport: (listeners) =>
        createTransport(
          "auto",
          {
            channels: ["mdns", "llmnr"],
            uses: (channel) => this.#traffic.isWatched || isUsed(channel, engine.settings),
            bindsUnicast: (channel, link) => takesUnicast(channel, link, engine.settings),
            unref,
          },
          listeners,
        ),
      openExchanges: (listeners) =>
        new Exchanges(
          {
            listens: () => engine.settings.llmnrMode === "full",
            ...(onListenFailure === undefined ? {} : { onListenFailure }),
            unref,
          },
          listeners,
        ),
      openServerExchanges: (onEvent) => new ServerExchanges({ onEvent, unref }),
      onEvent: options.onEvent,
      ...(options.onLinkFailure === undefined ? {} : { onLinkFailure: options.onLinkFailure }),
      onWake: () => options.onWake?.(),
      startedAt: options.startedAt,
      unref,
    });
    const driven = this.monitor.onChange;
    this.monitor.onChange = () => {
      driven?.();
      options.onLinks?.(this.monitor.links);
    };
    this.portHolders.onChange = () => {
      this.monitor.refresh();
      options.onPortHolders?.();
    };
  }

  /** Follows settings, with the sockets that they ask for. */
  applySettings(settings: HostSettings): void {
    this.driver.run((engine, now) => engine.applySettings(settings, now));
    this.driver.reconcile();
  }

  get links(): readonly Link[] {
    return this.monitor.links;
  }

  /** How many watch what passes. */
  get watcherCount(): number {
    return this.#traffic.watcherCount;
  }

  /** Tells every message from now on; groups that nothing else needs are joined for it. */
  watch(watcher: Watcher): void {
    this.#traffic.add(watcher);
    this.driver.observer = this.#traffic;
    this.driver.reconcile();
  }

  unwatch(watcher: Watcher): void {
    this.#traffic.remove(watcher);
    if (this.#traffic.isWatched) return;
    this.driver.observer = undefined;
    this.driver.reconcile();
  }

  /** Says goodbye for everything published, and closes. */
  async close(): Promise<void> {
    this.portHolders.close();
    this.driver.run((engine, now) => engine.shutdown(now));
    await this.driver.close();
  }
}

/** RFC 4795 §3.1: where LLMNR is not to answer, its groups are not listened to. */
function isUsed(channel: Channel, { mdnsMode, llmnrMode }: HostSettings): boolean {
  return channel === "mdns" ? mdnsMode !== "off" : llmnrMode === "full";
}

/** What is only watched leaves unicast to others, and so does a shared port (RFC 6762 §15.1). */
function takesUnicast(channel: Channel, { sharesPort }: Link, settings: HostSettings): boolean {
  return isUsed(channel, settings) && !(channel === "mdns" && sharesPort);
}
