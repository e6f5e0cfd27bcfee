/**
 * Additional records: what whoever gets an answer will want next (RFC 6763 §12), and the other
 * family's addresses or word that there are none (RFC 6762 §6.2).
 */

import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { IPV6_UDP_HEADER_SIZE } from "./constants.ts";
import { negativeSet } from "./negative-response.ts";
import type { OwnSet } from "./own-records.ts";
import type { Registry } from "./registry.ts";

/** RFC 1035 §4.1.1. */
const MESSAGE_HEADER_SIZE = 12;

/**
 * The sets that go with these answers: none that is among them or not wanted, and no more than fit
 * in one packet with them. What is left out can be asked for; what is in has been sent for sure.
 */
export function additionalSets(
  answers: readonly OwnSet[],
  registry: Registry,
  mtu: number,
  isWanted: (set: OwnSet) => boolean,
): readonly OwnSet[] {
  let room = mtu - IPV6_UDP_HEADER_SIZE - MESSAGE_HEADER_SIZE;
  for (const { size } of answers) room -= size;
  if (room <= 0) return [];
  return relatedSets(answers, registry).filter((set) => {
    if (set.size > room || !isWanted(set)) return false;
    room -= set.size;
    return true;
  });
}

function relatedSets(answers: readonly OwnSet[], registry: Registry): readonly OwnSet[] {
  const found = new Set<OwnSet>();
  for (const set of answers) addFollowUps(set, registry, found);
  // What was found brings addresses of its own: of an SRV record's target, or of the other family.
  for (const set of found) addFollowUps(set, registry, found);
  for (const set of negativeAdditionals([...answers, ...found])) found.add(set);
  for (const set of answers) found.delete(set);
  return [...found];
}

/** RFC 6762 §6.2: NSEC records of the names of which only addresses of one family are published. */
export function negativeAdditionals(sets: readonly OwnSet[]): readonly OwnSet[] {
  const negatives = new Set<OwnSet>();
  for (const { type, owner } of sets) {
    const other = otherAddressType(type);
    if (other === undefined || !owner.isSolelyOurs) continue;
    if (owner.publishedOfType(other).length === 0) negatives.add(negativeSet(owner));
  }
  return [...negatives];
}

function addFollowUps(set: OwnSet, registry: Registry, found: Set<OwnSet>): void {
  const other = otherAddressType(set.type);
  if (other !== undefined) addSets(set.owner.name, [other], registry, found);
  for (const { data } of set.published) {
    // RFC 6763 §12.1: only names of service instances have SRV and TXT records.
    if (data.kind === "PTR") {
      addSets(data.name, [RecordType.SRV, RecordType.TXT], registry, found);
    }
    // RFC 6763 §12.2.
    if (data.kind === "SRV") {
      addSets(data.target, [RecordType.A, RecordType.AAAA], registry, found);
    }
  }
}

function addSets(
  name: Name,
  types: readonly number[],
  registry: Registry,
  found: Set<OwnSet>,
): void {
  const owner = registry.find(name);
  if (owner === undefined) return;
  for (const type of types) for (const set of owner.publishedOfType(type)) found.add(set);
}

function otherAddressType(type: number): number | undefined {
  if (type === RecordType.A) return RecordType.AAAA;
  return type === RecordType.AAAA ? RecordType.A : undefined;
}
