import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { listenPlaces } from "../../src/servers/stub/listen-places.ts";
import { StubListener } from "../../src/servers/stub/stub-listener.ts";
import {
  endpoint,
  FakeAnswerer,
  LOOPBACK,
  LOOPBACK_6,
  message,
  query,
  TcpClient,
  TestStub,
  UdpClient,
} from "./stub-kit.ts";

async function answersAt(address: string, port: number): Promise<boolean> {
  await using udp = await UdpClient.open({ address, port });
  udp.send(query("node-1.example"));
  const byUdp = message(await udp.next());
  using tcp = await TcpClient.open({ address, port });
  tcp.send(query("node-1.example"));
  const byTcp = await tcp.next();
  return byUdp.answers.length === 1 && byTcp.answers.length === 1;
}

function listenerOf(changes: string[] = []): StubListener {
  return new StubListener({
    answerer: new FakeAnswerer(),
    onFault: () => {},
    interfaces: () => INTERFACES,
    onChange: ({ wanted, transports, failure }) =>
      changes.push(`${wanted.address} ${transports.join()} ${failure?.error.code ?? "well"}`),
  });
}

const ALLOW = [LOOPBACK, LOOPBACK_6];

const common = { mac: "00:00:00:00:00:00", internal: true, cidr: null };
const INTERFACES = {
  lo: [
    { ...common, family: "IPv4" as const, address: "127.0.0.161", netmask: "255.0.0.0" },
    { ...common, family: "IPv4" as const, address: "127.0.0.162", netmask: "255.0.0.0" },
    { ...common, family: "IPv6" as const, address: "::1", netmask: "", scopeid: 0 },
  ],
};

describe("the stub", () => {
  test("answers on IPv4 and on IPv6, by UDP and by TCP", async () => {
    await using ipv4 = await TestStub.start();
    await using ipv6 = await TestStub.start({ address: "::1" });
    expect(await answersAt(ipv4.address, ipv4.port)).toBe(true);
    expect(await answersAt(ipv6.address, ipv6.port)).toBe(true);
  });

  test("listens where the configuration says now, and no longer where it said", async () => {
    await using stub = await TestStub.start();
    const { port } = stub;
    const [first] = stub.listener.places;
    const other = endpoint("127.0.0.154", port);
    await stub.listener.apply({ listen: [endpoint(stub.address, port), other], allow: ALLOW });
    expect(stub.listener.places[0]).toBe(first);
    expect(await answersAt("127.0.0.154", port)).toBe(true);
    await stub.listener.apply({ listen: [other], allow: ALLOW });
    expect(stub.listener.places.map(({ wanted }) => wanted.address)).toEqual(["127.0.0.154"]);
    await expect(TcpClient.open({ address: stub.address, port })).rejects.toThrow("ECONNREFUSED");
    const socket = createSocket("udp4");
    socket.bind(port, stub.address);
    await once(socket, "listening");
    socket.close();
  });

  test("goes on with what it can have, tells the rest, and takes it once it is free", async () => {
    const holder = createServer();
    holder.listen(0, "127.0.0.153");
    await once(holder, "listening");
    const { port } = holder.address() as { port: number };
    const changes: string[] = [];
    const listener = listenerOf(changes);
    const settings = { listen: [endpoint("127.0.0.153", port)], allow: ALLOW };
    await listener.apply(settings);
    expect(changes).toEqual(["127.0.0.153 udp EADDRINUSE"]);
    expect(listener.places[0]!.failure).toMatchObject({ transport: "tcp" });
    await listener.apply(settings);
    expect(changes).toHaveLength(1);
    await new Promise((resolve) => holder.close(resolve));
    await listener.apply(settings);
    expect(changes.at(-1)).toBe("127.0.0.153 udp,tcp well");
    expect(await answersAt("127.0.0.153", port)).toBe(true);
    await listener.close();
  });

  test("tells of an address that this host has not", async () => {
    const changes: string[] = [];
    const listener = listenerOf(changes);
    await listener.apply({ listen: [endpoint("192.0.2.99", 45_353)], allow: ALLOW });
    expect(changes).toEqual(["192.0.2.99  EADDRNOTAVAIL"]);
    await listener.close();
    expect(listener.places).toEqual([]);
  });

  test("replies from the address that was asked where it listens at all", async () => {
    const listener = listenerOf();
    const { port } = await freePlace();
    await listener.apply({ listen: [endpoint("0.0.0.0", port)], allow: ALLOW });
    expect(await answersAt("127.0.0.161", port)).toBe(true);
    expect(await answersAt("127.0.0.162", port)).toBe(true);
    await listener.close();
  });
});

async function freePlace(): Promise<{ port: number }> {
  await using stub = await TestStub.start();
  return { port: stub.port };
}

describe("an unspecified address", () => {
  test("stands for each address of its family, link-local ones with their interface", () => {
    const interfaces = {
      ...INTERFACES,
      eth0: [
        { ...common, family: "IPv6" as const, address: "fe80::1", netmask: "", scopeid: 7 },
        { ...common, family: "IPv6" as const, address: "2001:db8::1", netmask: "", scopeid: 0 },
      ],
    };
    expect(listenPlaces([endpoint("::", 53)], interfaces)).toEqual([
      { address: "::1", port: 53, scope: undefined },
      { address: "fe80::1", port: 53, scope: { name: "eth0", index: 7 } },
      { address: "2001:db8::1", port: 53, scope: undefined },
    ]);
    const twice = [endpoint("127.0.0.161", 53), endpoint("0.0.0.0", 53)];
    expect(listenPlaces(twice, interfaces).map(({ address }) => address)).toEqual([
      "127.0.0.161",
      "127.0.0.162",
    ]);
  });
});
