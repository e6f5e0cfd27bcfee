/**
 * What does not exist and what did not work: for how long an answer that says no may be kept
 * (RFC 2308 §5), the names below which nothing exists (RFC 8020 §2), and the questions that failed
 * lately (RFC 2308 §7).
 */

import { BoundedMap } from "../core/bounded.ts";
import type { Endpoint } from "../core/datagram.ts";
import { after, type Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { FAILURE_LIFE, FAILURES_MAX } from "./constants.ts";
import { nameKey } from "./question-key.ts";
import type { Failure, ResolveSpec } from "./types.ts";

/** The SOA record that says for how long; RFC 2308 §5: without one a negative answer is not kept. */
export function soaOf({ authorities }: Pick<Message, "authorities">): ResourceRecord | undefined {
  return authorities.find(({ data }) => data.kind === "SOA");
}

/** RFC 2308 §5: the lesser of the SOA's own ttl and its minimum field, in seconds; 0 without it. */
export function negativeTtl(message: Pick<Message, "authorities">, ttlMax: number): number {
  const soa = soaOf(message);
  if (soa?.data.kind !== "SOA") return 0;
  return Math.min(soa.ttl, soa.data.minimum, ttlMax);
}

/** A name that does not exist, with what proves it. */
export interface NameCut {
  readonly name: Name;
  /** The route it was learnt by: names below it that go elsewhere are not cut. */
  readonly route: string;
  readonly authorities: readonly ResourceRecord[];
  readonly ttl: number;
  readonly storedAt: Instant;
  readonly expires: Instant;
  readonly isAuthentic: boolean;
  readonly server: Endpoint;
}

export class NameCuts {
  readonly #cuts: BoundedMap<string, NameCut>;

  constructor(sizeMax: number) {
    this.#cuts = new BoundedMap(Math.max(1, sizeMax));
  }

  get size(): number {
    return this.#cuts.size;
  }

  add(cut: NameCut, spec: ResolveSpec): void {
    this.#cuts.set(nameKey(cut.name.key, spec), cut);
  }

  /** Something of that name was found after all. */
  remove(name: Name, spec: ResolveSpec): void {
    this.#cuts.delete(nameKey(name.key, spec));
  }

  /** The cut at or above the name. DS records are of the parent, but so is what denies the name. */
  find(spec: ResolveSpec, route: string, now: Instant): NameCut | undefined {
    if (this.#cuts.size === 0) return undefined;
    const { key } = spec.name;
    for (let at = 0; at < key.length; at += key.charCodeAt(at) + 1) {
      const cut = this.#cuts.peek(nameKey(key.slice(at), spec));
      if (cut !== undefined && cut.expires > now && cut.route === route) return cut;
    }
    return undefined;
  }

  clear(): void {
    this.#cuts.clear();
  }
}

/** The authority records with what is left of their time. */
export function remainingAuthorities(cut: NameCut, now: Instant): readonly ResourceRecord[] {
  const age = Math.floor((now - cut.storedAt) / 1000);
  return cut.authorities.map((record) => ({
    ...record,
    ttl: Math.max(0, Math.min(record.ttl, cut.ttl) - age),
  }));
}

/** RFC 2308 §7: failures, kept briefly for the very question. */
export class FailureCache {
  readonly #failures = new BoundedMap<string, { failure: Failure; until: Instant }>(FAILURES_MAX);

  add(key: string, failure: Failure, now: Instant): void {
    this.#failures.set(key, { failure, until: after(now, FAILURE_LIFE) });
  }

  find(key: string, now: Instant): Failure | undefined {
    const found = this.#failures.peek(key);
    if (found === undefined) return undefined;
    if (found.until > now) return found.failure;
    this.#failures.delete(key);
    return undefined;
  }

  clear(): void {
    this.#failures.clear();
  }
}

/** Whether a type's records stand beside an alias rather than behind it. */
export function isAliasType(type: number): boolean {
  return type === RecordType.CNAME || type === RecordType.ANY;
}
