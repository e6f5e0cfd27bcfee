/**
 * What this host knows of itself without asking anybody: its own names and addresses, further hosts
 * that it publishes, and `localhost` (RFC 6761 §6.3).
 */

import { type Family, familyOf, type IpAddress, isLoopback } from "../core/ip-address.ts";
import { isChosen, isOnLink, isOwnAddress, type Link, type LinkFilter } from "../core/link.ts";
import type { Name } from "../wire/name.ts";
import { LOCALHOST_TTL } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import { publishedAddresses } from "./host-records.ts";
import { hostsNames } from "./hosts-answers.ts";
import type { HostsTable } from "./hosts-table.ts";
import type { Publications } from "./publications.ts";
import { askedName, type RoutingFacts } from "./routing.ts";
import { LOCALHOST } from "./special-names.ts";
import type { FoundAddress, FoundName, HostSettings } from "./types.ts";

const LOCALHOST_ADDRESSES = ["127.0.0.1", "::1"] as IpAddress[];

export class OwnAnswers implements RoutingFacts {
  readonly #context: HostContext;
  readonly #publications: Publications;

  constructor(context: HostContext, publications: Publications) {
    this.#context = context;
    this.#publications = publications;
  }

  /** Only names that this host claims on a link: one that only asks leaves its own to the link. */
  isOwnName(name: Name): boolean {
    const { settings, links } = this.#context;
    const isClaimed = settings.mdnsMode === "full" || isClaimedByLlmnr(name, settings);
    if (!isClaimed) return false;
    const asked = askedName(name, "mdns");
    if (this.#publications.addressesOf(asked) !== undefined) return true;
    return (
      settings.publish.addresses && [...links.values()].some((link) => this.#isNameOf(asked, link))
    );
  }

  /** Of this host, or of a further host that it publishes. */
  isOwnAddress(address: IpAddress): boolean {
    if (this.#links.some((link) => isOwnAddress(link, address))) return true;
    return this.#publications.namesOf(address).length > 0;
  }

  isOnLink(address: IpAddress): boolean {
    return this.#links.some((link) => isOnLink(link, address));
  }

  /** The addresses of a name that is this host's own. */
  addresses(name: Name, family: "any" | Family, filter: LinkFilter): FoundAddress[] {
    const all = name.isWithin(LOCALHOST)
      ? LOCALHOST_ADDRESSES.map((address) => own(address, undefined, LOCALHOST_TTL))
      : this.#hostAddresses(askedName(name, "mdns"), filter);
    return all.filter(({ address }) => family === "any" || familyOf(address) === family);
  }

  /** The names of an address that is this host's own. */
  names(address: IpAddress): FoundName[] {
    const { hostTtl, hosts: hostsTable } = this.#context.settings;
    if (isLoopback(address)) return namesOfLoopback(address, hostsTable);
    const hosts = this.#links
      .filter((link) => isOwnAddress(link, address))
      .map((link) => foundName(this.#context.placeOf(link).hostName, link, hostTtl));
    const further = this.#publications.namesOf(address);
    return [...hosts, ...further.map((name) => foundName(name, undefined, hostTtl))];
  }

  get #links(): readonly Link[] {
    return [...this.#context.links.values()];
  }

  #isNameOf(name: Name, link: Link): boolean {
    return name.equals(this.#context.placeOf(link).hostName) || this.#publications.isAlias(name);
  }

  #hostAddresses(name: Name, filter: LinkFilter): FoundAddress[] {
    const { settings } = this.#context;
    const chosen = this.#links.filter((link) => isChosen(filter, link));
    const ofLinks = chosen
      .filter((link) => this.#isNameOf(name, link))
      .flatMap((link) =>
        publishedAddresses(link, settings).map((address) => own(address, link, settings.hostTtl)),
      );
    const further = this.#publications.addressesOf(name) ?? [];
    return [...ofLinks, ...further.map((address) => own(address, chosen[0], settings.hostTtl))];
  }
}

function isClaimedByLlmnr({ labelCount }: Name, { llmnrMode }: HostSettings): boolean {
  return llmnrMode === "full" && labelCount === 1;
}

/** Of those that `localhost` does not lead to, the hosts file may know better (Debian's 127.0.1.1). */
function namesOfLoopback(address: IpAddress, hosts: HostsTable): FoundName[] {
  const named = LOCALHOST_ADDRESSES.includes(address) ? [] : hostsNames(hosts, address);
  return named.length > 0 ? named : [foundName(LOCALHOST, undefined, LOCALHOST_TTL)];
}

function own(address: IpAddress, link: Link | undefined, ttl: number): FoundAddress {
  return { address, link: link?.id, ttl, protocol: "local", source: undefined };
}

function foundName(name: Name, link: Link | undefined, ttl: number): FoundName {
  return { name, link: link?.id, ttl, protocol: "local", source: undefined };
}
