/** Datagrams as engines see them: octets together with where they came from or go to. */

import type { Family, IpAddress } from "./ip-address.ts";
import type { LinkId } from "./link.ts";

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * Which protocol's shared sockets a datagram belongs to: port 5353 with its groups, or port 5355 with
 * its groups. What needs a socket of its own is an exchange (`exchange.ts`).
 */
export type Channel = "mdns" | "llmnr";

/** How a datagram reached us: through the protocol's group, or at one of the host's own addresses. */
export type Arrival =
  | { readonly to: "group" }
  | {
      readonly to: "unicast";
      /** The own address it was sent to; undefined where the socket cannot tell. */
      readonly address: IpAddress | undefined;
    };

export interface InboundDatagram {
  readonly channel: Channel;
  /** Valid only during the call that passes it: the sockets may reuse the buffer. */
  readonly octets: Uint8Array;
  readonly link: LinkId;
  readonly family: Family;
  readonly source: Endpoint;
  readonly arrival: Arrival;
}

export interface OutboundDatagram {
  readonly channel: Channel;
  readonly octets: Uint8Array;
  readonly link: LinkId;
  readonly family: Family;
  /** `"group"` is the channel's multicast group and port on that family. */
  readonly destination: "group" | Endpoint;
  /** The own address to send from; undefined leaves the choice to the operating system. */
  readonly from: IpAddress | undefined;
}
