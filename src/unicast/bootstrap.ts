/**
 * Looks up servers that are known by name (`https://name/dns-query`) at the bootstrap servers, again
 * before their addresses' time is over, and keeps questions waiting until the first is known.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { ExchangeServer } from "../core/exchange.ts";
import { after, type Duration, type Instant, milliseconds, seconds } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { BOOTSTRAP_INTERVAL_MAX, BOOTSTRAP_INTERVAL_MIN } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { followChain } from "./name-chain.ts";
import type { ServerState } from "./server-state.ts";
import { Transaction } from "./transaction.ts";
import type { NamedServer } from "./types.ts";

/** A look-up under way, or one that comes later. */
type Progress =
  | { readonly state: "asking"; readonly transactions: readonly Transaction[] }
  | { readonly state: "waiting"; readonly deadline: Deadline<Task> };

const FLAGS = { dnssecOk: false, checkingDisabled: false, authenticData: false };
const TYPES: readonly number[] = [RecordType.A, RecordType.AAAA];

interface Found {
  readonly addresses: readonly ExchangeServer[];
  /** Seconds; of the answer with the shortest. */
  readonly ttl: number;
}

export class Bootstrap {
  readonly #server: NamedServer;
  readonly #context: DnsContext;
  readonly #exchanges: ExchangeTable;
  readonly #bootstrapServers: readonly ServerState[];
  readonly #onSettled: (addresses: readonly ExchangeServer[], now: Instant) => void;
  #progress: Progress = { state: "asking", transactions: [] };
  #answers: Found[] = [];
  #pending = 0;
  #failures = 0;

  /** `onSettled` gets the addresses found, none when there are none or the look-up failed. */
  constructor(
    server: NamedServer,
    context: DnsContext,
    exchanges: ExchangeTable,
    bootstrapServers: readonly ServerState[],
    onSettled: (addresses: readonly ExchangeServer[], now: Instant) => void,
  ) {
    this.#server = server;
    this.#context = context;
    this.#exchanges = exchanges;
    this.#bootstrapServers = bootstrapServers;
    this.#onSettled = onSettled;
  }

  /** The look-up is under way: what waits for it need not wait long. */
  get isAsking(): boolean {
    return this.#progress.state === "asking";
  }

  start(now: Instant): void {
    this.#answers = [];
    this.#pending = TYPES.length;
    const transactions = TYPES.map((type) => this.#transaction(type));
    this.#progress = { state: "asking", transactions };
    for (const transaction of transactions) transaction.start(now);
  }

  stop(): void {
    if (this.#progress.state === "waiting") this.#context.cancel(this.#progress.deadline);
    else for (const transaction of this.#progress.transactions) transaction.abort();
  }

  #transaction(type: number): Transaction {
    const { host } = this.#server;
    const question = { name: host, type, class: RecordClass.IN, unicastResponse: false };
    return new Transaction(
      this.#context,
      this.#exchanges,
      { question, flags: FLAGS },
      this.#bootstrapServers,
      {
        handleAnswer: (message, _, now) => {
          this.#answers.push(this.#found(followChain(question, message).answers));
          this.#settleOne(now);
        },
        handleFailure: (_, now) => this.#settleOne(now),
      },
    );
  }

  #found(records: Message["answers"]): Found {
    const { port, serverName, path } = this.#server;
    const addresses = records.flatMap(({ data }) =>
      data.kind === "A" || data.kind === "AAAA"
        ? [{ address: data.address, port, serverName, path, transport: "https" as const }]
        : [],
    );
    return {
      addresses: addresses.map((address) => ({ ...address, interface: undefined })),
      ttl: records.reduce((least, { ttl }) => Math.min(least, ttl), Infinity),
    };
  }

  #settleOne(now: Instant): void {
    this.#pending--;
    if (this.#pending > 0) return;
    const addresses = this.#answers.flatMap((answer) => answer.addresses);
    this.#failures = addresses.length > 0 ? 0 : this.#failures + 1;
    const deadline = this.#context.schedule(after(now, this.#interval()), {
      run: (at) => this.start(at),
    });
    this.#progress = { state: "waiting", deadline };
    this.#onSettled(addresses, now);
  }

  #interval(): Duration {
    const ttl = Math.min(...this.#answers.map((answer) => answer.ttl));
    const growth = BOOTSTRAP_INTERVAL_MIN * 2 ** Math.min(this.#failures, 20);
    const wanted = this.#failures > 0 || !Number.isFinite(ttl) ? growth : seconds(ttl);
    const bounded = Math.min(Math.max(wanted, BOOTSTRAP_INTERVAL_MIN), BOOTSTRAP_INTERVAL_MAX);
    return milliseconds(bounded);
  }
}
