/**
 * Negative responses (RFC 6762 §6.1): an NSEC record that lists the types a name of ours has, and so
 * says that it has no others.
 */

import { RecordType } from "../wire/constants.ts";
import { type OwnedName, OwnRecord, OwnSet } from "./own-records.ts";
import { unionOf } from "./reach.ts";

/** The NSEC record of a name that is solely ours, as a set like any other. */
export function negativeSet(owner: OwnedName): OwnSet {
  owner.negative ??= makeNegativeSet(owner);
  return owner.negative;
}

/**
 * RFC 6762 §6.1: the next domain name is the name itself, and NSEC is not among the types. The TTL
 * is that of the name's shortest-lived record, since a record that does not exist has none.
 */
function makeNegativeSet(owner: OwnedName): OwnSet {
  const set = new OwnSet(owner, RecordType.NSEC, "known-unique");
  const { name, publishedTypes: types } = owner;
  const ttls = owner.sets.flatMap(({ published }) => published.map(({ ttl }) => ttl));
  const own = new OwnRecord(
    {
      name,
      type: RecordType.NSEC,
      ttl: Math.min(...ttls),
      data: { kind: "NSEC", nextDomainName: name, types },
      ownership: "known-unique",
      cedable: false,
    },
    set,
  );
  own.reach = unionOf(owner.sets.map(({ reach }) => reach));
  set.members.push(own);
  set.refresh();
  return set;
}
