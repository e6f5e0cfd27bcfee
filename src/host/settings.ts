/** What holds for the composed engine when nothing else is said. */

import { minutes, seconds } from "../core/time.ts";
import { HOST_TTL } from "../mdns/constants.ts";
import { DEFAULT_DNS_SETTINGS } from "../unicast/settings.ts";
import { HostsTable } from "./hosts-table.ts";
import type { HostSettings, ResolverSettings } from "./types.ts";

/** Without a name server. */
export const DEFAULT_RESOLVER_SETTINGS: ResolverSettings = {
  servers: { routes: [], bootstrap: [] },
  dns: DEFAULT_DNS_SETTINGS,
  search: { domains: [], ndots: 1, asksSingleLabel: false },
  localUnicastFallback: "auto",
};

export const DEFAULT_HOST_SETTINGS: HostSettings = {
  hostname: undefined,
  systemHostName: "",
  fallbackSeed: "",
  aliases: [],
  publish: { addresses: true, reverse: true, hinfo: false, workstation: false },
  hinfo: { cpu: "", os: "" },
  mdnsMode: "full",
  llmnrMode: "off",
  llmnrGuard: true,
  llmnrGuardInterval: minutes(10),
  singleLabel: ["unicast", "mdns", "llmnr"],
  ipv4: true,
  ipv6: true,
  hostTtl: HOST_TTL,
  browseDomains: [],
  reclaim: true,
  sameNameOnAllLinks: true,
  lookupTimeout: seconds(3),
  resolver: DEFAULT_RESOLVER_SETTINGS,
  hosts: HostsTable.EMPTY,
};
