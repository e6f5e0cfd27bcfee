/**
 * A link: one network interface with both its address families, which is what a person means by it.
 *
 * The interface monitor (`net/`) makes the list; engines get the whole of it whenever it changes and
 * find the difference themselves.
 */

import { type Family, type IpAddress, isInSubnet } from "./ip-address.ts";

declare const linkIdBrand: unique symbol;

/** The operating system's interface index. */
export type LinkId = number & { readonly [linkIdBrand]: true };

export interface LinkAddress {
  readonly family: Family;
  readonly address: IpAddress;
  /** Bits of the subnet: 0 to 32 or 0 to 128. */
  readonly prefixLength: number;
}

export interface Link {
  readonly id: LinkId;
  /** The interface's name, e.g. `eth0`. */
  readonly name: string;
  /** Largest IP packet in octets, headers included. */
  readonly mtu: number;
  /**
   * The addresses that may be published and answered from, in the order the operating system lists
   * them. Tentative, deprecated and temporary IPv6 addresses are left out by the monitor.
   */
  readonly addresses: readonly LinkAddress[];
  /** The families whose groups are joined on it. */
  readonly families: readonly Family[];
  readonly loopback: boolean;
  /**
   * Changes whenever the interface lost and regained carrier, or was taken down and up: what was
   * known of the link may no longer hold (RFC 6762 §8.3, §13).
   */
  readonly incarnation: number;
  /**
   * Another process of this host holds port 5353, so unicast answers may reach it instead of us
   * (RFC 6762 §15.1): no QU question is asked.
   */
  readonly sharesPort: boolean;
}

/** Whether `address` is from a subnet of the link, as RFC 6762 §11 asks of unicast packets. */
export function isOnLink(link: Link, address: IpAddress): boolean {
  return link.addresses.some((own) => isInSubnet(address, own.address, own.prefixLength));
}

/** Whether `address` is one of the link's own. */
export function isOwnAddress(link: Link, address: IpAddress): boolean {
  return link.addresses.some((own) => own.address === address);
}

/**
 * Which links something concerns: all that there are and will be, or those for which it is true.
 * What a person writes as interface globs becomes one of these.
 */
export type LinkFilter = "all" | ((link: Link) => boolean);

export function isChosen(filter: LinkFilter, link: Link): boolean {
  return filter === "all" || filter(link);
}
