/**
 * Everything this host publishes beside its own name: aliases from the settings, further hosts and
 * record sets from callers. Also knows the names and addresses in them, so that look-ups of this very
 * host need not ask the link.
 */

import { DotlocalError } from "../core/errors.ts";
import { familyOf, type IpAddress } from "../core/ip-address.ts";
import type { Instant } from "../core/time.ts";
import { Name } from "../wire/name.ts";
import { IPV4_REVERSE, IPV6_REVERSE } from "../wire/reverse.ts";
import { PUBLICATIONS_MAX } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import { usableLabel } from "./host-name.ts";
import { addressRecords, publishedAddresses, reverseRecords } from "./host-records.ts";
import { KeptPublication } from "./kept-publication.ts";
import type { PublicationSpec } from "./publication.ts";
import type { HostPublication, PublicationId, RecordPublication } from "./types.ts";

/** A further host as it was given, with what publishes it. */
interface FurtherHost {
  readonly spec: HostPublication;
  readonly kept: KeptPublication;
}

export class Publications {
  readonly #context: HostContext;
  readonly #all = new Map<PublicationId, KeptPublication>();
  /** By the key of the alias's name. */
  readonly #aliases = new Map<string, KeptPublication>();
  readonly #hosts = new Map<PublicationId, FurtherHost>();
  #lastId = 0;

  constructor(context: HostContext) {
    this.#context = context;
  }

  get all(): Iterable<KeptPublication> {
    return this.#all.values();
  }

  /** Links or names have changed. */
  refresh(now: Instant): void {
    this.#refreshAliases(now);
    for (const kept of this.#all.values()) kept.refresh(now);
  }

  /** Follows new settings: aliases come and go, and addresses with their families. */
  applySettings(now: Instant): void {
    for (const kept of this.#all.values()) kept.publication.republish(now);
    this.refresh(now);
  }

  /** Throws INVALID_NAME, INVALID_ARGUMENT, LIMIT_REACHED. */
  publishHost(spec: HostPublication, now: Instant): PublicationId {
    if (!spec.name.isWithin(Name.LOCAL) || spec.name.labelCount < 2) {
      throw new DotlocalError("INVALID_NAME", `${spec.name} is not a name below "local"`);
    }
    if (spec.addresses.length === 0) {
      throw new DotlocalError("INVALID_ARGUMENT", `no address is given for ${spec.name}`);
    }
    const kept = this.#add(spec.name, this.#hostSpec(spec), now);
    this.#hosts.set(kept.id, { spec, kept });
    return kept.id;
  }

  /** Throws INVALID_NAME, INVALID_ARGUMENT, LIMIT_REACHED. */
  publishRecords({ records, links }: RecordPublication, now: Instant): PublicationId {
    const [first] = records;
    if (first === undefined) throw new DotlocalError("INVALID_ARGUMENT", "no record is given");
    for (const { name } of records) {
      if (!isPublishable(name)) {
        throw new DotlocalError("INVALID_NAME", `${name} is not a name below "local"`);
      }
    }
    return this.#add(first.name, { links, recordsAt: () => records }, now).id;
  }

  withdraw(id: PublicationId, now: Instant): void {
    const kept = this.#all.get(id);
    if (kept === undefined) return;
    this.#hosts.delete(id);
    this.#remove(kept, now);
  }

  isAlias(name: Name): boolean {
    return this.#aliases.has(name.key);
  }

  /** The addresses of a further host whose name is established; undefined: there is none such. */
  addressesOf(name: Name): readonly IpAddress[] | undefined {
    const found = [...this.#hosts.values()].filter(
      ({ spec, kept }) => spec.name.equals(name) && kept.publication.isRegistered,
    );
    return found.length === 0 ? undefined : found.flatMap(({ spec }) => spec.addresses);
  }

  /** The names of further hosts to which the address leads back. */
  namesOf(address: IpAddress): readonly Name[] {
    return [...this.#hosts.values()]
      .filter(({ spec }) => spec.reverse && spec.addresses.includes(address))
      .filter(({ kept }) => kept.publication.isRegistered)
      .map(({ spec }) => spec.name);
  }

  #add(name: Name, spec: PublicationSpec, now: Instant): KeptPublication {
    if (this.#all.size >= PUBLICATIONS_MAX) {
      throw new DotlocalError("LIMIT_REACHED", `${PUBLICATIONS_MAX} names are published already`);
    }
    const id = ++this.#lastId as PublicationId;
    const kept = new KeptPublication(this.#context, id, name, spec);
    this.#all.set(id, kept);
    kept.refresh(now);
    return kept;
  }

  #remove(kept: KeptPublication, now: Instant): void {
    this.#all.delete(kept.id);
    kept.withdraw(now);
  }

  #refreshAliases(now: Instant): void {
    const wanted = this.#wantedAliases();
    for (const [key, kept] of this.#aliases) {
      if (wanted.has(key)) continue;
      this.#aliases.delete(key);
      this.#remove(kept, now);
    }
    for (const [key, name] of wanted) {
      if (!this.#aliases.has(key))
        this.#aliases.set(key, this.#add(name, this.#aliasSpec(name), now));
    }
  }

  #wantedAliases(): ReadonlyMap<string, Name> {
    const labels = this.#context.settings.aliases.map(usableLabel);
    const names = labels.flatMap((label) =>
      label === undefined ? [] : [Name.LOCAL.prepend(label)],
    );
    return new Map(names.map((name) => [name.key, name]));
  }

  /** An alias that is what the host is called anyway has nothing to add there. */
  #aliasSpec(name: Name): PublicationSpec {
    return {
      links: "all",
      recordsAt: ({ link, hostName }) => {
        const { settings, links } = this.#context;
        if (hostName.equals(name) || !settings.publish.addresses) return [];
        const addresses = publishedAddresses(links.get(link)!, settings);
        return addressRecords(name, addresses, settings.hostTtl, "kept");
      },
    };
  }

  #hostSpec({ name, addresses, reverse, links }: HostPublication): PublicationSpec {
    return {
      links,
      recordsAt: () => {
        const { settings } = this.#context;
        const published = addresses.filter((address) => settings[familyOf(address)]);
        return [
          ...addressRecords(name, published, settings.hostTtl, "kept"),
          ...(reverse ? reverseRecords(name, published, settings.hostTtl, "kept") : []),
        ];
      },
    };
  }
}

/** RFC 6762 §3, §4: names below `local`, and reverse names of any address. */
function isPublishable(name: Name): boolean {
  return [Name.LOCAL, IPV4_REVERSE, IPV6_REVERSE].some(
    (domain) => name.isWithin(domain) && !name.equals(domain),
  );
}
