/** Sockets on the loopback interface, where no privilege is needed. */

import { describe, expect, it, onTestFinished } from "vitest";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { createTransport, type Transport, type TransportOptions } from "../../src/net/transport.ts";

const LOOPBACK: Link = {
  id: 1 as LinkId,
  name: "lo",
  mtu: 65_536,
  addresses: [{ family: "ipv4", address: "127.0.0.1" as IpAddress, prefixLength: 8 }],
  families: ["ipv4"],
  loopback: true,
  incarnation: 0,
  sharesPort: false,
};

interface Heard {
  readonly text: string;
  readonly datagram: InboundDatagram;
}

class Station {
  readonly transport: Transport;
  readonly heard: Heard[] = [];
  readonly failures: string[] = [];
  burstEnds = 0;
  #onHeard: () => void = () => {};

  constructor(mode: "native" | "portable", port: number, options?: Partial<TransportOptions>) {
    this.transport = createTransport(
      mode,
      { channels: ["mdns"], ports: { mdns: port }, ...options },
      {
        datagram: (datagram) => {
          this.heard.push({ text: Buffer.from(datagram.octets).toString(), datagram });
        },
        burstEnd: () => {
          this.burstEnds++;
          this.#onHeard();
        },
        transmitFailure: (_datagram, { code }) => {
          this.failures.push(code);
          this.#onHeard();
        },
        linkFailure: (link, family, error) => {
          this.failures.push(`${link.name} ${family}: ${error.message}`);
        },
      },
    );
    onTestFinished(() => this.transport.close());
    this.transport.reconcile([LOOPBACK]);
  }

  send(text: string, properties: Partial<OutboundDatagram> = {}): void {
    this.transport.send({
      channel: "mdns",
      octets: Buffer.from(text),
      link: LOOPBACK.id,
      family: "ipv4",
      destination: "group",
      from: undefined,
      ...properties,
    });
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      });
    }
  }
}

for (const [index, mode] of (["native", "portable"] as const).entries()) {
  const port = 45_353 + index;

  describe(`${mode} sockets`, () => {
    it("carry a multicast to every responder of the host, ourselves included", async () => {
      const a = new Station(mode, port);
      const b = new Station(mode, port);
      a.send("hello");
      await b.until(() => b.heard.length === 1);
      await a.until(() => a.heard.length === 1);
      expect(b.heard[0]!.datagram).toMatchObject({
        channel: "mdns",
        link: 1,
        family: "ipv4",
        source: { address: "127.0.0.1", port },
        arrival: { to: "group" },
      });
    });

    it("send a copy of the octets, so that their buffer may be used again at once", async () => {
      const station = new Station(mode, port);
      const octets = Buffer.from("first");
      station.send("", { octets });
      octets.write("other");
      station.send("", { octets });
      await station.until(() => station.heard.length === 2);
      expect(station.heard.map(({ text }) => text)).toEqual(["first", "other"]);
    });

    it("tell unicast from multicast, and to which address it came", async () => {
      const station = new Station(mode, port);
      const address = "127.0.0.1" as IpAddress;
      station.send("direct", { destination: { address, port } });
      await station.until(() => station.heard.length === 1);
      expect(station.heard[0]!.datagram.arrival).toEqual({ to: "unicast", address });
    });

    it("§15.1: bind no own address on a link whose port is shared", async () => {
      const station = new Station(mode, port);
      station.transport.reconcile([{ ...LOOPBACK, sharesPort: true }]);
      const destination = { address: "127.0.0.1" as IpAddress, port };
      station.send("direct", { destination });
      station.send("multicast");
      await station.until(() => station.heard.some(({ text }) => text === "multicast"));
      expect(station.heard.map(({ text }) => text)).toEqual(["multicast"]);
    });

    it("report a datagram for a link that is gone", async () => {
      const station = new Station(mode, port);
      station.transport.reconcile([]);
      station.send("late");
      await station.until(() => station.failures.length === 1);
      expect(station.failures).toEqual(["ENODEV"]);
    });

    it("report an address that cannot be bound, and serve the rest of the link", async () => {
      const station = new Station(mode, port);
      const absent = {
        family: "ipv4",
        address: "192.0.2.99" as IpAddress,
        prefixLength: 24,
      } as const;
      station.transport.reconcile([{ ...LOOPBACK, addresses: [...LOOPBACK.addresses, absent] }]);
      expect(station.failures).toHaveLength(1);
      expect(station.failures[0]).toMatch(/^lo ipv4: .*EADDRNOTAVAIL/);
      station.send("still here");
      await station.until(() => station.heard.length === 1);
    });

    it("send what is queued before they close", async () => {
      const listener = new Station(mode, port);
      const leaving = new Station(mode, port);
      leaving.send("goodbye");
      await leaving.transport.close();
      await listener.until(() => listener.heard.length === 1);
      expect(listener.heard[0]!.text).toBe("goodbye");
    });
  });
}

it("native sockets hand over a burst in few pieces", async () => {
  const station = new Station("native", 45_355);
  for (let sent = 0; sent < 64; sent++) station.send(`${sent}`);
  await station.until(() => station.heard.length === 64);
  expect(station.heard.map(({ text }) => Number(text))).toEqual([...Array(64).keys()]);
  expect(station.burstEnds).toBeLessThan(8);
});
