/** The configuration and the facts of the host as the composed engine's settings. */

import type { Configuration } from "../config/configuration.ts";
import { DEFAULT_HOST_SETTINGS } from "../host/settings.ts";
import type { HostSettings } from "../host/types.ts";
import { resolverSettings } from "./resolver-settings.ts";
import type { SystemFacts } from "./system-facts.ts";
import type { SystemResolver } from "./system-resolver.ts";

/** `system`: where it is left out, no name servers and no names of the hosts file are known. */
export function hostSettings(
  configuration: Configuration,
  facts: SystemFacts,
  system?: Pick<SystemResolver, "discovery" | "hosts">,
): HostSettings {
  const { mdns, llmnr, resolver, hostname, aliases, ipv4, ipv6 } = configuration;
  return {
    ...DEFAULT_HOST_SETTINGS,
    hostname,
    systemHostName: facts.hostName,
    fallbackSeed: facts.seed,
    aliases,
    publish: mdns.publish,
    hinfo: facts.hinfo,
    mdnsMode: mdns.mode,
    llmnrMode: llmnr.mode,
    llmnrGuard: llmnr.guard,
    llmnrGuardInterval: llmnr.guardInterval,
    singleLabel: resolver.singleLabel.map((source) => (source === "search" ? "unicast" : source)),
    ipv4,
    ipv6,
    browseDomains: mdns.browseDomains,
    reclaim: mdns.reclaim,
    sameNameOnAllLinks: mdns.sameNameOnAllLinks,
    lookupTimeout: mdns.lookupTimeout,
    ...(system === undefined ? {} : namesOfSystem(configuration, facts, system)),
  };
}

function namesOfSystem(
  { resolver }: Configuration,
  { hostName }: SystemFacts,
  { discovery, hosts }: Pick<SystemResolver, "discovery" | "hosts">,
): Pick<HostSettings, "resolver" | "hosts"> {
  return { resolver: resolverSettings(resolver, { discovery, hostName }), hosts };
}
