/**
 * Failing servers are asked in the background whether they work again, at growing intervals, so that
 * no question has to wait to find out. Nothing is asked while the resolver is idle.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, ORIGIN } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import type { Question } from "../wire/record.ts";
import { PROBE_IDLE } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { Exchange, ExchangeOwner, ExchangeTable } from "./exchange-table.ts";
import { composeQuery } from "./query-message.ts";
import type { ServerState } from "./server-state.ts";

/** Every server has an answer to it or knows that it has none. */
const PROBE_QUESTION: Question = {
  name: Name.ROOT,
  type: RecordType.NS,
  class: RecordClass.IN,
  unicastResponse: false,
};

const PROBE_FLAGS = { dnssecOk: false, checkingDisabled: false, authenticData: false };

export class ServerProbes implements ExchangeOwner {
  readonly #context: DnsContext;
  readonly #exchanges: ExchangeTable;
  readonly #planned = new Map<ServerState, Deadline<Task>>();
  #usedAt: Instant = ORIGIN;

  constructor(context: DnsContext, exchanges: ExchangeTable) {
    this.#context = context;
    this.#exchanges = exchanges;
  }

  /** A route is in use: those of its servers that fail are to be probed. */
  handleUse(servers: readonly ServerState[], now: Instant): void {
    this.#usedAt = now;
    if (servers.length < 2) return;
    for (const server of servers) if (server.isFailing) this.#plan(server);
  }

  /** Servers that are no longer in any plan are left alone. */
  retain(servers: Iterable<ServerState>): void {
    const kept = new Set(servers);
    for (const [server, deadline] of this.#planned) {
      if (kept.has(server)) continue;
      this.#context.cancel(deadline);
      this.#planned.delete(server);
    }
  }

  handleOutcome(exchange: Exchange, _: unknown, now: Instant): void {
    this.#planned.delete(exchange.state);
    if (exchange.state.isFailing && !this.#isIdle(now)) this.#plan(exchange.state);
  }

  #plan(server: ServerState): void {
    if (this.#planned.has(server)) return;
    const task = { run: (now: Instant) => this.#probe(server, now) };
    this.#planned.set(server, this.#context.schedule(server.probeDue, task));
  }

  #probe(server: ServerState, now: Instant): void {
    const isWanted = server.isFailing && !this.#isIdle(now);
    const exchange = isWanted ? this.#open(server, now) : undefined;
    if (exchange === undefined) this.#planned.delete(server);
  }

  #open(state: ServerState, now: Instant): Exchange | undefined {
    const withEdns = !state.isWithoutEdns(now);
    const query = { state, isStream: state.isStream, withEdns };
    const sent = composeQuery(PROBE_QUESTION, PROBE_FLAGS, query, this.#context.random, now);
    this.#context.counters.add("probes");
    return this.#exchanges.open({ ...query, sent, onFreshConnection: true }, this, now);
  }

  #isIdle(now: Instant): boolean {
    return now > after(this.#usedAt, PROBE_IDLE);
  }
}
