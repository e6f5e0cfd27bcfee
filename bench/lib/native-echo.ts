/**
 * A program that sends every query back by native sockets: what the sockets alone can do. It is the
 * benchmark's own bundle, started with a word that says so.
 */

import { openInterfaceSource } from "../../src/net/interface-source.ts";
import { LinkMonitor } from "../../src/net/link-monitor.ts";
import { libc } from "../../src/net/native/libc.ts";
import { createTransport, type Transport } from "../../src/net/transport.ts";
import type { ResponderKind } from "./responders.ts";

const WORD = "native-echo";

/** RFC 1035 §4.1.1: the octet of the header with the QR bit. */
const FLAGS = 2;
const RESPONSE_BIT = 0x80;

/** Whether this process is to be the echo. */
export const isNativeEcho = process.argv.includes(WORD);

export const nativeEchoKind: ResponderKind = {
  name: "native echo",
  isInstalled: libc() !== undefined,
  start: async (host) => {
    const echo = host.spawn(process.execPath, [process.argv[1]!, WORD]);
    await echo.line(/ready/);
    return echo;
  },
};

export function serveNativeEcho(): void {
  const monitor = new LinkMonitor({
    source: openInterfaceSource(),
    select: ({ loopback }) => (loopback ? undefined : { ipv4: true, ipv6: false }),
  });
  const transport: Transport = createTransport(
    "native",
    { channels: ["mdns"] },
    {
      datagram({ channel, octets, link, family, source, arrival }) {
        if (arrival.to === "group" || (octets[FLAGS]! & RESPONSE_BIT) !== 0) return;
        octets[FLAGS]! |= RESPONSE_BIT;
        const from = arrival.address;
        transport.send({ channel, octets, link, family, destination: source, from });
      },
      burstEnd: () => "quiet",
      transmitFailure() {},
      linkFailure: (_link, _family, error) => console.error(error),
    },
  );
  transport.reconcile(monitor.links);
  console.log("ready");
}
