/** What the composed engine tells of itself: plain data for `status` and the metrics. */

import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { RegistrationState } from "../mdns/types.ts";
import type { HostNaming } from "./host-naming.ts";
import type { KeptPublication } from "./kept-publication.ts";
import type {
  HostNameSnapshot,
  LinkSnapshot,
  PublicationSnapshot,
  PublicationState,
} from "./types.ts";

export function snapshotOfName(naming: HostNaming, link: Link): HostNameSnapshot {
  const plan = naming.planOn(link.id);
  const state = naming.publication.states.get(link.id);
  return {
    link: link.id,
    linkName: link.name,
    label: plan.name,
    takenBy: plan.rival?.address,
    claimAt: plan.standing.state === "waiting" ? plan.standing.until : undefined,
    reclaimAt: naming.reclaimAt(link.id),
    ceded: naming.publication.isCededOn(link.id),
    ...stateOf(state, undefined),
  };
}

/** One entry a link. */
export function snapshotsOfPublication(
  kept: KeptPublication,
  links: ReadonlyMap<LinkId, Link>,
): PublicationSnapshot[] {
  return Array.from(kept.publication.states, ([link, state]) => ({
    publication: kept.id,
    name: kept.name.toString(),
    link,
    linkName: links.get(link)!.name,
    ...stateOf(state, kept.retryAt(link)),
  }));
}

export function snapshotOfLink(link: Link): LinkSnapshot {
  const { id, name, mtu, addresses, families, sharesPort } = link;
  const texts = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  return { link: id, name, mtu, addresses: texts, families, sharesPort };
}

function stateOf(
  state: RegistrationState | undefined,
  retryAt: Instant | undefined,
): PublicationState {
  if (state === undefined) return { state: "held" };
  if (state.state === "probing") return { state: "probing" };
  if (state.state === "registered") return state;
  const { name, rival } = state;
  return { state: "conflicted", name: name.toString(), rival: rival.address, retryAt };
}
