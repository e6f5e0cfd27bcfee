/**
 * The records that this host wants to publish on one link, by owner name. The same record may be
 * wanted by several registrations (a browse PTR record of two services of one type has different
 * data, but `_services._dns-sd._udp` has not): it is held once, with its users.
 */

import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { sameRecordData } from "../wire/record-order.ts";
import { OwnedName, OwnRecord, OwnSet } from "./own-records.ts";
import { unionOf } from "./reach.ts";
import type { Registration } from "./registration.ts";
import type { PublishedRecord } from "./types.ts";

export class Registry {
  readonly #names = new Map<string, OwnedName>();

  get names(): IterableIterator<OwnedName> {
    return this.#names.values();
  }

  find(name: Name): OwnedName | undefined {
    return this.#names.get(name.key);
  }

  findRecord(record: ResourceRecord): OwnRecord | undefined {
    return this.#names.get(record.name.key)?.find(record);
  }

  /**
   * The record that `spec` describes, with `user` among its users; made where it is new. A user may
   * describe it several times, for a family each.
   */
  use(spec: PublishedRecord, user: Registration): OwnRecord {
    const owner = this.#nameFor(spec.name);
    const own = findSame(owner, spec) ?? addRecord(owner, spec);
    own.users.set(user, unionOf([own.users.get(user), spec.family ?? "both"])!);
    return own;
  }

  /**
   * Ends a use; returns whether it was the last, so that the record is gone. What is published of its
   * set is for the publication to settle.
   */
  release(own: OwnRecord, user: Registration): boolean {
    own.users.delete(user);
    if (own.users.size > 0) return false;
    const { set } = own;
    remove(set.members, own);
    if (set.members.length === 0) remove(set.owner.sets, set);
    if (set.owner.sets.length === 0) this.#names.delete(set.owner.name.key);
    set.owner.negative = undefined;
    return true;
  }

  clear(): void {
    this.#names.clear();
  }

  #nameFor(name: Name): OwnedName {
    let owner = this.#names.get(name.key);
    if (owner === undefined) {
      owner = new OwnedName(name);
      this.#names.set(name.key, owner);
    }
    return owner;
  }
}

/** A record with another TTL or another ownership is another record: it must be announced anew. */
function findSame(owner: OwnedName, spec: PublishedRecord): OwnRecord | undefined {
  for (const set of owner.sets) {
    if (set.type !== spec.type || set.ownership !== spec.ownership) continue;
    const own = set.members.find((member) => isSame(member, spec));
    if (own !== undefined) return own;
  }
  return undefined;
}

function isSame({ record, cedable }: OwnRecord, spec: PublishedRecord): boolean {
  return (
    record.ttl === spec.ttl && cedable === spec.cedable && sameRecordData(record.data, spec.data)
  );
}

function addRecord(owner: OwnedName, spec: PublishedRecord): OwnRecord {
  let set = owner.sets.find(({ type, ownership }) => {
    return spec.ownership !== "shared" && type === spec.type && ownership === spec.ownership;
  });
  if (set === undefined) {
    set = new OwnSet(owner, spec.type, spec.ownership);
    owner.sets.push(set);
  }
  const own = new OwnRecord(spec, set);
  set.members.push(own);
  return own;
}

function remove<T>(items: T[], item: T): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
