/** Which hosts may ask: networks compared on the octets of an address, as sockets give them. */

import type { Network } from "../../config/network-values.ts";
import { type Family, familyOf, type IpAddress, ipAddressOctets } from "../../core/ip-address.ts";

interface OctetNetwork {
  readonly octets: Uint8Array;
  /** The octets that count whole, and the bits that count of the next. */
  readonly whole: number;
  readonly mask: number;
}

export class AllowedNetworks {
  readonly #networks: Record<Family, readonly OctetNetwork[]>;

  constructor(networks: readonly Network[]) {
    const of = (family: Family) =>
      networks.filter(({ address }) => familyOf(address) === family).map(octetNetwork);
    this.#networks = { ipv4: of("ipv4"), ipv6: of("ipv6") };
  }

  has(address: IpAddress): boolean {
    return this.hasOctets(ipAddressOctets(address), 0, familyOf(address));
  }

  /** Of the address at `at`. */
  hasOctets(octets: Uint8Array, at: number, family: Family): boolean {
    for (const network of this.#networks[family]) if (isWithin(network, octets, at)) return true;
    return false;
  }
}

function octetNetwork({ address, prefixLength }: Network): OctetNetwork {
  const rest = prefixLength & 7;
  return {
    octets: ipAddressOctets(address),
    whole: prefixLength >> 3,
    mask: (0xff << (8 - rest)) & 0xff,
  };
}

function isWithin(network: OctetNetwork, octets: Uint8Array, at: number): boolean {
  const { octets: own, whole, mask } = network;
  for (let index = 0; index < whole; index++) if (octets[at + index] !== own[index]) return false;
  return mask === 0 || (octets[at + whole]! & mask) === (own[whole]! & mask);
}
