import { describe, expect, test, vi } from "vitest";
import { AllowedNetworks } from "../../src/servers/stub/allowed-networks.ts";
import { ClientCounts } from "../../src/servers/stub/client-counts.ts";
import { Flag, ResponseCode } from "../../src/wire/constants.ts";
import {
  addressAnswer,
  codeOf,
  endpoint,
  hex,
  message,
  query,
  TcpClient,
  TestStub,
  UdpClient,
} from "./stub-kit.ts";

const NETWORK = { address: "127.0.0.128", prefixLength: 25 };
const INSIDE = "127.0.0.200";
const OUTSIDE = "127.0.0.100";

describe("a client outside of the networks allowed", () => {
  test("is refused by UDP with no more octets than it sent", async () => {
    await using stub = await TestStub.start({ allow: [NETWORK] });
    await using outside = await UdpClient.open(stub, OUTSIDE);
    for (const edns of [undefined, { dnssecOk: true }]) {
      const asked = query("node-1.example", edns === undefined ? {} : { edns });
      outside.send(asked);
      const octets = await outside.next();
      expect(octets.length).toBeLessThanOrEqual(asked.length);
      const reply = message(octets);
      expect(reply).toMatchObject({ id: 0x1234, flags: Flag.QR | Flag.RD | ResponseCode.REFUSED });
      expect(reply.questions[0]!.name.toString()).toBe("node-1.example");
    }
    await using inside = await UdpClient.open(stub, INSIDE);
    inside.send(query("node-1.example"));
    expect(message(await inside.next()).answers).toHaveLength(1);
    expect(stub.answerer.questions).toHaveLength(1);
    expect(stub.listener.counters).toMatchObject({ "refused-clients": 2 });
  });

  test("does not get what the cache has, nor a reply to what is no plain query", async () => {
    await using stub = await TestStub.start({ allow: [NETWORK] });
    stub.answerer.cached.set("cached.example", query("cached.example", { flags: Flag.QR }));
    await using outside = await UdpClient.open(stub, OUTSIDE);
    outside.send(hex("1234 2000 0001 0000 0000 0000"));
    outside.send(query("cached.example", { id: 9 }));
    const reply = message(await outside.next());
    expect(reply.id).toBe(9);
    expect(codeOf(reply)).toBe(ResponseCode.REFUSED);
  });

  test("is told so fifty times a second, and then not at all", async () => {
    await using stub = await TestStub.start({ allow: [NETWORK] });
    await using outside = await UdpClient.open(stub, OUTSIDE);
    await using inside = await UdpClient.open(stub, INSIDE);
    const started = performance.now();
    for (let id = 0; id < 150; id++) outside.send(query("node-1.example", { id }));
    await vi.waitFor(() => expect(stub.listener.counters["refused-clients"]).toBe(150));
    inside.send(query("node-1.example"));
    await inside.next();
    let refused = 0;
    const counting = (async () => {
      for (;;) {
        await outside.next();
        refused++;
      }
    })();
    await Promise.race([counting, inside.send(query("absent.example")) ?? inside.next()]);
    const seconds = Math.floor((performance.now() - started) / 1000) + 2;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(50 * seconds);
  });

  test("gets no TCP connection", async () => {
    await using stub = await TestStub.start({ allow: [{ address: "::1", prefixLength: 128 }] });
    using client = await TcpClient.open(stub);
    await client.ended;
    expect(stub.listener.connectionCount).toBe(0);
  });

  test("may ask once the configuration says so", async () => {
    await using stub = await TestStub.start({ allow: [] });
    expect(codeOf(await stub.ask(query("node-1.example")))).toBe(ResponseCode.REFUSED);
    const listen = [endpoint(stub.address, stub.port)];
    await stub.listener.apply({
      listen,
      allow: [NETWORK] as never,
    });
    await using inside = await UdpClient.open(stub, INSIDE);
    inside.send(query("node-1.example"));
    expect(codeOf(message(await inside.next()))).toBe(ResponseCode.NOERROR);
  });
});

test.each([
  ["192.0.2.0/24", "192.0.2.255", true],
  ["192.0.2.0/24", "192.0.3.0", false],
  ["192.0.2.128/25", "192.0.2.127", false],
  ["192.0.2.128/25", "192.0.2.128", true],
  ["192.0.2.7/32", "192.0.2.7", true],
  ["192.0.2.7/32", "192.0.2.6", false],
  ["0.0.0.0/0", "203.0.113.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["::/0", "192.0.2.1", false],
])("whether %s has %s is %s", (network, address, expected) => {
  const [base, length] = network.split("/");
  const networks = new AllowedNetworks([{ address: base as never, prefixLength: Number(length) }]);
  expect(networks.has(address as never)).toBe(expected);
});

describe("queries that wait for their answer", () => {
  test("beyond the bound get SERVFAIL, and others their turn once some are answered", async () => {
    await using stub = await TestStub.start({ limits: { countMax: 2 } });
    await using client = await UdpClient.open(stub);
    for (const id of [1, 2, 3]) client.send(query(`slow-${id}.example`, { id }));
    const refused = message(await client.next());
    expect(refused.id).toBe(3);
    expect(codeOf(refused)).toBe(ResponseCode.SERVFAIL);
    expect(stub.listener.pendingCount).toBe(2);
    for (const { resolve } of stub.answerer.waiting) resolve(addressAnswer("slow.example"));
    await client.next();
    await client.next();
    client.send(query("node-1.example", { id: 4 }));
    expect(message(await client.next())).toMatchObject({ id: 4, answers: [{ type: 1 }] });
    expect(stub.listener.counters).toMatchObject({ "queries-over-limit": 1 });
  });

  test("of our own sockets fail at once: they have gone round in a circle", async () => {
    await using stub = await TestStub.start({ isOwnSocket: () => true });
    expect(codeOf(await stub.ask(query("node-1.example")))).toBe(ResponseCode.SERVFAIL);
    expect(stub.answerer.questions).toEqual([]);
    expect(stub.listener.counters).toMatchObject({ "looped-queries": 1 });
  });

  test("of one host leave room for others; those of this host may be all", () => {
    const counts = new ClientCounts({ countMax: 4, countOfClientMax: 2 });
    const admit = (address: string) => counts.admit(address as never);
    expect([admit("192.0.2.1"), admit("192.0.2.1"), admit("192.0.2.1")]).toEqual([
      true,
      true,
      false,
    ]);
    expect([admit("127.0.0.1"), admit("127.0.0.1"), admit("127.0.0.1")]).toEqual([
      true,
      true,
      false,
    ]);
    counts.release("192.0.2.1" as never);
    expect(admit("127.0.0.1")).toBe(true);
    expect(counts.count).toBe(4);
  });
});
