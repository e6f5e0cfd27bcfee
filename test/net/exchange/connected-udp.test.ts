/** Sockets connected to one server, on loopback: native ones and those of `node:dgram` alike. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ExchangeServer } from "../../../src/core/exchange.ts";
import type { ConnectedUdpListeners } from "../../../src/net/exchange/connected-udp.ts";
import { libc } from "../../../src/net/native/libc.ts";
import { NativeConnectedUdp } from "../../../src/net/native/native-connected-udp.ts";
import { PortableConnectedUdp } from "../../../src/net/portable/portable-connected-udp.ts";
import { message, serveUdp, target } from "./exchange-kit.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const native = libc();
const kinds = [
  {
    kind: "portable",
    open: (server: ExchangeServer, listeners: ConnectedUdpListeners) =>
      new PortableConnectedUdp(server, false, listeners),
  },
  ...(native === undefined
    ? []
    : [
        {
          kind: "native",
          open: (server: ExchangeServer, listeners: ConnectedUdpListeners) =>
            new NativeConnectedUdp(native, server, false, listeners),
        },
      ]),
];

describe.each(kinds)("a $kind socket", ({ open }) => {
  function opened(server: ExchangeServer) {
    const received: string[] = [];
    const failed: string[] = [];
    const socket = open(server, {
      received: (octets) => received.push(Buffer.from(octets.subarray(12)).toString()),
      failed: (code) => failed.push(code),
    });
    closing.push(() => socket.close());
    return { socket, received, failed };
  }

  test("sends at once, receives every reply, and knows where it is", async () => {
    const ports: number[] = [];
    const { port, socket: server } = await serveUdp((octets, source, own) => {
      ports.push(source.port);
      own.send(octets, source.port, source.address);
      own.send(octets, source.port, source.address);
    });
    closing.push(() => server.close());
    const { socket, received } = opened(target("udp", port));
    socket.send(message(1, "one"));
    socket.send(message(2, "two"));
    await vi.waitFor(() => expect(received.toSorted()).toEqual(["one", "one", "two", "two"]));
    expect(socket.local).toMatchObject({ address: "127.0.0.1", port: ports[0] });
  });

  test("tells when nobody listens there", async () => {
    const probe = createSocket("udp4").bind(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address();
    probe.close();
    await once(probe, "close");
    const { socket, failed } = opened(target("udp", port));
    socket.send(message(1));
    await vi.waitFor(() => expect(failed).toEqual(["ECONNREFUSED"]));
  });

  test("tells of an address that it may not ask, though not from within", async () => {
    const { socket, failed } = opened(target("udp", 53, { address: "255.255.255.255" as never }));
    socket.send(message(1));
    expect(failed).toEqual([]);
    await vi.waitFor(() => expect(failed).toEqual(["EACCES"]));
  });

  test("tells nothing once it is closed, from within a reply too", async () => {
    const { port, socket: server } = await serveUdp((octets, source, own) => {
      for (let count = 0; count < 3; count++) own.send(octets, source.port, source.address);
    });
    closing.push(() => server.close());
    let count = 0;
    const socket = open(target("udp", port), {
      received: () => {
        count++;
        socket.close();
      },
      failed: () => count++,
    });
    socket.send(message(1));
    await vi.waitFor(() => expect(count).toBe(1));
    await setTimeout(20);
    expect(count).toBe(1);
  });
});
