/** The resolver on its sockets, against small name servers on loopback. */

import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ExchangeServer } from "../../../src/core/exchange.ts";
import { BootClock } from "../../../src/net/clock.ts";
import { ServerExchanges } from "../../../src/net/exchange/server-exchanges.ts";
import { SystemRandom } from "../../../src/net/system-random.ts";
import { DnsEngine } from "../../../src/unicast/engine.ts";
import type { DnsEvent, DnsSettings, TransactionId } from "../../../src/unicast/types.ts";
import { composeMessage } from "../../../src/wire/compose.ts";
import { Flag } from "../../../src/wire/constants.ts";
import type { Message } from "../../../src/wire/message.ts";
import { Name } from "../../../src/wire/name.ts";
import { describe as outcomeOf } from "../../unicast/resolver-kit.ts";
import { parsed, record } from "../../wire/kit.ts";
import { TestAuthority } from "./certificates.ts";
import { framed, serveTcp, serveUdp, target } from "./exchange-kit.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** An engine and its sockets, driven as the daemon drives them. */
class LiveResolver {
  readonly engine: DnsEngine;
  readonly #sockets: ServerExchanges;
  readonly #clock = new BootClock();
  readonly #waiting = new Map<TransactionId, (event: DnsEvent) => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(servers: readonly ExchangeServer[], caFile?: string, settings = {}) {
    this.engine = new DnsEngine({ random: new SystemRandom(), settings });
    this.#sockets = new ServerExchanges({
      onEvent: (event) => {
        this.engine.handleExchange(event, this.#clock.now());
        this.#drain();
      },
      ...(caFile === undefined ? {} : { caFile }),
    });
    const plan = { routes: [{ domain: Name.ROOT, servers }], bootstrap: [] };
    this.engine.setServers(plan, this.#clock.now());
    closing.push(() => {
      clearTimeout(this.#timer);
      this.#sockets.close();
    });
  }

  async ask(name: string): Promise<string> {
    const spec = { name: Name.parse(name), type: 1, class: 1 };
    const id = this.engine.resolve(spec, this.#clock.now());
    const settled = new Promise<DnsEvent>((resolve) => this.#waiting.set(id, resolve));
    this.#drain();
    return outcomeOf(await settled);
  }

  #drain(): void {
    for (let next = this.engine.pollExchange(); next; next = this.engine.pollExchange()) {
      this.#sockets.take(next);
    }
    for (let event = this.engine.pollEvent(); event; event = this.engine.pollEvent()) {
      this.#waiting.get(event.id)?.(event);
      this.#waiting.delete(event.id);
    }
    clearTimeout(this.#timer);
    const wait = this.engine.nextDeadline - this.#clock.now();
    if (!Number.isFinite(wait)) return;
    this.#timer = setTimeout(
      () => {
        this.engine.handleDeadline(this.#clock.now());
        this.#drain();
      },
      Math.max(0, wait),
    );
  }
}

function answer(octets: Uint8Array, address: string, flags = 0): Buffer {
  const query = parsed(octets, "dns");
  const { name } = query.questions[0]!;
  const reply: Message = {
    ...query,
    flags: Flag.QR | Flag.RD | Flag.RA | flags,
    answers: [record(`${name.isRoot ? "" : name}. 60 IN A ${address}`)],
    additionals: [],
  };
  return Buffer.from(composeMessage(reply, "dns"));
}

async function udpServer(reply: (octets: Buffer) => Buffer | undefined) {
  const { port, socket } = await serveUdp((octets, source, own) => {
    const said = reply(octets);
    if (said !== undefined) own.send(said, source.port, source.address);
  });
  closing.push(() => socket.close());
  return target("udp", port);
}

async function withSettings(settings: Partial<DnsSettings>, servers: readonly ExchangeServer[]) {
  return new LiveResolver(servers, undefined, settings);
}

describe("on real sockets", () => {
  test("a name is resolved by UDP", async () => {
    const server = await udpServer((octets) => answer(octets, "198.51.100.1"));
    expect(await new LiveResolver([server]).ask("www.example")).toBe("A 198.51.100.1");
  });

  test("RFC 2181 §9: a truncated answer is fetched by TCP at the same port", async () => {
    const tcp = await serveTcp((octets, socket) =>
      socket.write(framed(answer(octets, "198.51.100.2"))),
    );
    closing.push(() => {
      for (const socket of tcp.sockets) socket.destroy();
      tcp.server.close();
    });
    const { createSocket } = await import("node:dgram");
    const udp = createSocket("udp4");
    udp.on("message", (octets, { port, address }) =>
      udp.send(answer(octets, "203.0.113.1", Flag.TC), port, address),
    );
    await new Promise<void>((resolve) => udp.bind(tcp.port, "127.0.0.1", resolve));
    closing.push(() => udp.close());
    const resolver = new LiveResolver([target("udp", tcp.port)]);
    expect(await resolver.ask("www.example")).toBe("A 198.51.100.2");
  });

  test("a dead server costs one wait and is passed over afterwards", async () => {
    const dead = await udpServer(() => undefined);
    const live = await udpServer((octets) => answer(octets, "198.51.100.3"));
    const resolver = await withSettings({ cacheSizeMax: 0 }, [dead, live]);
    const started = performance.now();
    expect(await resolver.ask("a.example")).toBe("A 198.51.100.3");
    const first = performance.now() - started;
    expect(first).toBeGreaterThan(350);
    expect(await resolver.ask("b.example")).toBe("A 198.51.100.3");
    expect(performance.now() - started - first).toBeLessThan(300);
  });

  test("a server that does not listen costs no wait", async () => {
    const gone = await serveUdp(() => {});
    gone.socket.close();
    const live = await udpServer((octets) => answer(octets, "198.51.100.4"));
    const resolver = new LiveResolver([target("udp", gone.port), live]);
    const started = performance.now();
    expect(await resolver.ask("www.example")).toBe("A 198.51.100.4");
    expect(performance.now() - started).toBeLessThan(350);
  });

  test("behind an anycast address a repetition leaves from another port", async () => {
    const ports: number[] = [];
    const { port, socket } = await serveUdp((octets, source, own) => {
      ports.push(source.port);
      // The instance to which the first port leads is dead.
      if (source.port !== ports[0]) {
        own.send(answer(octets, "198.51.100.5"), source.port, source.address);
      }
    });
    closing.push(() => socket.close());
    const resolver = new LiveResolver([target("udp", port)]);
    expect(await resolver.ask("www.example")).toBe("A 198.51.100.5");
    expect(ports).toHaveLength(2);
  });

  test("when a kept connection dies in mid-conversation another is made at once", async () => {
    let count = 0;
    const tcp = await serveTcp((octets, socket) => {
      if (++count === 2) socket.resetAndDestroy();
      else socket.write(framed(answer(octets, "198.51.100.6")));
    });
    closing.push(() => {
      for (const socket of tcp.sockets) socket.destroy();
      tcp.server.close();
    });
    const resolver = new LiveResolver([target("tcp", tcp.port)]);
    expect(await resolver.ask("a.example")).toBe("A 198.51.100.6");
    const started = performance.now();
    expect(await resolver.ask("b.example")).toBe("A 198.51.100.6");
    expect(performance.now() - started).toBeLessThan(300);
    expect(tcp.sockets).toHaveLength(2);
  });
});

describe("by TLS", () => {
  let authority: TestAuthority;
  beforeAll(() => {
    authority = new TestAuthority();
  });
  afterAll(() => authority.remove());

  async function tlsServer() {
    const credentials = authority.issue("DNS:dns.example");
    const server = createTlsServer({ ...credentials, ALPNProtocols: ["dot"] });
    server.on("tlsClientError", () => {});
    const reply: Parameters<typeof serveTcp>[0] = (octets, socket) =>
      socket.write(framed(answer(octets, "198.51.100.7")));
    const served = await serveTcp(reply, server, "secureConnection");
    closing.push(() => {
      for (const socket of served.sockets) socket.destroy();
      server.close();
    });
    return served.port;
  }

  test("RFC 7858 §3.1: a server that proves its name is believed", async () => {
    const server = target("tls", await tlsServer(), { serverName: "dns.example" });
    const resolver = new LiveResolver([server], authority.caFile);
    expect(await resolver.ask("www.example")).toBe("A 198.51.100.7");
  });

  test("one that does not is not", async () => {
    const server = target("tls", await tlsServer(), { serverName: "other.example" });
    const resolver = new LiveResolver([server], authority.caFile);
    expect(await resolver.ask("www.example")).toBe("failed: certificate");
  });
});
