/** Exchanges by UDP, on loopback. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { Client, message, serveUdp, target } from "./exchange-kit.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function client(): Client {
  const made = new Client();
  closing.push(() => made.close());
  return made;
}

async function echo(ports: number[] = []) {
  const { port, socket } = await serveUdp((octets, source, own) => {
    ports.push(source.port);
    own.send(octets, source.port, source.address);
  });
  closing.push(() => socket.close());
  return target("udp", port);
}

test("an answer comes back with its exchange and its source", async () => {
  const server = await echo();
  const made = client();
  const exchange = made.ask(server, message(7, "hello"));
  expect(await made.event(exchange)).toMatchObject({
    kind: "received",
    octets: new Uint8Array(message(7, "hello")),
    source: { address: "127.0.0.1", port: server.port },
    age: 0,
  });
});

test("RFC 5452 §9.2: 1,000 questions leave from many ports, spread over the range", async () => {
  const ports: number[] = [];
  const server = await echo(ports);
  const made = client();
  for (let id = 0; id < 1000; id++) await made.exchange(server, message(id));
  const distinct = [...new Set(ports)];
  expect(distinct.length).toBeGreaterThan(90);
  const [least, greatest] = [Math.min(...distinct), Math.max(...distinct)];
  expect(greatest - least).toBeGreaterThan(10_000);
  const steps = distinct.slice(1).map((port, at) => port - distinct[at]!);
  expect(new Set(steps).size).toBeGreaterThan(80);
  const most = Math.max(...distinct.map((port) => ports.filter((p) => p === port).length));
  // Ten questions a port; the system may choose one of them again.
  expect(most).toBeLessThanOrEqual(30);
});

test("two questions in a row never leave from the same port", async () => {
  const ports: number[] = [];
  const server = await echo(ports);
  const made = client();
  for (let id = 0; id < 100; id++) await made.exchange(server, message(id));
  expect(ports.some((port, at) => port === ports[at + 1])).toBe(false);
});

test("answers with an id that nobody asked with are dropped", async () => {
  const { port, socket } = await serveUdp((octets, source, own) => {
    const wrong = Buffer.from(octets);
    wrong[0]! ^= 0xff;
    own.send(wrong, source.port, source.address);
    own.send(octets, source.port, source.address);
  });
  closing.push(() => socket.close());
  const made = client();
  expect(await made.exchange(target("udp", port), message(1, "right"))).toBe("right");
  expect(made.told).toHaveLength(1);
});

test("answers to another port than was asked from are dropped", async () => {
  const ports: number[] = [];
  const { port, socket } = await serveUdp((octets, source, own) => {
    ports.push(source.port);
    // The second question's answer goes to the port of the first, and then to its own.
    if (ports.length === 2) {
      own.send(message(octets.readUInt16BE(0), "wrong"), ports[0]!, source.address);
      own.send(message(octets.readUInt16BE(0), "right"), source.port, source.address);
    }
  });
  closing.push(() => socket.close());
  const made = client();
  const server = target("udp", port);
  made.ask(server, message(1));
  expect(await made.exchange(server, message(2))).toBe("right");
});

test("answers from another socket than was asked are dropped", async () => {
  const stranger = createSocket("udp4").bind(0, "127.0.0.1");
  await once(stranger, "listening");
  closing.push(() => stranger.close());
  const { port, socket } = await serveUdp((octets, source, own) => {
    stranger.send(message(octets.readUInt16BE(0), "wrong"), source.port, source.address, () =>
      own.send(message(octets.readUInt16BE(0), "right"), source.port, source.address),
    );
  });
  closing.push(() => socket.close());
  expect(await client().exchange(target("udp", port), message(1))).toBe("right");
});

test("a server that does not listen is told at once", async () => {
  const { port, socket } = await serveUdp(() => {});
  socket.close();
  await once(socket, "close");
  expect(await client().exchange(target("udp", port), message(1))).toBe("ended: ECONNREFUSED");
});

test("a closed exchange tells nothing more", async () => {
  const server = await echo();
  const made = client();
  const first = made.ask(server, message(1));
  made.finish(first);
  await made.exchange(server, message(2));
  expect(made.told.some(({ exchange }) => exchange === first)).toBe(false);
  expect(made.exchanges.size).toBe(0);
});

test("questions without an answer are bounded, and told so beyond that", async () => {
  const { port, socket } = await serveUdp(() => {});
  closing.push(() => socket.close());
  const made = client();
  const server = target("udp", port);
  const ids = Array.from({ length: 3000 }, (_, id) => made.ask(server, message(id)));
  const event = await made.event(ids.at(-1)!);
  expect(event).toMatchObject({ kind: "ended", code: "LIMIT" });
});

test("after a change of the network questions leave from new ports", async () => {
  const ports: number[] = [];
  const server = await echo(ports);
  const made = client();
  for (let id = 0; id < 8; id++) await made.exchange(server, message(id));
  const before = new Set(ports.splice(0));
  made.exchanges.handleNetworkChange();
  for (let id = 0; id < 8; id++) await made.exchange(server, message(id));
  expect(ports.some((port) => before.has(port))).toBe(false);
});

test("over IPv6 a server is asked all the same", async () => {
  const socket = createSocket("udp6");
  socket.on("message", (octets, source) => socket.send(octets, source.port, source.address));
  socket.bind(0, "::1");
  await once(socket, "listening");
  closing.push(() => socket.close());
  const server = target("udp", socket.address().port, { address: "::1" as never });
  expect(await client().exchange(server, message(1, "six"))).toBe("six");
});
