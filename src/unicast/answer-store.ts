/**
 * What is kept of answers and failures: answers by question, names that do not exist, questions that
 * failed. Decides for how long (RFC 1035 §3.2.1, RFC 2181 §5.2, RFC 2308 §5).
 */

import type { Endpoint } from "../core/datagram.ts";
import type { Instant } from "../core/time.ts";
import { after, seconds } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag, RecordClass, ResponseCode } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { AnswerCache } from "./cache.ts";
import { CacheEntry } from "./cache-entry.ts";
import type { DnsContext } from "./context.ts";
import { type FollowedChain, followChain } from "./name-chain.ts";
import { FailureCache, NameCuts, negativeTtl, remainingAuthorities } from "./negative-cache.ts";
import { questionKey } from "./question-key.ts";
import type { ResolveSpec } from "./types.ts";

/** Where an answer came from: the server, and the key of the route's domain. */
export interface Provenance {
  readonly server: Endpoint;
  readonly route: string;
}

export interface KeptAnswer {
  /** The message with bounded ttls and without what is of the way it came by. */
  readonly message: Message;
  /** Undefined when it must not be kept. */
  readonly entry: CacheEntry | undefined;
}

export class AnswerStore {
  readonly cache: AnswerCache;
  readonly failures = new FailureCache();
  readonly #context: DnsContext;
  readonly #cuts: NameCuts;

  constructor(context: DnsContext, onRemoved: (entry: CacheEntry) => void) {
    this.#context = context;
    this.cache = new AnswerCache(context, onRemoved);
    this.#cuts = new NameCuts(context.settings.cacheSizeMax);
  }

  get cutCount(): number {
    return this.#cuts.size;
  }

  /** Keeps the whole answer to `spec`, whose aliases end at `end`. */
  keep(spec: ResolveSpec, whole: Message, end: Name, from: Provenance, now: Instant): KeptAnswer {
    const message = this.#bounded(spec, whole);
    const chain = followChain(questionOf(spec), message);
    const ttl = this.#ttlOf(chain, message);
    this.#keepCut(spec, message, end, from, now);
    const key = questionKey(spec);
    if (ttl <= 0) {
      this.#forget(key, now);
      return { message, entry: undefined };
    }
    const octets = composeMessage(message, "dns");
    const { server } = from;
    const openEnd = openEndOf(chain);
    const entry = new CacheEntry({ key, spec, octets, ttl, server, openEnd }, now);
    this.cache.store(entry);
    return { message, entry };
  }

  /** RFC 8020 §2: the answer for a name at or below one that does not exist. */
  denied(
    spec: ResolveSpec,
    route: string,
    now: Instant,
  ): { readonly message: Message; readonly server: Endpoint } | undefined {
    const cut = this.#cuts.find(spec, route, now);
    if (cut === undefined) return undefined;
    const authentic = cut.isAuthentic ? Flag.AD : 0;
    const message = {
      id: 0,
      flags: Flag.QR | Flag.RD | Flag.RA | authentic | ResponseCode.NXDOMAIN,
      questions: [questionOf(spec)],
      answers: [],
      authorities: remainingAuthorities(cut, now),
      additionals: [],
    };
    return { message, server: cut.server };
  }

  clear(): void {
    this.cache.clear();
    this.#cuts.clear();
    this.failures.clear();
  }

  /** What was known is wrong now, and what is right must not be kept. */
  #forget(key: string, now: Instant): void {
    const known = this.cache.find(key, now);
    if (known !== undefined) this.cache.remove(known);
  }

  #keepCut(spec: ResolveSpec, message: Message, end: Name, from: Provenance, now: Instant): void {
    if (this.#context.settings.cacheSizeMax <= 0 || spec.class !== RecordClass.IN) return;
    if ((message.flags & Flag.RCODE) !== ResponseCode.NXDOMAIN) {
      this.#cuts.remove(spec.name, spec);
      return;
    }
    const ttl = this.#negativeTtl(message);
    if (ttl <= 0 || end.isRoot) return;
    this.#cuts.add(
      {
        name: end,
        route: from.route,
        authorities: message.authorities,
        ttl,
        storedAt: now,
        expires: after(now, seconds(ttl)),
        isAuthentic: (message.flags & Flag.AD) !== 0,
        server: from.server,
      },
      spec,
    );
  }

  /** Seconds for which the answer is good. */
  #ttlOf({ result }: FollowedChain, message: Message): number {
    const positive = message.answers.reduce((least, { ttl }) => Math.min(least, ttl), Infinity);
    const isPositive = result === "data" || result === "open";
    const ttl = isPositive ? positive : Math.min(positive, this.#negativeTtl(message));
    return Number.isFinite(ttl) ? ttl : 0;
  }

  #negativeTtl(message: Message): number {
    return negativeTtl(message, this.#context.settings.maxNegativeTtl);
  }

  #bounded(spec: ResolveSpec, message: Message): Message {
    const { maxTtl } = this.#context.settings;
    const negative = this.#negativeTtl(message);
    const bound = (record: ResourceRecord) => withTtl(record, Math.min(record.ttl, maxTtl));
    return {
      id: 0,
      flags: message.flags,
      questions: [questionOf(spec)],
      answers: withEqualTtls(message.answers.map(bound)),
      authorities: message.authorities.map((record) =>
        record.data.kind === "SOA" ? withTtl(record, negative) : bound(record),
      ),
      additionals: message.additionals.filter(({ data }) => data.kind !== "OPT").map(bound),
    };
  }
}

function openEndOf({ end, aliases, result }: FollowedChain): Name | undefined {
  return aliases.length > 0 && result !== "data" ? end : undefined;
}

function questionOf({ name, type, class: recordClass }: ResolveSpec) {
  return { name, type, class: recordClass, unicastResponse: false };
}

function withTtl(record: ResourceRecord, ttl: number): ResourceRecord {
  return record.ttl === ttl ? record : { ...record, ttl };
}

/** RFC 2181 §5.2: records of a set with different ttls have the least of them. */
function withEqualTtls(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const [first] = records;
  if (records.every(({ ttl }) => ttl === first?.ttl)) return records;
  const least = new Map<string, number>();
  for (const record of records) {
    const key = setKey(record);
    least.set(key, Math.min(record.ttl, least.get(key) ?? record.ttl));
  }
  return records.map((record) => withTtl(record, least.get(setKey(record))!));
}

function setKey({ name, type, data }: ResourceRecord): string {
  const covered = data.kind === "RRSIG" ? data.typeCovered : 0;
  return `${type} ${covered} ${name.key}`;
}
