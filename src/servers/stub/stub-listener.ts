/**
 * The DNS stub: where it listens, following the configuration and, where it listens at all addresses,
 * this host's. What it answers is `stub-queries.ts`'s.
 *
 * It is never an open resolver: whoever is not in the networks allowed is refused, and by default
 * those are this host's own.
 */

import type { Network } from "../../config/network-values.ts";
import type { Endpoint } from "../../core/datagram.ts";
import type { InheritedSocket } from "../../net/listen-fds.ts";
import { libc } from "../../net/native/libc.ts";
import { ClientCounts, type ClientCountsOptions } from "./client-counts.ts";
import {
  ADDRESSES_LOOK_INTERVAL,
  CONNECTIONS_MAX,
  CONNECTIONS_OF_CLIENT_MAX,
  RETRY_INTERVAL,
} from "./constants.ts";
import { HandedOverPorts } from "./handed-over-ports.ts";
import { type Interfaces, isUnspecified, listenPlaces, placeKey } from "./listen-places.ts";
import { NativeUdpMemory } from "./native-udp.ts";
import { StubPlace, type StubPlaceContext } from "./stub-place.ts";
import { type StubCounter, StubQueries, type StubQueriesOptions } from "./stub-queries.ts";

export interface StubListenerOptions extends StubQueriesOptions {
  /** A place has opened, or cannot be had. */
  readonly onChange?: (place: StubPlace) => void;
  readonly connections?: Partial<ClientCountsOptions>;
  /** Milliseconds; default `IDLE_TIMEOUT`. */
  readonly idleTimeout?: number;
  /** Sockets that whoever started this process has bound; default: none. */
  readonly inherited?: readonly InheritedSocket[] | undefined;
  /** This host's addresses; default: as the operating system tells them. */
  readonly interfaces?: () => Interfaces;
}

export interface StubSettings {
  /** An unspecified address stands for all addresses of its family. */
  readonly listen: readonly Endpoint[];
  /** Networks whose hosts may ask. */
  readonly allow: readonly Network[];
}

export class StubListener {
  readonly #options: StubListenerOptions;
  readonly #queries: StubQueries;
  readonly #context: StubPlaceContext;
  readonly #places = new Map<string, StubPlace>();
  #listen: readonly Endpoint[] = [];
  /** Sockets are opened and closed one change after the other. */
  #work: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StubListenerOptions) {
    this.#options = options;
    this.#queries = new StubQueries(options);
    const native = libc();
    this.#context = {
      queries: this.#queries,
      connections: new ClientCounts({
        countMax: CONNECTIONS_MAX,
        countOfClientMax: CONNECTIONS_OF_CLIENT_MAX,
        ...options.connections,
      }),
      memory: native === undefined ? undefined : new NativeUdpMemory(native, this.#queries),
      idleTimeout: options.idleTimeout,
      handedOver: new HandedOverPorts(options.inherited ?? []),
      onChange: (place) => options.onChange?.(place),
    };
  }

  get places(): readonly StubPlace[] {
    return [...this.#places.values()];
  }

  get counters(): Readonly<Partial<Record<StubCounter, number>>> {
    return this.#queries.counters;
  }

  get connectionCount(): number {
    return this.#context.connections.count;
  }

  /** Queries that wait for their answer. */
  get pendingCount(): number {
    return this.#queries.pendingCount;
  }

  /** Listens there and nowhere else. What cannot be had is told by `places`, and tried again. */
  apply({ listen, allow }: StubSettings): Promise<void> {
    this.#queries.allow(allow);
    this.#listen = listen;
    return this.#reconcile();
  }

  /** This host's addresses may have changed. */
  handleLinks(): void {
    if (this.#listen.some(isUnspecified)) void this.#reconcile();
  }

  close(): Promise<void> {
    return this.apply({ listen: [], allow: [] });
  }

  #reconcile(): Promise<void> {
    this.#work = this.#work.then(() => this.#openAndClose());
    return this.#work;
  }

  async #openAndClose(): Promise<void> {
    clearTimeout(this.#timer);
    const wanted = new Map(
      listenPlaces(this.#listen, this.#options.interfaces?.()).map((place) => [
        placeKey(place),
        place,
      ]),
    );
    const closing = [...this.#places].filter(([key]) => !wanted.has(key));
    for (const [key] of closing) this.#places.delete(key);
    await Promise.all(closing.map(([, place]) => place.close()));
    for (const [key, place] of wanted) {
      if (!this.#places.has(key)) this.#places.set(key, new StubPlace(place, this.#context));
    }
    for (const place of this.#places.values()) await place.open();
    this.#planNext();
  }

  #planNext(): void {
    const follows = this.#listen.some(isUnspecified);
    const hasFailed = this.places.some(({ failure }) => failure !== undefined);
    if (!follows && !hasFailed) return;
    const interval = follows ? ADDRESSES_LOOK_INTERVAL : RETRY_INTERVAL;
    this.#timer = setTimeout(() => void this.#reconcile(), interval).unref();
  }
}
