/**
 * Known-Answer Suppression, the responder's side (RFC 6762 §7.1): what the answer section of a query
 * says that its sender knows already. The querier's side is in `known-answer-list.ts`.
 */

import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { recordKey } from "../wire/record-order.ts";
import type { OwnSet } from "./own-records.ts";
import type { Registry } from "./registry.ts";

export class KnownAnswers {
  /** TTLs by record; only of names that we have records of. */
  #ttls: Map<string, number> | undefined;

  add(answers: readonly ResourceRecord[], registry: Registry): void {
    let previous: Name | undefined;
    let isOurs = false;
    for (const record of answers) {
      // Most known answers of a query have the same name, which is one object.
      if (record.name !== previous) isOurs = registry.find(record.name) !== undefined;
      previous = record.name;
      if (!isOurs) continue;
      this.#ttls ??= new Map();
      this.#ttls.set(recordKey(record), record.ttl);
    }
  }

  /**
   * Whether the querier has the whole set for at least half of its true TTL. A part of a unique set
   * is not enough: it is sent whole or not at all (RFC 6762 §10.2).
   */
  suppress(set: OwnSet): boolean {
    const ttls = this.#ttls;
    if (ttls === undefined) return false;
    return set.published.every((record) => {
      const known = ttls.get(recordKey(record));
      return known !== undefined && known * 2 >= record.ttl;
    });
  }
}
