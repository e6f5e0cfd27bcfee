/**
 * Descriptors of exchanges with the options that `node:dgram` and `node:net` do not reach: kept to
 * one link, and TCP with a TTL or hop limit that no router lets pass (RFC 4795 §2.5).
 */

import type { Endpoint } from "../../core/datagram.ts";
import { type Family, familyOf, type IpAddress } from "../../core/ip-address.ts";
import type { Link } from "../../core/link.ts";
import { type Libc, SystemError } from "./libc.ts";
import { bindToDevice, setIpv4Options, setIpv6Options } from "./open-socket.ts";
import { socketAddress } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/** <errno.h>: the connection is being made; Node has no name for it. */
const EINPROGRESS = 115;

/** A UDP socket on a random port. @throws SystemError; nothing is left open then. */
export function openUdpExchange(libc: Libc, link: Link, from: IpAddress): number {
  const family = familyOf(from);
  return opened(libc, family, option.SOCK_DGRAM, (descriptor) => {
    bindToDevice(libc, descriptor, link.name);
    if (family === "ipv4") setIpv4Options(libc, descriptor, { link });
    else setIpv6Options(libc, descriptor, { link });
    bind(libc, descriptor, link, { address: from, port: 0 });
  });
}

/** A TCP socket whose connection is being made. @throws SystemError; nothing is left open then. */
export function openTcpConnection(
  libc: Libc,
  link: Link,
  destination: Endpoint,
  from: IpAddress | undefined,
  hopLimit: number | undefined,
): number {
  const family = familyOf(destination.address);
  return opened(libc, family, option.SOCK_STREAM, (descriptor) => {
    bindToDevice(libc, descriptor, link.name);
    if (hopLimit !== undefined) setHopLimit(libc, descriptor, family, hopLimit);
    if (from !== undefined) bind(libc, descriptor, link, { address: from, port: 0 });
    connect(libc, descriptor, link, destination);
  });
}

/** A TCP socket that is bound and is to listen. @throws SystemError; nothing is left open then. */
export function openTcpListener(
  libc: Libc,
  link: Link,
  endpoint: Endpoint,
  hopLimit: number,
): number {
  const family = familyOf(endpoint.address);
  return opened(libc, family, option.SOCK_STREAM, (descriptor) => {
    libc.setIntOption(descriptor, option.SOL_SOCKET, option.SO_REUSEADDR, 1);
    bindToDevice(libc, descriptor, link.name);
    setHopLimit(libc, descriptor, family, hopLimit);
    bind(libc, descriptor, link, endpoint);
  });
}

function opened(
  libc: Libc,
  family: Family,
  type: number,
  prepare: (descriptor: number) => void,
): number {
  const domain = family === "ipv4" ? option.AF_INET : option.AF_INET6;
  const flags = option.SOCK_NONBLOCK | option.SOCK_CLOEXEC;
  const descriptor = libc.call("socket", domain, type | flags, 0);
  try {
    prepare(descriptor);
    return descriptor;
  } catch (error) {
    libc.call("close", descriptor);
    throw error;
  }
}

function setHopLimit(libc: Libc, descriptor: number, family: Family, hopLimit: number): void {
  if (family === "ipv4") {
    libc.setIntOption(descriptor, option.IPPROTO_IP, option.IP_TTL, hopLimit);
  } else {
    libc.setIntOption(descriptor, option.IPPROTO_IPV6, option.IPV6_V6ONLY, 1);
    libc.setIntOption(descriptor, option.IPPROTO_IPV6, option.IPV6_UNICAST_HOPS, hopLimit);
  }
}

function bind(libc: Libc, descriptor: number, link: Link, endpoint: Endpoint): void {
  const octets = socketAddress(familyOf(endpoint.address), endpoint, link.id);
  libc.call("bind", descriptor, octets, octets.length);
}

function connect(libc: Libc, descriptor: number, link: Link, endpoint: Endpoint): void {
  const octets = socketAddress(familyOf(endpoint.address), endpoint, link.id);
  try {
    libc.call("connect", descriptor, octets, octets.length);
  } catch (error) {
    if (!(error instanceof SystemError && error.errno === EINPROGRESS)) throw error;
  }
}
