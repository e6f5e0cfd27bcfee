import { expect, test } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { type Instant, instant, milliseconds } from "../../src/core/time.ts";
import type { Conditions } from "../../src/sim/conditions.ts";
import { SimulatedNetwork } from "../../src/sim/network.ts";
import {
  type Interface,
  linkAddress,
  type Process,
  type SimulatedHost,
} from "../../src/sim/simulated-host.ts";
import type { SimulatedLink } from "../../src/sim/simulated-link.ts";
import { Trace } from "../../src/sim/trace.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Name } from "../../src/wire/name.ts";
import { ToyEngine } from "./toy-engine.ts";

const ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] as IpAddress[];

class Kit {
  readonly network: SimulatedNetwork;
  readonly link: SimulatedLink;
  readonly hosts: SimulatedHost[] = [];
  readonly interfaces: Interface[] = [];
  readonly processes: Process<ToyEngine>[] = [];
  readonly trace = new Trace(1000);

  constructor(hosts: number, conditions: Partial<Conditions> = {}, seed = 1) {
    this.network = new SimulatedNetwork({ seed });
    this.network.observe(this.trace);
    this.link = this.network.addLink("lan", { conditions });
    for (const address of ADDRESSES.slice(0, hosts)) {
      const host = this.network.addHost(`host${this.hosts.length}`);
      this.hosts.push(host);
      this.interfaces.push(this.network.attach(host, this.link, [linkAddress(address)]));
      this.processes.push(this.network.start(host, new ToyEngine()));
    }
  }

  engine(index: number): ToyEngine {
    return this.processes[index]!.engine;
  }

  /** A toy announces its record twice, a second apart. */
  announce(index: number): void {
    const name = Name.parse("toy.local");
    const data = { kind: "A", address: ADDRESSES[index]! } as const;
    const record = { name, type: 1, ttl: 120, data, ownership: "unique", cedable: false } as const;
    this.network.command(this.processes[index]!, (engine, now) =>
      engine.register(this.link.id, { records: [record] }, now),
    );
  }

  run(until: number): void {
    this.network.run(instant(until));
  }

  received(): number[] {
    return this.processes.map(({ engine }) => engine.received.length);
  }
}

test("a multicast packet reaches every host after the latency, and its sender at once", () => {
  const kit = new Kit(3, { latency: milliseconds(5) });
  kit.announce(0);
  kit.run(4);
  expect(kit.received()).toEqual([1, 0, 0]);
  kit.run(5);
  expect(kit.received()).toEqual([1, 1, 1]);
  const [datagram] = kit.engine(1).received;
  expect(datagram).toMatchObject({
    channel: "mdns",
    family: "ipv4",
    source: { address: "192.0.2.1", port: 5353 },
    arrival: { to: "group" },
  });
});

test("octets are lent: an engine that keeps them finds them changed", () => {
  const kit = new Kit(2);
  kit.announce(0);
  kit.run(10);
  const kept = kit.engine(1).lent[0]!;
  const asReceived = kit.engine(1).received[0]!.octets;
  expect(kept).toEqual(asReceived);
  kit.announce(1);
  kit.run(20);
  expect(kept).not.toEqual(asReceived);
});

test("a unicast packet reaches only the host that has the address", () => {
  const kit = new Kit(3);
  kit.announce(0);
  kit.run(2000);
  const before = kit.received();
  askByUnicastResponse(kit, 1);
  kit.run(2010);
  const [asked, asking, other] = kit.received().map((count, index) => count - before[index]!);
  expect([asked, asking, other]).toEqual([1, 2, 1]);
  expect(kit.engine(1).received.at(-1)).toMatchObject({
    arrival: { to: "unicast", address: "192.0.2.2" },
  });
});

test("of two processes on a host both hear multicast, and the later one unicast", () => {
  const kit = new Kit(2);
  const second = kit.network.start(kit.hosts[1]!, new ToyEngine(), { name: "second" });
  kit.announce(0);
  kit.run(2000);
  expect(second.engine.received).toHaveLength(2);
  expect(kit.engine(1).links[0]?.sharesPort).toBe(true);
  askByUnicastResponse(kit, 1);
  kit.run(2010);
  expect(second.engine.received.at(-1)?.arrival.to).toBe("unicast");
  expect(kit.engine(1).received.at(-1)?.arrival.to).toBe("group");
});

test("a link that loses everything delivers nothing but the sender's own packets", () => {
  const kit = new Kit(2, { loss: 1 });
  kit.announce(0);
  kit.run(5000);
  expect(kit.received()).toEqual([2, 0]);
});

test("loss and duplication come as often as they are set", () => {
  const kit = new Kit(2, { loss: 0.25, duplication: 0.5 });
  for (let round = 0; round < 500; round++) {
    kit.announce(0);
    kit.run(round * 2000 + 1500);
  }
  const share = kit.engine(1).received.length / kit.engine(0).received.length;
  expect(share).toBeGreaterThan(0.75 * 1.5 * 0.93);
  expect(share).toBeLessThan(0.75 * 1.5 * 1.07);
});

test("jitter lets packets overtake each other", () => {
  const kit = new Kit(2, { jitter: milliseconds(100) });
  const arrivals: number[] = [];
  const sent: number[] = [];
  kit.network.observe({
    packetSent: (packet) => sent.push(packet.number),
    packetReceived: (packet, receiver) => {
      if (receiver === kit.interfaces[1]) arrivals.push(packet.number);
    },
  });
  for (let round = 0; round < 50; round++) {
    kit.announce(0);
    kit.run(round + 1);
  }
  kit.run(500);
  expect([...arrivals].sort((a, b) => a - b)).toEqual(sent);
  expect(arrivals).not.toEqual(sent);
});

test("the parts of a split link do not hear each other until they merge", () => {
  const kit = new Kit(3);
  kit.link.split([[kit.interfaces[0]!, kit.interfaces[1]!], [kit.interfaces[2]!]]);
  kit.announce(0);
  kit.run(500);
  expect(kit.received()).toEqual([1, 1, 0]);
  kit.link.merge();
  kit.run(1500);
  expect(kit.received()).toEqual([2, 2, 1]);
});

test("a one-way partition is deaf in one direction", () => {
  const kit = new Kit(2);
  kit.link.block(kit.interfaces[0]!, kit.interfaces[1]!);
  kit.announce(0);
  kit.announce(1);
  kit.run(500);
  expect(kit.received()).toEqual([2, 1]);
});

test("a host that sleeps hears and does nothing, and is told when it wakes", () => {
  const kit = new Kit(2);
  kit.announce(1);
  kit.run(10);
  kit.network.sleep(kit.hosts[1]!);
  kit.announce(0);
  kit.run(60_000);
  expect(kit.engine(0).received).toHaveLength(3);
  kit.network.wake(kit.hosts[1]!);
  expect(kit.engine(1).wakes).toEqual([60_000]);
  kit.run(60_010);
  expect(kit.engine(0).received).toHaveLength(4);
});

test("carrier that is lost takes the link away and comes back as another incarnation", () => {
  const kit = new Kit(2);
  const [link] = kit.engine(1).links;
  kit.network.setCarrier(kit.interfaces[1]!, "down");
  expect(kit.engine(1).links).toEqual([]);
  kit.announce(0);
  kit.run(10);
  expect(kit.received()).toEqual([1, 0]);
  kit.network.setCarrier(kit.interfaces[1]!, "up");
  expect(kit.engine(1).links[0]).toEqual({ ...link, incarnation: link!.incarnation + 1 });
});

test("an address that changes is the one that packets come from", () => {
  const kit = new Kit(2);
  const changed = linkAddress("192.0.2.77" as IpAddress);
  kit.network.setAddresses(kit.interfaces[0]!, [changed]);
  expect(kit.engine(0).links[0]?.addresses).toEqual([changed]);
  kit.announce(0);
  kit.run(10);
  expect(kit.engine(1).received[0]?.source.address).toBe("192.0.2.77");
});

test("an echo brings a packet back to its sender, once, from the address that is set", () => {
  const kit = new Kit(2);
  kit.network.addReflector({
    name: "echo",
    from: kit.link,
    to: kit.link,
    delayMin: milliseconds(50),
    delayMax: milliseconds(200),
    probability: 1,
    source: { ipv4: "192.0.2.250" as IpAddress, ipv6: "fe80::250" as IpAddress },
    encode: undefined,
  });
  kit.announce(0);
  kit.run(49);
  expect(kit.received()).toEqual([1, 1]);
  kit.run(300);
  expect(kit.received()).toEqual([2, 2]);
  expect(kit.engine(0).received[1]?.source.address).toBe("192.0.2.250");
});

test("a reflector carries packets from one link to another", () => {
  const kit = new Kit(2);
  const wifi = kit.network.addLink("wifi");
  const away = kit.network.addHost("away");
  kit.network.attach(away, wifi, [linkAddress("192.0.2.9" as IpAddress)]);
  const process = kit.network.start(away, new ToyEngine());
  const reflector = {
    name: "bridge",
    from: kit.link,
    to: wifi,
    delayMin: milliseconds(1),
    delayMax: milliseconds(1),
    probability: 1,
    source: "original",
    encode: undefined,
  } as const;
  kit.network.addReflector(reflector);
  kit.announce(0);
  kit.run(500);
  expect(process.engine.received[0]).toMatchObject({
    link: wifi.id,
    source: { address: "192.0.2.1" },
  });
  kit.network.removeReflector(reflector);
  kit.run(1500);
  expect(process.engine.received).toHaveLength(1);
});

test("a process that is killed sends nothing more", () => {
  const kit = new Kit(2);
  kit.announce(0);
  kit.run(10);
  kit.network.kill(kit.processes[0]!);
  kit.run(5000);
  expect(kit.received()).toEqual([1, 1]);
});

test("an engine that asks for a deadline again and again at one instant is found out", () => {
  const kit = new Kit(1);
  const stuck = new ToyEngine();
  stuck.handleDeadline = () => {
    stuck.nextDeadline = kit.network.now;
  };
  stuck.nextDeadline = 100 as Instant;
  kit.network.start(kit.hosts[0]!, stuck, { name: "stuck" });
  expect(() => kit.run(1000)).toThrow("the engine of stuck is stuck");
});

test("equal seeds give equal traces, and other seeds others", () => {
  const hashes = [7, 7, 8].map((seed) => {
    const kit = new Kit(4, { jitter: milliseconds(50), loss: 0.3 }, seed);
    kit.announce(0);
    kit.run(1001);
    askByUnicastResponse(kit, 1);
    kit.announce(2);
    kit.run(5000);
    return kit.trace.hash + kit.received().join();
  });
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[0]).not.toBe(hashes[2]);
});

/** The host asks for the toy's record with a QU question. */
function askByUnicastResponse(kit: Kit, index: number): void {
  const name = Name.parse("toy.local");
  const octets = composeMessage(
    {
      id: 0,
      flags: 0,
      questions: [{ name, type: 1, class: 1, unicastResponse: true }],
      answers: [],
      authorities: [],
      additionals: [],
    },
    "mdns",
  );
  const source = { address: ADDRESSES[index]!, port: 5353 };
  const transmission = { sender: "test", channel: "mdns", source, octets } as const;
  kit.network.transmit({ ...transmission, destination: "group" }, kit.interfaces[index]!);
}
