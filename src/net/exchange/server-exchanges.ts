/**
 * The sockets behind an engine's exchanges with name servers (`core/exchange.ts`): a pool of UDP
 * ports, connections or a session for each server, opened when first asked and closed when idle.
 */

import type { Endpoint } from "../../core/datagram.ts";
import type {
  ExchangeId,
  ExchangeServer,
  ServerCommand,
  ServerEvent,
} from "../../core/exchange.ts";
import type { ChannelOptions, ServerChannel } from "./channel.ts";
import { CHANNELS_MAX } from "./constants.ts";
import { HttpsChannel } from "./https-channel.ts";
import { TrustedAuthorities } from "./secure-connection.ts";
import { StreamChannel } from "./stream-channel.ts";
import { UdpPool } from "./udp-pool.ts";

export interface ServerExchangesOptions {
  /** Gets every event; never called from within `take`. */
  readonly onEvent: (event: ServerEvent) => void;
  /** Sockets alone do not keep the process alive. Default false. */
  readonly unref?: boolean;
  /** A file of certificate authorities in PEM that are trusted besides the system's. */
  readonly caFile?: string;
}

export class ServerExchanges {
  readonly #options: ChannelOptions;
  readonly #authorities: TrustedAuthorities;
  /** By server; the least recently asked first. */
  readonly #channels = new Map<string, ServerChannel>();
  readonly #channelOf = new Map<ExchangeId, ServerChannel>();
  /** The last server asked, which mostly is the next one too, and its channel. */
  #latest: { readonly server: ExchangeServer; readonly channel: ServerChannel } | undefined;

  constructor({ onEvent, unref = false, caFile }: ServerExchangesOptions) {
    const tell = (event: ServerEvent) => {
      if (!this.#channelOf.has(event.exchange)) return;
      if (event.kind === "ended") this.#forget(event.exchange);
      onEvent(event);
    };
    this.#options = { tell, unref, caFile };
    this.#authorities = new TrustedAuthorities(caFile);
  }

  /** Exchanges under way. */
  get size(): number {
    return this.#channelOf.size;
  }

  take(command: ServerCommand): void {
    if (command.kind === "close") {
      this.#forget(command.exchange);
      return;
    }
    const { exchange, server, octets, onFreshConnection } = command;
    const channel = this.#channel(server);
    this.#channelOf.set(exchange, channel);
    try {
      channel.ask(exchange, octets, onFreshConnection);
    } catch {
      // Authorities that cannot be read: nobody can be trusted.
      setImmediate(() => this.#options.tell({ kind: "ended", exchange, code: "CERTIFICATE" }));
    }
  }

  /** Whether an endpoint is one that questions leave from by UDP: what comes from there is our own. */
  isAt(source: Endpoint): boolean {
    for (const channel of this.#channels.values()) if (channel.isAt?.(source)) return true;
    return false;
  }

  /** Own addresses, links or routes have changed, or the host slept. */
  handleNetworkChange(): void {
    for (const channel of this.#channels.values()) channel.handleNetworkChange();
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#latest = undefined;
    this.#channelOf.clear();
  }

  #forget(exchange: ExchangeId): void {
    this.#channelOf.get(exchange)?.forget(exchange);
    this.#channelOf.delete(exchange);
  }

  #channel(server: ExchangeServer): ServerChannel {
    if (this.#latest?.server === server) return this.#latest.channel;
    const key = keyOf(server);
    const channel = this.#channels.get(key) ?? this.#open(server);
    this.#channels.delete(key);
    this.#channels.set(key, channel);
    this.#latest = { server, channel };
    return channel;
  }

  #open(server: ExchangeServer): ServerChannel {
    if (this.#channels.size >= CHANNELS_MAX) this.#closeOldest();
    if (server.transport === "udp") return new UdpPool(server, this.#options);
    return server.transport === "https"
      ? new HttpsChannel(server, this.#options, this.#authorities)
      : new StreamChannel(server, this.#options, this.#authorities);
  }

  #closeOldest(): void {
    const oldest = [...this.#channels].find(([, { size }]) => size === 0) ?? [...this.#channels][0];
    if (oldest === undefined) return;
    const [key, channel] = oldest;
    this.#channels.delete(key);
    channel.close();
  }
}

function keyOf(server: ExchangeServer): string {
  const { transport, address, port, serverName, path } = server;
  return [transport, address, port, server.interface, serverName, path].join(" ");
}
