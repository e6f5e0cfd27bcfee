/**
 * Networks, endpoints and name servers as people write them in the configuration and on the command
 * line, read into typed values.
 *
 * Each reader returns the value, or what was expected.
 */

import type { IpAddress } from "../core/ip-address.ts";

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
      /** The name its certificate must carry. */
      readonly serverName: string;
    };
