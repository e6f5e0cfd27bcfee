/** What a link is to the daemon, all in one place: the answer of `GET /v1/links`. */

import type { LinkId } from "../core/link.ts";
import type { HostNameSnapshot, HostSnapshot, LinkSnapshot } from "../host/types.ts";

export interface LinkStatus extends LinkSnapshot {
  /** What this host is called there; null: nothing, since the mode forbids it. */
  readonly hostName: HostNameSnapshot | null;
  /** Packets and what became of them, by kind and by the reason for which they were discarded. */
  readonly mdns: Readonly<Record<string, number>>;
  readonly llmnr: Readonly<Record<string, number>>;
  readonly cache: { readonly records: number; readonly names: number; readonly evictions: number };
}

export function linkStatuses(host: HostSnapshot): readonly LinkStatus[] {
  return host.links.map((link) => {
    const mdns = ofLink(host.mdns.links, link.link);
    return {
      ...link,
      hostName: ofLink(host.names, link.link) ?? null,
      mdns: mdns?.counters ?? {},
      llmnr: ofLink(host.llmnr.links, link.link)?.counters ?? {},
      cache: mdns?.querier.cache ?? { records: 0, names: 0, evictions: 0 },
    };
  });
}

function ofLink<Entry extends { readonly link: LinkId }>(
  entries: readonly Entry[],
  link: LinkId,
): Entry | undefined {
  return entries.find((entry) => entry.link === link);
}
