/**
 * Echo over loopback: a server on native sockets beside one on plain `dgram` and one on portable
 * sockets, each answering bursts that already wait in its socket. Only the server's work is timed:
 * the bursts are sent and the answers collected outside of it. The servers take turns, and the
 * fastest of many rounds counts, so that what disturbs one disturbs all.
 *
 * Target: native sockets reach at least 1.4 times the rate of plain `dgram`.
 */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { IpAddress } from "../src/core/ip-address.ts";
import type { Link, LinkId } from "../src/core/link.ts";
import { type Libc, libc } from "../src/net/native/libc.ts";
import { socketAddress } from "../src/net/native/socket-address.ts";
import { AF_INET, SOCK_DGRAM, SOCK_NONBLOCK } from "../src/net/native/socket-options.ts";
import { createTransport, type Transport } from "../src/net/transport.ts";

const ROUNDS = 300;
const BURST_SIZES = [8, 32, 200];
/** Octets: a response of ordinary size. */
const PAYLOAD_SIZE = 180;
const ADDRESS = "127.0.0.1" as IpAddress;
const PORT_FIRST = 45_400;

const LOOPBACK: Link = {
  id: 1 as LinkId,
  name: "lo",
  mtu: 65_536,
  addresses: [{ family: "ipv4", address: ADDRESS, prefixLength: 8 }],
  families: ["ipv4"],
  loopback: true,
  incarnation: 0,
  sharesPort: false,
};

interface EchoServer {
  readonly name: string;
  readonly port: number;
  /** How many datagrams it has answered. */
  answered: number;
  close(): unknown;
}

async function serveWithDgram(port: number): Promise<EchoServer> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20, sendBufferSize: 1 << 19 });
  const server = { name: "dgram", port, answered: 0, close: () => socket.close() };
  socket.on("message", (octets, source) => {
    server.answered++;
    socket.send(octets, source.port, source.address);
  });
  socket.bind(port, ADDRESS);
  await once(socket, "listening");
  return server;
}

function serveWithTransport(kind: "native" | "portable", port: number): EchoServer {
  const server = { name: kind, port, answered: 0, close: () => transport.close() };
  const transport: Transport = createTransport(
    kind,
    { channels: ["mdns"], ports: { mdns: port } },
    {
      datagram({ channel, octets, link, family, source }) {
        server.answered++;
        transport.send({ channel, octets, link, family, destination: source, from: ADDRESS });
      },
      burstEnd() {},
      transmitFailure() {},
      linkFailure: (_link, _family, error) => console.error(error),
    },
  );
  transport.reconcile([LOOPBACK]);
  return server;
}

/** Sends bursts and collects the answers with bare calls, within one turn of the event loop. */
class Client {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #octets = new Uint8Array(2048);

  constructor(native: Libc) {
    this.#libc = native;
    this.#descriptor = native.call("socket", AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const address = socketAddress("ipv4", { address: ADDRESS, port: 0 }, 0);
    native.call("bind", this.#descriptor, address, address.length);
  }

  send(count: number, port: number): void {
    const to = socketAddress("ipv4", { address: ADDRESS, port }, 0);
    for (let sent = 0; sent < count; sent++) {
      const { length } = to;
      this.#libc.call("sendto", this.#descriptor, this.#octets, PAYLOAD_SIZE, 0, to, length);
    }
  }

  collect(): number {
    const recv = this.#libc.function("recv");
    let count = 0;
    while (recv(this.#descriptor, this.#octets, this.#octets.length, 0) >= 0) count++;
    return count;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Microseconds a datagram that a server takes to answer a burst. */
async function timeBurst(server: EchoServer, client: Client, size: number): Promise<number> {
  await nextTurn();
  client.send(size, server.port);
  const goal = server.answered + size;
  const start = process.hrtime.bigint();
  while (server.answered < goal) await nextTurn();
  await nextTurn();
  const elapsed = Number(process.hrtime.bigint() - start) / 1000;
  const collected = client.collect();
  if (collected !== size) throw new Error(`${server.name} lost ${size - collected} of ${size}`);
  return elapsed / size;
}

const native = libc();
if (native === undefined) throw new Error("this benchmark needs Linux and koffi");

const client = new Client(native);
const servers = [
  await serveWithDgram(PORT_FIRST),
  serveWithTransport("portable", PORT_FIRST + 1),
  serveWithTransport("native", PORT_FIRST + 2),
];

for (const size of BURST_SIZES) {
  const best = servers.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, server] of servers.entries()) {
      best[index] = Math.min(best[index]!, await timeBurst(server, client, size));
    }
  }
  console.log(`bursts of ${size}`);
  for (const [index, { name }] of servers.entries()) {
    const rate = Math.round(1e6 / best[index]!).toLocaleString("en-US");
    const ratio = (best[0]! / best[index]!).toFixed(2);
    const each = best[index]!.toFixed(2).padStart(8);
    console.log(`  ${name.padEnd(10)}${each} us each${rate.padStart(12)} /s${ratio.padStart(7)}x`);
  }
}

for (const server of servers) await server.close();
process.exit();
