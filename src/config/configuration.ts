/**
 * The configuration as the rest of the program sees it: every key of `dotlocal.yaml`, in typed
 * values, and what holds when nothing is written.
 *
 * Reading the file is `configuration-file.ts`; overriding it from the command line `overrides.ts`.
 */

import type { Endpoint } from "../core/datagram.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { type Duration, minutes, seconds } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { Network, Upstream } from "./network-values.ts";

/** Answer and ask, only ask, or neither. */
export type Mode = "full" | "resolve" | "off";

export type Switch = "auto" | "on" | "off";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

export type LogFormat = "auto" | "pretty" | "json";

/** Where a name of one label is looked for, in this order. */
export type SingleLabelSource = "search" | "mdns" | "llmnr";

export interface InterfacesConfiguration {
  /** Globs; a name written out is used even when a deny glob matches it. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface PublishConfiguration {
  readonly addresses: boolean;
  readonly reverse: boolean;
  readonly hinfo: boolean;
  readonly workstation: boolean;
}

export interface MdnsConfiguration {
  readonly mode: Mode;
  readonly publish: PublishConfiguration;
  /** How many unsolicited announcements, 1 to 8 (RFC 6762 §8.3). */
  readonly announcements: number;
  /** In all, for a name nobody has. */
  readonly lookupTimeout: Duration;
  readonly reclaim: boolean;
  readonly sameNameOnAllLinks: boolean;
  readonly browseDomains: readonly Name[];
}

export interface LlmnrConfiguration {
  readonly mode: Mode;
  readonly guard: boolean;
  readonly guardInterval: Duration;
}

export interface StubConfiguration {
  readonly enabled: boolean;
  readonly listen: readonly Endpoint[];
  /** Networks whose hosts may ask. */
  readonly allow: readonly Network[];
}

/** Split DNS: names at or below `domain` are asked at `upstreams`. */
export interface Route {
  readonly domain: Name;
  readonly upstreams: readonly Upstream[];
}

export interface CacheConfiguration {
  /** Record sets. */
  readonly size: number;
  /** Seconds, like every ttl. */
  readonly maxTtl: number;
  readonly maxNegativeTtl: number;
  readonly staleTtl: number;
  readonly prefetch: boolean;
}

export interface ResolverConfiguration {
  readonly stub: StubConfiguration;
  readonly resolvConf: "leave" | "manage";
  readonly upstreams: "auto" | readonly Upstream[];
  readonly search: "auto" | readonly Name[];
  readonly ndots: number;
  readonly timeout: "auto" | Duration;
  readonly attempts: "auto" | number;
  readonly routes: readonly Route[];
  readonly singleLabel: readonly SingleLabelSource[];
  readonly rotate: boolean;
  readonly localUnicastFallback: "auto" | "always" | "never";
  readonly cache: CacheConfiguration;
}

export interface ServicesConfiguration {
  /** Directories of `*.yaml` and `*.json`. */
  readonly directories: readonly string[];
  /** Directories of Avahi's `*.service`. */
  readonly avahi: readonly string[];
  /** Files in the format of Avahi's `hosts`. */
  readonly avahiHosts: readonly string[];
  /** Directories of `*.dnssd`, the first has priority. */
  readonly systemd: readonly string[];
}

export interface Configuration {
  /** One label; undefined: the first label of the operating system's host name. */
  readonly hostname: string | undefined;
  readonly aliases: readonly string[];
  readonly user: string | undefined;
  readonly interfaces: InterfacesConfiguration;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly mdns: MdnsConfiguration;
  readonly llmnr: LlmnrConfiguration;
  readonly resolver: ResolverConfiguration;
  readonly services: ServicesConfiguration;
  readonly compat: { readonly avahi: Switch; readonly resolved: Switch };
  readonly control: {
    /** undefined: where `controlSocketPath` says. */
    readonly socket: string | undefined;
    readonly publish: "group" | "everyone";
    readonly group: string;
  };
  /** undefined: where `stateDirectoryPath` says. */
  readonly stateDirectory: string | undefined;
  readonly metrics: { readonly listen: Endpoint | undefined };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/** Interfaces of containers, virtual machines, tunnels: not links that a person means. */
const DENIED_BY_DEFAULT = [
  "lo",
  "veth*",
  "docker*",
  "br-*",
  "virbr*",
  "cni*",
  "flannel*",
  "cali*",
  "podman*",
  "ve-*",
  "tun*",
  "tap*",
  "wg*",
  "tailscale*",
  "zt*",
  "ppp*",
] as const;

export const DEFAULT_CONFIGURATION: Configuration = {
  hostname: undefined,
  aliases: [],
  user: undefined,
  interfaces: { allow: ["*"], deny: DENIED_BY_DEFAULT },
  ipv4: true,
  ipv6: true,
  mdns: {
    mode: "full",
    publish: { addresses: true, reverse: true, hinfo: false, workstation: false },
    announcements: 2,
    lookupTimeout: seconds(3),
    reclaim: true,
    sameNameOnAllLinks: true,
    browseDomains: [],
  },
  llmnr: { mode: "full", guard: true, guardInterval: minutes(10) },
  resolver: {
    stub: {
      enabled: true,
      listen: [{ address: "127.0.0.153" as IpAddress, port: 53 }],
      allow: [
        { address: "127.0.0.0" as IpAddress, prefixLength: 8 },
        { address: "::1" as IpAddress, prefixLength: 128 },
      ],
    },
    resolvConf: "leave",
    upstreams: "auto",
    search: "auto",
    ndots: 1,
    timeout: "auto",
    attempts: "auto",
    routes: [],
    singleLabel: ["search", "mdns", "llmnr"],
    rotate: false,
    localUnicastFallback: "auto",
    cache: { size: 10_000, maxTtl: 86_400, maxNegativeTtl: 3600, staleTtl: 3600, prefetch: true },
  },
  services: {
    directories: ["/etc/dotlocal/services"],
    avahi: ["/etc/avahi/services"],
    avahiHosts: ["/etc/avahi/hosts"],
    systemd: [
      "/etc/systemd/dnssd",
      "/run/systemd/dnssd",
      "/usr/local/lib/systemd/dnssd",
      "/usr/lib/systemd/dnssd",
    ],
  },
  compat: { avahi: "auto", resolved: "auto" },
  control: { socket: undefined, publish: "group", group: "dotlocal" },
  stateDirectory: undefined,
  metrics: { listen: undefined },
  log: { level: "info", format: "auto" },
};
