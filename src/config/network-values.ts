/**
 * Networks, endpoints, name servers and labels as people write them in the configuration and on the
 * command line, read into typed values.
 *
 * Each reader returns the value, or as text what was expected instead.
 */

import type { Endpoint } from "../core/datagram.ts";
import { failure, type Result, success } from "../core/errors.ts";
import { familyOf, type IpAddress, isLinkLocal, parseIpAddress } from "../core/ip-address.ts";
import { LABEL_SIZE_MAX, Name } from "../wire/name.ts";
import { quote } from "./diagnostic.ts";
import { utf8 } from "./octets.ts";

export interface Network {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** A name server to ask. */
export type Upstream =
  | {
      /** UDP, and TCP where UDP is not enough. */
      readonly transport: "dns";
      readonly address: IpAddress;
      readonly port: number;
      /** The interface of a link-local address. */
      readonly interface: string | undefined;
    }
  | {
      /** DNS over TLS (RFC 7858). */
      readonly transport: "tls";
      readonly address: IpAddress;
      readonly port: number;
      readonly interface: string | undefined;
      /** The name its certificate must carry; undefined: its address. */
      readonly serverName: string | undefined;
    }
  | {
      /** DNS over HTTPS (RFC 8484). */
      readonly transport: "https";
      /** An address, or a name that must itself be looked up elsewhere first. */
      readonly host: string;
      /** Set where `host` is an address. */
      readonly address: IpAddress | undefined;
      readonly port: number;
      readonly path: string;
      /** The name its certificate must carry; undefined: its address. */
      readonly serverName: string | undefined;
    };

/** RFC 1035 §4.2: DNS. */
export const DNS_PORT = 53;

/** RFC 7858 §3.1: DNS over TLS. */
const DNS_OVER_TLS_PORT = 853;

const HTTPS_PORT = 443;

const UPSTREAM_EXPECTED =
  "a name server such as 192.0.2.1, [2001:db8::1]:53, tls://192.0.2.1#name or " +
  "https://192.0.2.1/dns-query#name";

/** A port number in decimal; undefined when it is none. 0 is one only where `min` says so. */
export function parsePort(text: string, min = 1): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= min && port <= 0xffff ? port : undefined;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: string | undefined;
}

/** Takes `host`, `host:port`, `[host]:port` and a bare IPv6 address apart. */
export function splitHostAndPort(text: string): HostAndPort | undefined {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return { host: bracketed[1]!, port: bracketed[2] };
  if (text.includes("[") || text.includes("]")) return undefined;
  const colon = text.indexOf(":");
  if (colon < 0 || colon !== text.lastIndexOf(":")) return { host: text, port: undefined };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

interface ScopedEndpoint extends Endpoint {
  readonly interface: string | undefined;
}

/** An address with an optional port, and an optional `%interface` after a link-local address. */
function parseScopedEndpoint(text: string, defaultPort: number): ScopedEndpoint | undefined {
  const parts = splitHostAndPort(text);
  if (parts === undefined) return undefined;
  const [host, scope] = splitOnce(parts.host, "%");
  const address = parseIpAddress(host);
  const port = parts.port === undefined ? defaultPort : parsePort(parts.port);
  if (address === undefined || port === undefined) return undefined;
  if (scope !== undefined && (scope === "" || !isLinkLocal(address))) return undefined;
  return { address, port, interface: scope };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `127.0.0.1:53`, `[::1]:53`; without a port where `defaultPort` gives one. */
export function parseEndpoint(text: string, defaultPort?: number): Result<Endpoint, string> {
  const expected =
    defaultPort === undefined
      ? "an address and a port such as 127.0.0.1:9353 or [::1]:9353"
      : `an address with an optional port such as 127.0.0.1:${defaultPort} or [::1]:${defaultPort}`;
  const endpoint = parseScopedEndpoint(text, defaultPort ?? 0);
  if (endpoint === undefined || endpoint.port === 0 || endpoint.interface !== undefined) {
    return failure(`expected ${expected}, not ${quote(text)}`);
  }
  return success({ address: endpoint.address, port: endpoint.port });
}

/** `127.0.0.0/8`, `2001:db8::/32`, or a single address. */
export function parseNetwork(text: string): Result<Network, string> {
  const [host, length] = splitOnce(text, "/");
  const address = host.includes("%") ? undefined : parseIpAddress(host);
  const lengthMax = address !== undefined && familyOf(address) === "ipv4" ? 32 : 128;
  const prefixLength = length === undefined ? lengthMax : /^\d{1,3}$/.test(length) ? +length : -1;
  if (address === undefined || prefixLength < 0 || prefixLength > lengthMax) {
    return failure(`expected a network such as 127.0.0.0/8 or 2001:db8::/32, not ${quote(text)}`);
  }
  return success({ address, prefixLength });
}

/** Every form of a name server; see `UPSTREAM_EXPECTED`. */
export function parseUpstream(text: string): Result<Upstream, string> {
  const upstream = parseUpstreamOf(/^(.*?):\/\//.exec(text)?.[1], text);
  return upstream === undefined
    ? failure(`expected ${UPSTREAM_EXPECTED}, not ${quote(text)}`)
    : success(upstream);
}

function parseUpstreamOf(scheme: string | undefined, text: string): Upstream | undefined {
  if (scheme === undefined) return parsePlainUpstream(text);
  if (scheme === "tls") return parseTlsUpstream(text.slice("tls://".length));
  return scheme === "https" ? parseHttpsUpstream(text) : undefined;
}

function parsePlainUpstream(text: string): Upstream | undefined {
  const endpoint = parseScopedEndpoint(text, DNS_PORT);
  return endpoint && { transport: "dns", ...endpoint };
}

function parseTlsUpstream(text: string): Upstream | undefined {
  const [authority, serverName] = splitOnce(text, "#");
  const endpoint = parseScopedEndpoint(authority, DNS_OVER_TLS_PORT);
  if (endpoint === undefined || !isServerName(serverName)) return undefined;
  return { transport: "tls", ...endpoint, serverName };
}

function parseHttpsUpstream(text: string): Upstream | undefined {
  const [address, serverName] = splitOnce(text, "#");
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isServerName(serverName) || url.username !== "") return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const ip = parseIpAddress(host);
  if (ip === undefined && !isServerName(host)) return undefined;
  return {
    transport: "https",
    host: ip ?? host,
    address: ip,
    port: url.port === "" ? HTTPS_PORT : Number(url.port),
    path: `${url.pathname}${url.search}`,
    serverName: serverName ?? (ip === undefined ? host : undefined),
  };
}

function isServerName(text: string | undefined): boolean {
  return (
    text === undefined || (/^[A-Za-z0-9_.-]+$/.test(text) && Name.tryParse(text) instanceof Name)
  );
}

/** A domain name in presentation format, dot at the end or not. */
export function parseDomain(text: string): Result<Name, string> {
  const name = Name.tryParse(text);
  return name instanceof Name
    ? success(name)
    : failure(`expected a domain name, not ${quote(text)}: ${name}`);
}

/** A host name with its domain: `nas.local`. */
export function parseHostName(text: string): Result<Name, string> {
  const name = parseDomain(text);
  if (!name.ok || name.value.labelCount > 1) return name;
  return failure(`expected a full host name such as nas.local, not ${quote(text)}`);
}

/** One label for this host, without a domain. */
export function parseHostLabel(text: string): Result<string, string> {
  const size = utf8(text).length;
  if (size > LABEL_SIZE_MAX) {
    return failure(`${quote(text)} has ${size} octets; a label has at most ${LABEL_SIZE_MAX}`);
  }
  if (text.includes(".")) {
    const first = text.slice(0, text.indexOf("."));
    const remedy = first === "" ? "" : `; write ${quote(first)}`;
    return failure(`expected one label without a domain, not ${quote(text)}${remedy}`);
  }
  if (text === "" || /[\p{Cc}\p{Z}]/u.test(text)) {
    return failure(`expected a label such as node-1, not ${quote(text)}`);
  }
  return success(text);
}
