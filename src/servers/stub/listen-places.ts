/**
 * The places that a list of endpoints means: an unspecified address stands for every address of this
 * host, each with a socket of its own, so that a reply leaves from the address that was asked and
 * another program may have an address to itself.
 */

import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { Endpoint } from "../../core/datagram.ts";
import { familyOf, isLinkLocal, parseIpAddress } from "../../core/ip-address.ts";
import type { Place } from "./listening.ts";

export type Interfaces = NodeJS.Dict<readonly NetworkInterfaceInfo[]>;

/** Each once, in order. */
export function listenPlaces(
  listen: readonly Endpoint[],
  interfaces: Interfaces = networkInterfaces(),
): readonly Place[] {
  const places = listen.flatMap((endpoint) =>
    isUnspecified(endpoint)
      ? everyPlace(endpoint, interfaces)
      : [{ ...endpoint, scope: undefined }],
  );
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

/** Whether the address stands for all of its family. */
export function isUnspecified({ address }: Pick<Endpoint, "address">): boolean {
  return address === "0.0.0.0" || address === "::";
}

export function placeKey({ address, port, scope }: Place): string {
  return `${address}%${scope?.index ?? 0} ${port}`;
}

function everyPlace({ address, port }: Endpoint, interfaces: Interfaces): readonly Place[] {
  const family = familyOf(address);
  return Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.flatMap((info) => {
      const own = parseIpAddress(info.address);
      if (own === undefined || familyOf(own) !== family) return [];
      const isScoped = family === "ipv6" && isLinkLocal(own);
      const scope = isScoped ? { name, index: info.scopeid ?? 0 } : undefined;
      return [{ address: own, port, scope }];
    }),
  );
}
