/**
 * The record port as the parts of DNS-SD use it: whoever registers a set or asks a question owns the
 * id, and is told what happens to it.
 */

import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type {
  RecordEvent,
  RecordPort,
  RecordQueryId,
  RecordQuerySpec,
  RecordRival,
  RecordSetId,
  RecordSetSpec,
} from "./record-port.ts";

export interface SetOwner {
  handleRegistered(link: LinkId, now: Instant): void;
  handleConflicted(link: LinkId, rival: RecordRival, now: Instant): void;
}

export type QueryEvent = Extract<RecordEvent, { readonly query: RecordQueryId }>;

export interface QueryOwner {
  handleQueryEvent(event: QueryEvent, now: Instant): void;
}

export class RecordBinding {
  readonly port: RecordPort;
  readonly #sets = new Map<RecordSetId, SetOwner>();
  readonly #queries = new Map<RecordQueryId, QueryOwner>();

  constructor(port: RecordPort) {
    this.port = port;
  }

  registerSet(spec: RecordSetSpec, owner: SetOwner, now: Instant): RecordSetId {
    const id = this.port.registerSet(spec, now);
    this.#sets.set(id, owner);
    return id;
  }

  withdrawSet(id: RecordSetId, now: Instant): void {
    this.#sets.delete(id);
    this.port.withdrawSet(id, now);
  }

  startQuery(spec: RecordQuerySpec, owner: QueryOwner, now: Instant): RecordQueryId {
    const id = this.port.startQuery(spec, now);
    this.#queries.set(id, owner);
    return id;
  }

  stopQuery(id: RecordQueryId, now: Instant): void {
    this.#queries.delete(id);
    this.port.stopQuery(id, now);
  }

  /** Hands the event to its owner; that of an id given up in the meantime is dropped. */
  handleEvent(event: RecordEvent, now: Instant): void {
    if ("query" in event) {
      this.#queries.get(event.query)?.handleQueryEvent(event, now);
      return;
    }
    const owner = this.#sets.get(event.set);
    if (event.kind === "set-registered") owner?.handleRegistered(event.link, now);
    else owner?.handleConflicted(event.link, event.rival, now);
  }
}
