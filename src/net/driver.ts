/**
 * The driver loop: couples one engine with the clock, the links and the sockets.
 *
 * Theory of operation: every input (a burst of datagrams, a change of links, a deadline, a command)
 * goes into the engine with one reading of the clock; then the engine is drained of datagrams and
 * events, and the one timer is set to its next deadline. A listener that gives a command from within
 * an event is served by the drain already under way, so nothing is re-entered. The timer is always
 * computed from the deadline's instant, so that it does not drift, and never waits longer than
 * `WAIT_MAX`, so that no wait overflows a timer and that a suspend is noticed even when nothing at
 * all comes in afterwards: with any input it is noticed at once, because each reads the clock.
 *
 * On a machine that is busy with something else the timer comes late, and so does what has arrived: it
 * still lies in the sockets. It is read before the deadline is handled, since a probe, a query or a
 * look-up that has had its answer must not end for want of one.
 */

import type { Endpoint } from "../core/datagram.ts";
import type { Engine } from "../core/engine.ts";
import type { ServerEvent } from "../core/exchange.ts";
import type { Link } from "../core/link.ts";
import { type Duration, type Instant, milliseconds, NEVER, seconds } from "../core/time.ts";
import type { BootClock } from "./clock.ts";
import type { ServerExchanges } from "./exchange/server-exchanges.ts";
import type { ExchangeListeners, Exchanges } from "./exchanges.ts";
import type { LinkMonitor } from "./link-monitor.ts";
import type { TrafficObserver } from "./traffic-observer.ts";
import type { Transport, TransportListeners } from "./transport.ts";

/** The longest the driver sleeps. */
const WAIT_MAX = seconds(60);

/** A deadline that is this late: the process could not run, and what arrived is not read yet. */
const HELD_UP = milliseconds(10);

export interface DriverOptions<Event, DrivenEngine extends Engine<Event>> {
  readonly engine: DrivenEngine;
  readonly clock: BootClock;
  readonly monitor: LinkMonitor;
  readonly openTransport: (listeners: TransportListeners) => Transport;
  /** For an engine that has exchanges. */
  readonly openExchanges?: (listeners: ExchangeListeners) => Exchanges;
  /** For an engine that asks name servers. */
  readonly openServerExchanges?: (onEvent: (event: ServerEvent) => void) => ServerExchanges;
  /** Gets every event, outside of the engine: it may give commands. */
  readonly onEvent: (event: Event, now: Instant) => void;
  readonly onLinkFailure?: TransportListeners["linkFailure"];
  readonly onWake?: (slept: Duration) => void;
  /**
   * Since when the first links count as there: random waits that begin with them run while a process
   * still starts. Default: now.
   */
  readonly startedAt?: Instant | undefined;
  /** The timer alone does not keep the process alive. Default false. */
  readonly unref?: boolean;
}

export class Driver<Event, DrivenEngine extends Engine<Event> = Engine<Event>> {
  readonly #engine: DrivenEngine;
  readonly #clock: BootClock;
  readonly #monitor: LinkMonitor;
  readonly #transport: Transport;
  readonly #exchanges: Exchanges | undefined;
  readonly #serverExchanges: ServerExchanges | undefined;
  readonly #onEvent: (event: Event, now: Instant) => void;
  readonly #unref: boolean;
  /** The clock's reading for the burst under way; undefined between bursts. */
  #burst: Instant | undefined;
  #isDraining = false;
  /** The clock has told of a suspend that the engine does not know of yet. */
  #hasSlept = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: Instant = NEVER;
  #isClosed = false;
  /** Sees what comes in before the engine does, and what goes out. */
  observer: TrafficObserver | undefined;

  constructor(options: DriverOptions<Event, DrivenEngine>) {
    this.#engine = options.engine;
    this.#clock = options.clock;
    this.#monitor = options.monitor;
    this.#onEvent = options.onEvent;
    this.#unref = options.unref ?? false;
    this.#transport = options.openTransport(this.#listeners(options));
    this.#exchanges = options.openExchanges?.({
      exchange: (event) => {
        this.observer?.handleExchange(event);
        this.run((engine, now) => engine.handleExchange?.(event, now));
      },
    });
    this.#serverExchanges = options.openServerExchanges?.((event) =>
      this.run((engine, now) => engine.handleServerExchange?.(event, now)),
    );
    this.#clock.onWake = (slept) => {
      this.#hasSlept = true;
      options.onWake?.(slept);
      queueMicrotask(() => this.#wakeIfSlept());
    };
    this.#monitor.onChange = () => this.#handleLinks(this.#clock.now());
    this.#handleLinks(options.startedAt ?? this.#clock.now());
  }

  get engine(): DrivenEngine {
    return this.#engine;
  }

  get links(): readonly Link[] {
    return this.#monitor.links;
  }

  get transportKind(): Transport["kind"] {
    return this.#transport.kind;
  }

  /** Whether an endpoint of this host is one that name servers are asked from by UDP. */
  asksFrom(source: Endpoint): boolean {
    return this.#serverExchanges?.isAt(source) === true;
  }

  /** The instant of an input that is about to go in; a wake goes in before it. */
  now(): Instant {
    const now = this.#clock.now();
    this.#wakeIfSlept();
    return now;
  }

  /** Gives the engine a command and sends what comes of it. */
  run<Outcome>(command: (engine: DrivenEngine, now: Instant) => Outcome): Outcome {
    const outcome = command(this.#engine, this.now());
    this.#drain();
    return outcome;
  }

  /** Opens and closes sockets anew, for instance because unicast is to be bound or no longer. */
  reconcile(): void {
    this.#transport.reconcile(this.#monitor.links);
    this.#exchanges?.reconcile(this.#monitor.links);
  }

  /**
   * Stops watching, sends what the engine has queued and closes the sockets. Goodbyes are the
   * caller's to ask for, by a command before.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#clock.onWake = undefined;
    this.#monitor.close();
    this.#exchanges?.close();
    this.#serverExchanges?.close();
    await this.#transport.close();
  }

  #listeners(options: DriverOptions<Event, DrivenEngine>): TransportListeners {
    return {
      datagram: (datagram) => {
        this.#burst ??= this.now();
        this.observer?.handleReceived(datagram);
        this.#engine.handleDatagram(datagram, this.#burst);
      },
      burstEnd: () => {
        this.#burst = undefined;
        const hasTold = this.#drain();
        return hasTold || this.observer !== undefined ? undefined : "quiet";
      },
      transmitFailure: (datagram, failure) => {
        this.#engine.handleTransmitFailure(datagram, failure, this.now());
        this.#drain();
      },
      linkFailure: options.onLinkFailure ?? (() => {}),
    };
  }

  #handleLinks(now: Instant): void {
    if (this.#isClosed) return;
    this.reconcile();
    this.#serverExchanges?.handleNetworkChange();
    this.#engine.handleLinks(this.#monitor.links, now);
    this.#drain();
  }

  #wakeIfSlept(): void {
    if (!this.#hasSlept || this.#isClosed) return;
    this.#hasSlept = false;
    // What the timer had left to wait was counted without the suspend.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#monitor.handleWake();
    this.#serverExchanges?.handleNetworkChange();
    this.#engine.handleWake(this.#clock.now());
    this.#drain();
  }

  #handleTimer(): void {
    this.#timer = undefined;
    this.#timerAt = NEVER;
    const isHeldUp = this.now() - this.#engine.nextDeadline >= HELD_UP;
    // The event loop looks at the sockets before it comes to immediates.
    if (isHeldUp) setImmediate(() => this.#handleDeadline());
    else this.#handleDeadline();
  }

  #handleDeadline(): void {
    if (this.#isClosed) return;
    const now = this.now();
    if (this.#engine.nextDeadline <= now) this.#engine.handleDeadline(now);
    this.#drain();
  }

  /** Returns whether anything but datagrams came out. */
  #drain(): boolean {
    if (this.#isDraining || this.#isClosed) return false;
    this.#isDraining = true;
    let hasTold = false;
    try {
      for (;;) {
        const hasSent = this.#drainTransmits();
        const tells = this.#drainAllExchanges() || this.#drainEvents();
        if (!hasSent && !tells) break;
        hasTold ||= tells;
      }
    } finally {
      this.#isDraining = false;
    }
    this.#setTimer();
    return hasTold;
  }

  #drainTransmits(): boolean {
    const first = this.#engine.pollTransmit();
    for (let datagram = first; datagram !== undefined; datagram = this.#engine.pollTransmit()) {
      this.observer?.handleSent(datagram);
      this.#transport.send(datagram);
    }
    return first !== undefined;
  }

  #drainAllExchanges(): boolean {
    const hasDrained = this.#drainExchanges();
    return this.#drainServerExchanges() || hasDrained;
  }

  #drainServerExchanges(): boolean {
    const first = this.#engine.pollServerExchange?.();
    for (let next = first; next !== undefined; next = this.#engine.pollServerExchange?.()) {
      this.#serverExchanges?.take(next);
    }
    return first !== undefined;
  }

  #drainExchanges(): boolean {
    const first = this.#engine.pollExchange?.();
    for (let command = first; command !== undefined; command = this.#engine.pollExchange?.()) {
      this.observer?.handleCommand(command);
      this.#exchanges?.handleCommand(command);
    }
    return first !== undefined;
  }

  #drainEvents(): boolean {
    const first = this.#engine.pollEvent();
    for (let event = first; event !== undefined; event = this.#engine.pollEvent()) {
      this.#onEvent(event, this.#clock.now());
    }
    return first !== undefined;
  }

  #setTimer(): void {
    if (this.#isClosed) return;
    const deadline = this.#engine.nextDeadline;
    // Most deadlines go away before they are due; a timer that fires early is set anew then.
    if (this.#timer !== undefined && this.#timerAt <= deadline) return;
    clearTimeout(this.#timer);
    const wait = Math.min(WAIT_MAX, Math.max(milliseconds(0), deadline - this.#clock.now()));
    this.#timerAt = deadline;
    this.#timer = setTimeout(() => this.#handleTimer(), Math.ceil(wait));
    if (this.#unref) this.#timer.unref();
  }
}
