/**
 * A standing question over the links of a filter: one Multicast DNS query for all links, or, where
 * only some are chosen, one for each of them that follows the links as they come and go.
 */

import { isChosen, type LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { RecordQuerySpec } from "../dnssd/record-port.ts";
import type { Answer, QueryId } from "../mdns/types.ts";
import type { HostContext } from "./host-context.ts";
import type { QueryOwner } from "./mdns-binding.ts";

export class StandingQuery {
  readonly #context: HostContext;
  readonly #spec: RecordQuerySpec;
  readonly #owner: QueryOwner;
  readonly #queries = new Map<LinkId | "all", QueryId>();

  constructor(context: HostContext, spec: RecordQuerySpec, owner: QueryOwner) {
    this.#context = context;
    this.#spec = spec;
    this.#owner = owner;
  }

  /** Starts what is missing, and ends questions on links that are gone or no longer chosen. */
  refresh(now: Instant): void {
    const wanted = this.#wantedLinks();
    for (const [link, query] of this.#queries) {
      if (wanted.has(link)) continue;
      this.#queries.delete(link);
      this.#context.mdns.stopQuery(query, now);
    }
    for (const link of wanted) {
      if (!this.#queries.has(link)) this.#start(link, now);
    }
  }

  stop(now: Instant): void {
    for (const query of this.#queries.values()) this.#context.mdns.stopQuery(query, now);
    this.#queries.clear();
  }

  answers(now: Instant): readonly Answer[] {
    return [...this.#queries.values()].flatMap((query) => this.#context.mdns.answers(query, now));
  }

  #wantedLinks(): ReadonlySet<LinkId | "all"> {
    const { settings, links } = this.#context;
    if (settings.mdnsMode === "off") return new Set();
    const filter = this.#spec.links;
    if (filter === "all") return new Set(["all"]);
    return new Set(
      [...links.values()].filter((link) => isChosen(filter, link)).map(({ id }) => id),
    );
  }

  #start(link: LinkId | "all", now: Instant): void {
    const { name, type } = this.#spec;
    const links = link === "all" ? link : [link];
    const spec = { name, type, links, mode: "continuous" } as const;
    this.#queries.set(link, this.#context.mdns.startQuery(spec, this.#owner, now));
  }
}
