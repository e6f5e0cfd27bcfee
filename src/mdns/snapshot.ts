/** What the mDNS engine tells of itself: plain data for `status`, the metrics and the checkers. */

import type { Counters } from "../core/counters.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { MdnsLink } from "./mdns-link.ts";
import type { QuerierSnapshot } from "./querier.ts";
import type { ResponderSnapshot } from "./responder.ts";
import type { MdnsCounter } from "./types.ts";

export interface MdnsLinkSnapshot {
  readonly link: LinkId;
  readonly name: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly responder: ResponderSnapshot;
  readonly querier: QuerierSnapshot;
}

export interface MdnsSnapshot {
  readonly links: readonly MdnsLinkSnapshot[];
  /** Of packets that belong to no link. */
  readonly counters: Readonly<Record<string, number>>;
}

export function snapshotOf(
  links: Iterable<MdnsLink>,
  counters: Counters<MdnsCounter>,
  now: Instant,
): MdnsSnapshot {
  return {
    links: Array.from(links, (link) => ({
      link: link.link.id,
      name: link.link.name,
      counters: link.counters.snapshot(),
      responder: link.responder.snapshot(),
      querier: link.querier.snapshot(now),
    })),
    counters: counters.snapshot(),
  };
}
