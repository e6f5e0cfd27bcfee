/**
 * Queries of the stub's clients, answered: the plain ones from finished octets, the others by whoever
 * knows, and what is no question by its response code. The sockets carry octets both ways and know
 * nothing of them.
 *
 * A client outside of the networks allowed is refused with no more octets than it sent, and so many
 * times a second; beyond that it hears nothing.
 */

import type { Network } from "../../config/network-values.ts";
import { Counters } from "../../core/counters.ts";
import type { Endpoint } from "../../core/datagram.ts";
import { DotlocalError } from "../../core/errors.ts";
import type { Family, IpAddress } from "../../core/ip-address.ts";
import { Flag, RecordClass, ResponseCode } from "../../wire/constants.ts";
import type { Question } from "../../wire/record.ts";
import { AllowedNetworks } from "./allowed-networks.ts";
import { answerChaos } from "./chaos.ts";
import { ClientCounts, type ClientCountsOptions } from "./client-counts.ts";
import {
  PENDING_MAX,
  PENDING_OF_CLIENT_MAX,
  REFUSALS_PER_SECOND,
  SENSELESS_PORTS,
} from "./constants.ts";
import { PlainQuery } from "./plain-query.ts";
import { type QueryHead, readQuery } from "./query.ts";
import type { QuestionAnswerer, StubAnswer, StubQuestion } from "./question-answerer.ts";
import {
  composeFailure,
  composeReply,
  type ReplyPath,
  writeFinishedReply,
  writeRefusal,
} from "./reply.ts";
import { ReplyMemo } from "./reply-memo.ts";

export type StubCounter =
  | "udp-queries"
  | "tcp-queries"
  | "cached-replies"
  | "failed-queries"
  | "refused-clients"
  | "queries-over-limit"
  | "looped-queries"
  | "ignored-messages"
  | "connections"
  | "connections-over-limit"
  | "slow-readers"
  | "unsent-replies";

export interface StubQueriesOptions {
  readonly answerer: QuestionAnswerer;
  /** A fault of ours while a client was served. */
  readonly onFault: (error: unknown) => void;
  /** Whether an endpoint is one that we ask name servers from: its query is our own. */
  readonly isOwnSocket?: ((source: Endpoint) => boolean) | undefined;
  readonly limits?: Partial<ClientCountsOptions>;
}

export class StubQueries {
  readonly #counters = new Counters<StubCounter>();
  /** Replies given without anybody being asked; counted here, as there may be very many. */
  readonly #cached = { udp: 0, tcp: 0 };
  readonly #memo = new ReplyMemo();
  /** Of the query that is being looked up. */
  readonly #memoContext = { way: 0, epoch: 0, now: 0 };
  /** Replies that were given again, and not told to the answerer yet. */
  #repeated = 0;
  readonly #options: StubQueriesOptions;
  readonly #pending: ClientCounts;
  readonly #plain = new PlainQuery();
  #allowed = new AllowedNetworks([]);
  #refusals = { second: 0, count: 0 };

  constructor(options: StubQueriesOptions) {
    this.#options = options;
    this.#pending = new ClientCounts({
      countMax: PENDING_MAX,
      countOfClientMax: PENDING_OF_CLIENT_MAX,
      ...options.limits,
    });
  }

  get counters(): Readonly<Partial<Record<StubCounter, number>>> {
    this.#tellRepeated();
    const { udp, tcp } = this.#cached;
    const counted: Partial<Record<StubCounter, number>> = this.#counters.snapshot();
    return {
      ...counted,
      "udp-queries": (counted["udp-queries"] ?? 0) + udp,
      "tcp-queries": (counted["tcp-queries"] ?? 0) + tcp,
      "cached-replies": udp + tcp,
    };
  }

  count(what: StubCounter, count = 1): void {
    this.#counters.add(what, count);
  }

  /** Queries that wait for their answer. */
  get pendingCount(): number {
    return this.#pending.count;
  }

  allow(networks: readonly Network[]): void {
    this.#allowed = new AllowedNetworks(networks);
  }

  isAllowed(client: IpAddress): boolean {
    return this.#allowed.has(client);
  }

  /** Of the address at `at`. */
  isAllowedOctets(octets: Uint8Array, at: number, family: Family): boolean {
    return this.#allowed.hasOctets(octets, at, family);
  }

  /** Writes what a client outside of the networks gets and returns its size; 0: nothing. */
  writeRefusal(query: Uint8Array, into: Uint8Array, at: number): number {
    this.#counters.add("refused-clients");
    if (!this.#plain.read(query) || !this.#mayRefuse()) return 0;
    return writeRefusal(query, this.#plain.questionEnd, into, at);
  }

  /**
   * Writes the reply to the plain query of `size` octets at `start` of `octets` to `into` at `at` and
   * returns its size; 0: to be asked with `answer`.
   */
  writeCachedReply(
    octets: Uint8Array,
    start: number,
    size: number,
    path: ReplyPath,
    into: Uint8Array,
    at: number,
  ): number {
    const context = this.#memoContext;
    context.way = path.transport === "tcp" ? 0 : path.sizeMax;
    context.epoch = this.#options.answerer.epoch;
    context.now = performance.now();
    const known = this.#memo.write(octets, start, size, context, into, at);
    if (known === 0) return this.#writeFirst(octets.subarray(start, start + size), path, into, at);
    this.#cached[path.transport]++;
    this.#repeated++;
    return known;
  }

  /**
   * The reply to a message; undefined where there is to be none, or the signal is aborted. Never
   * throws; `octets` are not used any more once it has returned.
   */
  async answer(
    octets: Uint8Array,
    client: Endpoint,
    path: ReplyPath,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const query = readQuery(octets);
    if (query.kind === "ignored" || SENSELESS_PORTS.has(client.port)) {
      this.#counters.add("ignored-messages");
      return undefined;
    }
    this.#counters.add(path.transport === "udp" ? "udp-queries" : "tcp-queries");
    if (query.kind === "question") return this.#answer(query.head, client, path, signal);
    this.#counters.add("failed-queries");
    return composeFailure(query.head, query.responseCode, path);
  }

  async #answer(
    head: QueryHead & { readonly question: Question },
    client: Endpoint,
    path: ReplyPath,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    if (this.#options.isOwnSocket?.(client) === true) {
      this.#counters.add("looped-queries");
      return composeFailure(head, ResponseCode.SERVFAIL, path);
    }
    if (!this.#pending.admit(client.address)) {
      this.#counters.add("queries-over-limit");
      return composeFailure(head, ResponseCode.SERVFAIL, path);
    }
    try {
      const { question } = head;
      const isChaos = question.class === RecordClass.CH;
      const answer = isChaos ? answerChaos(question) : await this.#ask(head, question, signal);
      return composeReply(head, answer, path);
    } catch (error) {
      if (isAborted(error)) return undefined;
      this.#options.onFault(error);
      return composeFailure(head, ResponseCode.SERVFAIL, path);
    } finally {
      this.#pending.release(client.address);
    }
  }

  #ask(
    { flags, edns }: QueryHead,
    { name, type, class: questionClass }: Question,
    signal: AbortSignal | undefined,
  ): Promise<StubAnswer> {
    const question: StubQuestion = {
      name,
      type,
      class: questionClass,
      dnssecOk: edns?.dnssecOk ?? false,
      checkingDisabled: (flags & Flag.CD) !== 0,
      recursionDesired: (flags & Flag.RD) !== 0,
      authenticDataWanted: (flags & Flag.AD) !== 0,
    };
    return this.#options.answerer.answer(question, signal);
  }

  /** A reply that may be given again until its ttls run down. */
  #writeFirst(query: Uint8Array, path: ReplyPath, into: Uint8Array, at: number): number {
    const plain = this.#plain;
    if (!plain.read(query)) return 0;
    const cached = this.#options.answerer.replyFromCache(query, plain);
    if (cached === undefined) return 0;
    this.#cached[path.transport]++;
    this.#tellRepeated();
    const size = writeFinishedReply(cached.octets, plain, path, into, at);
    const { validFor } = cached;
    const context = this.#memoContext;
    if (validFor > 0) this.#memo.keep(query, context, into, at, size, context.now + validFor);
    return size;
  }

  #tellRepeated(): void {
    if (this.#repeated === 0) return;
    this.#options.answerer.countRepeated(this.#repeated);
    this.#repeated = 0;
  }

  #mayRefuse(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#refusals.second) this.#refusals = { second, count: 0 };
    this.#refusals.count++;
    return this.#refusals.count <= REFUSALS_PER_SECOND;
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof DotlocalError && error.code === "ABORTED";
}
