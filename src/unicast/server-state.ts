/**
 * What is known of one name server: its round trip, whether it answers lately, its cookie, whether
 * it takes EDNS.
 *
 * Theory of operation: a server is `working` until it has let a question wait or cannot be reached;
 * then it is `failing`, comes behind the working ones, and is probed at growing intervals. Any reply
 * that matches its question, however late, makes it `working` again.
 */

import type { ExchangeServer } from "../core/exchange.ts";
import type { Random } from "../core/random.ts";
import { after, before, type Duration, type Instant, milliseconds, ORIGIN } from "../core/time.ts";
import {
  EDNS_ABSENCE,
  PROBE_INTERVAL_MAX,
  PROBE_INTERVAL_MIN,
  REFUSAL_PENALTY,
  REFUSALS_COUNTED_MAX,
  RTT_UNKNOWN,
} from "./constants.ts";
import { CookieJar } from "./cookie.ts";
import { RoundTrip } from "./retransmission.ts";

export type Health =
  | { readonly state: "working" }
  | { readonly state: "failing"; readonly since: Instant; readonly failures: number };

export class ServerState {
  readonly server: ExchangeServer;
  readonly key: string;
  readonly roundTrip = new RoundTrip();
  readonly cookies: CookieJar;
  #health: Health = { state: "working" };
  #failedAt: Instant = ORIGIN;
  #repliedAt: Instant | undefined;
  #refusals = 0;
  #withoutEdnsUntil: Instant = ORIGIN;
  sent = 0;
  answered = 0;

  constructor(server: ExchangeServer, random: Random) {
    this.server = server;
    this.key = keyOf(server);
    this.cookies = new CookieJar(random);
  }

  get health(): Health {
    return this.#health;
  }

  get isFailing(): boolean {
    return this.#health.state === "failing";
  }

  get failures(): number {
    return this.#health.state === "failing" ? this.#health.failures : 0;
  }

  get isStream(): boolean {
    return this.server.transport !== "udp";
  }

  /** The round trip that is reckoned with, refusals counted in. */
  get cost(): Duration {
    const penalty = Math.min(this.#refusals, REFUSALS_COUNTED_MAX) * REFUSAL_PENALTY;
    return milliseconds((this.roundTrip.mean ?? RTT_UNKNOWN) + penalty);
  }

  /** RFC 6891 §7: the server has refused EDNS lately. */
  isWithoutEdns(now: Instant): boolean {
    return now < this.#withoutEdnsUntil;
  }

  handleEdnsRefused(now: Instant): void {
    this.#withoutEdnsUntil = after(now, EDNS_ABSENCE);
  }

  /**
   * A reply that matches its question has come, whatever it says. `elapsed` is its round trip, where
   * it is one of the server's usual transport.
   */
  handleReply(elapsed: Duration | undefined, now: Instant): void {
    this.#repliedAt = now;
    if (elapsed !== undefined) this.roundTrip.measure(elapsed);
    this.#health = { state: "working" };
    this.answered++;
  }

  handleAnswer(): void {
    this.#refusals = 0;
  }

  /** A reply that is no answer: SERVFAIL, REFUSED, lame. */
  handleRefusal(): void {
    this.#refusals++;
  }

  /** It let a question wait that was sent at `sentAt`, or could not be reached. */
  handleFailure(sentAt: Instant, now: Instant): void {
    // It has replied to others since: that question alone is slow.
    if (this.#repliedAt !== undefined && this.#repliedAt > sentAt) return;
    // Questions that went out before it was known to fail tell nothing new.
    if (this.#health.state === "failing" && sentAt < this.#failedAt) return;
    const { failures } = this;
    const since = this.#health.state === "failing" ? this.#health.since : now;
    this.#health = { state: "failing", since, failures: failures + 1 };
    this.#failedAt = now;
  }

  /** When a failing server is due to be probed. */
  get probeDue(): Instant {
    const growth = 2 ** Math.max(0, this.failures - 1);
    return after(this.#failedAt, milliseconds(probeInterval(growth)));
  }

  /** The network has changed: what was measured, and the cookie, belong to the one before. */
  handleNetworkChange(now: Instant): void {
    this.#health = { state: "working" };
    this.#failedAt = before(now, PROBE_INTERVAL_MIN);
    this.#refusals = 0;
    this.#withoutEdnsUntil = ORIGIN;
    this.roundTrip.forget();
    this.cookies.forget();
  }
}

function probeInterval(growth: number): number {
  return Math.min(PROBE_INTERVAL_MIN * growth, PROBE_INTERVAL_MAX);
}

/** Servers with the same key are the same. */
export function keyOf(server: ExchangeServer): string {
  const { transport, address, port, serverName, path } = server;
  return [transport, address, port, server.interface, serverName, path].join(" ");
}
