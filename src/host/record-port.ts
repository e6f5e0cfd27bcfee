/**
 * Binds the port of DNS-SD (`dnssd/record-port.ts`) to Multicast DNS: sets of records are publications,
 * questions are standing queries, and what happens to either is told as a `RecordEvent`.
 */

import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type {
  RecordAnswer,
  RecordEvent,
  RecordPort,
  RecordQueryId,
  RecordQuerySpec,
  RecordSetId,
  RecordSetSpec,
  RecordSetState,
} from "../dnssd/record-port.ts";
import type { MdnsEngine } from "../mdns/engine.ts";
import type { RegistrationState } from "../mdns/types.ts";
import type { HostContext } from "./host-context.ts";
import type { QueryEvent } from "./mdns-binding.ts";
import { Publication, type PublicationOwner } from "./publication.ts";
import { StandingQuery } from "./standing-query.ts";

export class HostRecordPort implements RecordPort {
  readonly #context: HostContext;
  readonly #engine: MdnsEngine;
  readonly #tell: (event: RecordEvent, now: Instant) => void;
  readonly #sets = new Map<RecordSetId, Publication>();
  readonly #queries = new Map<RecordQueryId, StandingQuery>();
  #lastId = 0;

  /** `tell` is called while the composed engine hands out events, never during a command. */
  constructor(
    context: HostContext,
    engine: MdnsEngine,
    tell: (event: RecordEvent, now: Instant) => void,
  ) {
    this.#context = context;
    this.#engine = engine;
    this.#tell = tell;
  }

  /** Links, names or the mode have changed. */
  refresh(now: Instant): void {
    for (const publication of this.#sets.values()) publication.refresh(now);
    for (const query of this.#queries.values()) query.refresh(now);
  }

  registerSet(spec: RecordSetSpec, now: Instant): RecordSetId {
    const id = ++this.#lastId as RecordSetId;
    const publication = new Publication(this.#context, spec, this.#setOwner(id));
    this.#sets.set(id, publication);
    publication.refresh(now);
    return id;
  }

  updateSet(id: RecordSetId, spec: RecordSetSpec, now: Instant): void {
    this.#sets.get(id)?.update({ ...spec }, now);
  }

  withdrawSet(id: RecordSetId, now: Instant): void {
    this.#sets.get(id)?.withdraw(now);
    this.#sets.delete(id);
  }

  setStates(id: RecordSetId): ReadonlyMap<LinkId, RecordSetState> {
    const states = new Map<LinkId, RecordSetState>();
    for (const [link, state] of this.#sets.get(id)?.states ?? [])
      states.set(link, toSetState(state));
    return states;
  }

  startQuery(spec: RecordQuerySpec, now: Instant): RecordQueryId {
    const id = ++this.#lastId as RecordQueryId;
    const query = new StandingQuery(this.#context, spec, {
      handleQueryEvent: (event, then) => this.#tellQuery(id, event, then),
    });
    this.#queries.set(id, query);
    query.refresh(now);
    return id;
  }

  stopQuery(id: RecordQueryId, now: Instant): void {
    this.#queries.get(id)?.stop(now);
    this.#queries.delete(id);
  }

  answers(id: RecordQueryId, now: Instant): readonly RecordAnswer[] {
    return this.#queries.get(id)?.answers(now) ?? [];
  }

  reconfirm(target: Parameters<RecordPort["reconfirm"]>[0], now: Instant): void {
    this.#engine.reconfirm(target, now);
  }

  #setOwner(set: RecordSetId): PublicationOwner {
    return {
      handleRegistered: (link, now) => this.#tell({ kind: "set-registered", set, link }, now),
      handleConflicted: (link, name, rival, now) =>
        this.#tell({ kind: "set-conflicted", set, link, name, rival }, now),
      handleCession: (change, link, name) =>
        this.#context.emit({ kind: change === "ceded" ? "ceded" : "unceded", link, name }),
    };
  }

  #tellQuery(query: RecordQueryId, event: QueryEvent, now: Instant): void {
    this.#tell({ ...event, query }, now);
  }
}

function toSetState(state: RegistrationState | undefined): RecordSetState {
  if (state === undefined) return { state: "held" };
  return state.state === "probing" ? { state: "probing" } : state;
}
