/** Whether name servers are of this very site, and may know its private addresses (RFC 6303 §4). */

import {
  familyOf,
  type IpAddress,
  isInSubnet,
  isLinkLocal,
  isLoopback,
} from "../core/ip-address.ts";
import type { ServerPlan } from "../unicast/types.ts";
import type { RoutingFacts } from "./routing.ts";

/** RFC 1918 §3, RFC 6598 §7, RFC 4193 §3.1. */
const PRIVATE_NETWORKS: readonly (readonly [IpAddress, number])[] = (
  [
    ["10.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
    ["100.64.0.0", 10],
    ["fc00::", 7],
  ] as const
).map(([address, prefixLength]) => [address as IpAddress, prefixLength]);

/** One of the servers that are asked for names at large. */
export function hasSiteServer(
  { routes }: ServerPlan,
  facts: Pick<RoutingFacts, "isOnLink">,
): boolean {
  const servers = routes.find(({ domain }) => domain.isRoot)?.servers ?? [];
  return servers.some(
    (server) =>
      "address" in server && (isPrivate(server.address) || facts.isOnLink(server.address)),
  );
}

function isPrivate(address: IpAddress): boolean {
  if (isLoopback(address) || isLinkLocal(address)) return true;
  return PRIVATE_NETWORKS.some(
    ([network, length]) =>
      familyOf(network) === familyOf(address) && isInSubnet(address, network, length),
  );
}
