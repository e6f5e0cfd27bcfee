/** Exchanges by TCP and TLS, on loopback. */

import { once } from "node:events";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { ExchangeServer } from "../../../src/core/exchange.ts";
import { type Credentials, TestAuthority } from "./certificates.ts";
import { Client, framed, message, serveTcp, shown, target } from "./exchange-kit.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function client(options: ConstructorParameters<typeof Client>[0] = {}): Client {
  const made = new Client(options);
  closing.push(() => made.close());
  return made;
}

type Answer = Parameters<typeof serveTcp>[0];

async function serve(answer: Answer) {
  const served = await serveTcp(answer);
  closing.push(() => {
    for (const socket of served.sockets) socket.destroy();
    served.server.close();
  });
  return { ...served, target: target("tcp", served.port) };
}

const echo: Answer = (octets, socket) => socket.write(framed(octets));

describe("TCP", () => {
  test("RFC 7766 §6.2.1: questions share one connection that is kept", async () => {
    const server = await serve(echo);
    const made = client();
    for (let id = 0; id < 5; id++) {
      expect(await made.exchange(server.target, message(id, `n${id}`))).toBe(`n${id}`);
    }
    expect(server.sockets).toHaveLength(1);
  });

  test("RFC 7766 §7: pipelined questions get their answers in any order", async () => {
    const held: Buffer[] = [];
    const server = await serve((octets, socket) => {
      held.push(octets);
      if (held.length === 4) socket.write(Buffer.concat(held.reverse().map(framed)));
    });
    const made = client();
    const asked = [5, 6, 7, 8].map((id) => made.ask(server.target, message(id, `n${id}`)));
    const answers = await Promise.all(asked.map(async (id) => shown(await made.event(id))));
    expect(answers).toEqual(["n5", "n6", "n7", "n8"]);
  });

  test("questions with the same id get their own answers, each with that id", async () => {
    const held: Buffer[] = [];
    const server = await serve((octets, socket) => {
      held.push(octets);
      if (held.length === 2) socket.write(Buffer.concat(held.map(framed)));
    });
    const made = client();
    const asked = ["one", "two"].map((text) => made.ask(server.target, message(9, text)));
    const events = await Promise.all(asked.map((exchange) => made.event(exchange)));
    expect(events.map(shown)).toEqual(["one", "two"]);
    expect(events.map((event) => event.kind === "received" && event.octets[1])).toEqual([9, 9]);
  });

  test("answers cut anywhere are put together", async () => {
    const server = await serve(async (octets, socket) => {
      for (const octet of framed(octets)) {
        socket.write(Uint8Array.of(octet));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(await client().exchange(server.target, message(1, "slowly"))).toBe("slowly");
  });

  test("the largest message comes through", async () => {
    const server = await serve(echo);
    const text = "x".repeat(65_535 - 12);
    expect(await client().exchange(server.target, message(1, text))).toBe(text);
  });

  test("a connection that the server closes is told, and made anew for the next question", async () => {
    let count = 0;
    const server = await serve((octets, socket) => {
      if (count++ === 0) socket.destroy();
      else echo(octets, socket);
    });
    const made = client();
    expect(await made.exchange(server.target, message(1))).toMatch(/^ended: (CLOSED|ECONNRESET)$/);
    expect(await made.exchange(server.target, message(2, "again"))).toBe("again");
    expect(server.sockets).toHaveLength(2);
  });

  test("a fresh connection is made where one is asked for", async () => {
    const server = await serve((octets, socket) => {
      if (server.sockets.length > 1) echo(octets, socket);
    });
    const made = client();
    made.ask(server.target, message(1));
    const again = made.ask(server.target, message(1, "fresh"), true);
    expect(shown(await made.event(again))).toBe("fresh");
  });

  test("a server that does not listen is told at once", async () => {
    const server = await serve(echo);
    server.server.close();
    await once(server.server, "close");
    expect(await client().exchange(server.target, message(1))).toBe("ended: ECONNREFUSED");
  });

  test("a change of the network ends what is under way", async () => {
    const server = await serve(() => {});
    const made = client();
    const exchange = made.ask(server.target, message(1));
    await once(server.server, "connection");
    made.exchanges.handleNetworkChange();
    expect(await made.event(exchange)).toMatchObject({ kind: "ended", code: "CLOSED" });
  });

  test("a frame that is shorter than a message ends the connection", async () => {
    const server = await serve((_, socket) => socket.write(Uint8Array.of(0, 2, 1, 1)));
    expect(await client().exchange(server.target, message(1))).toBe("ended: PROTOCOL");
  });

  test("connections to one server are bounded", async () => {
    const server = await serve(() => {});
    const made = client();
    const ids = Array.from({ length: 900 }, (_, id) => made.ask(server.target, message(id)));
    expect(await made.event(ids.at(-1)!)).toMatchObject({ code: "LIMIT" });
  });
});

describe("TLS", () => {
  let authority: TestAuthority;
  let named: Credentials;
  let addressed: Credentials;

  beforeAll(() => {
    authority = new TestAuthority();
    named = authority.issue("DNS:dns.example");
    addressed = authority.issue("IP:127.0.0.1");
  });
  afterAll(() => authority.remove());

  async function serveTls(credentials: Credentials, answer: Answer = echo) {
    const server = createTlsServer({ ...credentials, ALPNProtocols: ["dot"] });
    server.on("tlsClientError", () => {});
    const served = await serveTcp(answer, server, "secureConnection");
    closing.push(() => {
      for (const socket of served.sockets) socket.destroy();
      served.server.close();
    });
    return served;
  }

  const tlsTarget = (port: number, serverName?: string): ExchangeServer =>
    target("tls", port, { serverName });

  test("RFC 7858: a server with the certificate of its name is asked", async () => {
    const { port } = await serveTls(named);
    const made = client({ caFile: authority.caFile });
    expect(await made.exchange(tlsTarget(port, "dns.example"), message(1, "safe"))).toBe("safe");
  });

  test("without a name the certificate must be for the address", async () => {
    const made = client({ caFile: authority.caFile });
    const { port } = await serveTls(addressed);
    expect(await made.exchange(tlsTarget(port), message(1, "safe"))).toBe("safe");
    const other = await serveTls(named);
    expect(await made.exchange(tlsTarget(other.port), message(1))).toBe("ended: CERTIFICATE");
  });

  test("a certificate for another name is refused, and no question is sent", async () => {
    const heard: Buffer[] = [];
    const { port } = await serveTls(named, (octets) => heard.push(octets));
    const made = client({ caFile: authority.caFile });
    const to = tlsTarget(port, "other.example");
    expect(await made.exchange(to, message(1, "secret"))).toBe("ended: CERTIFICATE");
    expect(heard).toEqual([]);
  });

  test("a certificate of an authority that is not trusted is refused", async () => {
    const { port } = await serveTls(named);
    const to = tlsTarget(port, "dns.example");
    expect(await client().exchange(to, message(1))).toBe("ended: CERTIFICATE");
  });

  test("authorities that cannot be read trust nobody", async () => {
    const { port } = await serveTls(named);
    const made = client({ caFile: "/nonexistent/ca.pem" });
    const to = tlsTarget(port, "dns.example");
    expect(await made.exchange(to, message(1))).toBe("ended: CERTIFICATE");
  });

  test("authorities in the file that NODE_EXTRA_CA_CERTS names are trusted", async () => {
    vi.stubEnv("NODE_EXTRA_CA_CERTS", authority.caFile);
    try {
      const { port } = await serveTls(named);
      const received = await client().exchange(tlsTarget(port, "dns.example"), message(1));
      expect(received).not.toMatch(/^ended/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("a server that speaks no TLS is told as such", async () => {
    const server = await serve((_, socket) => socket.end("no TLS here\r\n"));
    server.server.on("connection", (socket) => socket.end("no TLS here\r\n"));
    const to = tlsTarget(server.port, "dns.example");
    expect(await client().exchange(to, message(1))).toMatch(/^ended: (PROTOCOL|ECONNRESET)$/);
  });

  test("RFC 7766 §6.2.1: questions share one connection", async () => {
    const served = await serveTls(named);
    const made = client({ caFile: authority.caFile });
    const to = tlsTarget(served.port, "dns.example");
    const asked = [1, 2, 3].map((id) => made.ask(to, message(id, `n${id}`)));
    const answers = await Promise.all(asked.map(async (id) => shown(await made.event(id))));
    expect(answers).toEqual(["n1", "n2", "n3"]);
    expect(served.sockets).toHaveLength(1);
  });
});
