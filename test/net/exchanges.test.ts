import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ExchangeEvent, ExchangeId, ExchangeSpec } from "../../src/core/exchange.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { Exchanges } from "../../src/net/exchanges.ts";
import { MessageStream } from "../../src/net/message-stream.ts";

const LOOPBACK = "127.0.0.1" as IpAddress;

const link: Link = {
  id: 1 as LinkId,
  name: "lo",
  mtu: 65_536,
  addresses: [{ family: "ipv4", address: LOOPBACK, prefixLength: 8 }],
  families: ["ipv4"],
  loopback: true,
  incarnation: 1,
  sharesPort: false,
};

const FIRST = 1 as ExchangeId;

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Exchanges with all that they have told, as text. */
function openExchanges() {
  const told: (Omit<ExchangeEvent, "octets"> & { text?: string })[] = [];
  const exchanges = new Exchanges(
    {},
    {
      exchange: (event) => {
        const text =
          event.kind === "received" ? { text: Buffer.from(event.octets).toString() } : {};
        told.push({ ...event, ...text });
      },
    },
  );
  exchanges.reconcile([link]);
  closing.push(() => exchanges.close());
  const open = (transport: ExchangeSpec["transport"], port: number) => {
    const destination = { address: LOOPBACK, port };
    const spec = { transport, destination, link: link.id, from: LOOPBACK, hopLimit: 1 };
    exchanges.handleCommand({ kind: "open", exchange: FIRST, spec });
  };
  const send = (text: string) =>
    exchanges.handleCommand({ kind: "send", exchange: FIRST, octets: Buffer.from(text) });
  return { exchanges, told, open, send };
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection);
  closing.push(() => server.close());
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function framed(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length >> 8, text.length & 0xff), Buffer.from(text)]);
}

describe("an exchange by UDP", () => {
  it("has a port of its own, and is answered there", async () => {
    const peer = createSocket("udp4");
    closing.push(() => peer.close());
    peer.bind(0, LOOPBACK);
    await once(peer, "listening");
    peer.on("message", (octets, source) => peer.send(`re: ${octets}`, source.port, source.address));
    const { told, open, send } = openExchanges();
    const { port } = peer.address();
    open("udp", port);
    send("hello");
    await vi.waitFor(() =>
      expect(told).toMatchObject([{ kind: "received", exchange: FIRST, text: "re: hello" }]),
    );
    expect(told[0]).toMatchObject({ source: { address: LOOPBACK, port } });
  });

  it("on a link that is gone ends with a code", async () => {
    const { exchanges, told, open } = openExchanges();
    exchanges.reconcile([]);
    open("udp", 9);
    await vi.waitFor(() =>
      expect(told).toEqual([{ kind: "ended", exchange: FIRST, code: "ENODEV" }]),
    );
  });
});

describe("an exchange by TCP", () => {
  it("sends what was given before the connection stood, and tells whole messages", async () => {
    const port = await listen((socket) => {
      socket.on("error", () => {});
      socket.once("data", (octets) => {
        const answer = Buffer.concat([framed("one"), framed("two")]);
        // Octet by octet, so that no message comes in one piece.
        socket.setNoDelay(true);
        socket.write(octets);
        for (const octet of answer) socket.write(Buffer.of(octet));
      });
    });
    const { told, open, send } = openExchanges();
    open("tcp", port);
    send("hello");
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(told.map(({ text }) => text)).toEqual(["hello", "one", "two"]);
  });

  it("that is refused ends with the code, and one that the peer closes without", async () => {
    const unused = await listen(() => {});
    closing.pop()!();
    const refused = openExchanges();
    refused.open("tcp", unused);
    await vi.waitFor(() =>
      expect(refused.told).toEqual([{ kind: "ended", exchange: FIRST, code: "ECONNREFUSED" }]),
    );
    const port = await listen((socket) => socket.end());
    const ended = openExchanges();
    ended.open("tcp", port);
    await vi.waitFor(() =>
      expect(ended.told).toEqual([{ kind: "ended", exchange: FIRST, code: undefined }]),
    );
  });

  it("that was closed tells nothing more", async () => {
    const over = vi.fn();
    const port = await listen((socket) => {
      socket.on("error", () => {});
      socket.on("close", over);
      socket.write(framed("late"));
    });
    const { exchanges, told, open } = openExchanges();
    open("tcp", port);
    exchanges.handleCommand({ kind: "close", exchange: FIRST });
    await vi.waitFor(() => expect(over).toHaveBeenCalled());
    expect(told).toEqual([]);
  });
});

describe("messages on a connection", () => {
  it("that the peer does not read end it before they pile up", async () => {
    let stream: MessageStream | undefined;
    const ended = vi.fn();
    const port = await listen((socket) => {
      stream = new MessageStream(socket, { message: () => {}, ended });
    });
    const client = connect(port, LOOPBACK);
    client.on("error", () => {});
    closing.push(() => client.destroy());
    client.pause();
    await vi.waitFor(() => expect(stream).toBeDefined());
    const message = new Uint8Array(60_000);
    for (let count = 0; count < 1000; count++) stream!.send(message);
    await vi.waitFor(() => expect(ended).toHaveBeenCalledTimes(1));
  });
});
