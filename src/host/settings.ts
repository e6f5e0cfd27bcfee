/** What holds for the composed engine when nothing else is said. */

import { minutes, seconds } from "../core/time.ts";
import { HOST_TTL } from "../mdns/constants.ts";
import type { HostSettings } from "./types.ts";

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
};
