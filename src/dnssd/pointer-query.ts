/** A standing question for PTR records that list names: instances of a type, or types (RFC 6763 §4, §9). */

import type { LinkFilter } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { DnssdContext } from "./dnssd-context.ts";
import { Listing } from "./listing.ts";
import type { QueryEvent, QueryOwner } from "./record-binding.ts";
import type { RecordQueryId } from "./record-port.ts";

export interface PointerQuerySpec {
  readonly name: Name;
  readonly links: LinkFilter;
  /** Whether a name may be listed there at all. */
  readonly accepts: (listed: Name) => boolean;
  readonly sizeMax: number;
}

export class PointerQuery implements QueryOwner {
  readonly listing: Listing;
  readonly #context: DnssdContext;
  readonly #spec: PointerQuerySpec;
  readonly #onChange: (now: Instant) => void;
  readonly #query: RecordQueryId;

  constructor(
    context: DnssdContext,
    spec: PointerQuerySpec,
    onChange: (now: Instant) => void,
    now: Instant,
  ) {
    this.#context = context;
    this.#spec = spec;
    this.#onChange = onChange;
    this.listing = new Listing(spec.sizeMax);
    const { name, links } = spec;
    this.#query = context.records.startQuery({ name, type: RecordType.PTR, links }, this, now);
  }

  stop(now: Instant): void {
    this.#context.records.stopQuery(this.#query, now);
  }

  handleQueryEvent(event: QueryEvent, now: Instant): void {
    if (event.kind !== "answer-added" && event.kind !== "answer-removed") return;
    const { data } = event.answer.record;
    if (data.kind !== "PTR") return;
    if (!this.#spec.accepts(data.name)) {
      this.#context.counters.add("pointers-unusable");
      return;
    }
    if (event.kind === "answer-removed") this.listing.remove(data.name, event.answer);
    else if (!this.listing.add(data.name, event.answer)) {
      this.#context.counters.add("pointers-refused");
    }
    this.#onChange(now);
  }
}
