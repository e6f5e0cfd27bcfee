/** Sockets on real links: who is told what, and what goes out on the wire. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canUseNamespaces, Laboratory, type Line, type Program } from "./namespace.ts";

const MDNS_GROUP = { ipv4: "224.0.0.251", ipv6: "ff02::fb" } as const;

const UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

const VARIANTS = [
  { title: "native sockets", mode: "native", prefix: [] },
  { title: "native sockets of an unprivileged user", mode: "native", prefix: UNPRIVILEGED },
  { title: "portable sockets", mode: "portable", prefix: [] },
];

for (const { title, mode, prefix } of VARIANTS) {
  describe.runIf(canUseNamespaces())(`${title} on two links`, () => {
    const laboratory = new Laboratory();
    let host: Program;
    let peerA: Program;
    let peerB: Program;
    let wire: Program;

    beforeAll(async () => {
      const [hostSpace, spaceA, spaceB] = ["host", "a", "b"].map((label) =>
        laboratory.namespace(label),
      );
      laboratory.connect(hostSpace!, "a0", spaceA!, "a1");
      laboratory.connect(hostSpace!, "b0", spaceB!, "b1");
      hostSpace!.ip("addr add 10.1.0.1/24 dev a0");
      hostSpace!.ip("addr add 10.1.0.9/24 dev a0");
      hostSpace!.ip("addr add 10.2.0.1/24 dev b0");
      hostSpace!.ip("addr add fd01::1/64 dev a0");
      hostSpace!.ip("addr add fd01::9/64 dev a0");
      spaceA!.ip("addr add 10.1.0.2/24 dev a1");
      spaceA!.ip("addr add fd01::2/64 dev a1");
      spaceB!.ip("addr add 10.2.0.2/24 dev b1");
      wire = laboratory.start(spaceA!, "wiretap", {});
      const channels = ["mdns", "llmnr"];
      const interfaces = ["a0", "b0"];
      const parameters = { mode, channels, interfaces, reply: true };
      host = laboratory.start(hostSpace!, "edge", parameters, prefix);
      peerA = laboratory.start(spaceA!, "edge", { channels, interfaces: ["a1"] });
      peerB = laboratory.start(spaceB!, "edge", { channels, interfaces: ["b1"] });
      await host.next(({ links }) => isReady(links, 2));
      await peerA.next(({ links }) => isReady(links, 1));
      await peerB.next(({ links }) => isReady(links, 1));
      await wire.next(({ ready }) => ready);
    });

    afterAll(() => laboratory.close());

    for (const family of ["ipv4", "ipv6"] as const) {
      it(`attributes each ${family} multicast to the link it came in on, and to no other`, async () => {
        send(peerA, "a1", family, "group", `from a ${family}`);
        send(peerB, "b1", family, "group", `from b ${family}`);
        const fromA = await host.next(isText(`from a ${family}`));
        const fromB = await host.next(isText(`from b ${family}`));
        expect(fromA["datagram"]).toMatchObject({ link: "a0", family, arrival: { to: "group" } });
        expect(fromB["datagram"]).toMatchObject({ link: "b0", family, arrival: { to: "group" } });
        expect(fromA["datagram"].source.port).toBe(5353);
        expect(host.seen(isText(`from a ${family}`))).toEqual([]);
      });

      it(`§11: sends ${family} multicast and unicast with hop limit 255`, async () => {
        send(host, "a0", family, "group", `multicast ${family}`);
        const own = family === "ipv4" ? "10.1.0.2" : "fd01::2";
        send(host, "a0", family, { address: own, port: 5353 }, `unicast ${family}`);
        const multicast = await wire.next(isPacket(`multicast ${family}`));
        const unicast = await wire.next(isPacket(`unicast ${family}`));
        expect(multicast["packet"]).toMatchObject({
          hopLimit: 255,
          destination: MDNS_GROUP[family],
          port: 5353,
        });
        expect(unicast["packet"]).toMatchObject({ hopLimit: 255, port: 5353 });
      });

      it(`answers from the secondary ${family} address that was asked`, async () => {
        const address = family === "ipv4" ? "10.1.0.9" : "fd01::9";
        send(peerA, "a1", family, { address, port: 5353 }, `ask ${family}`);
        const asked = await host.next(isText(`ask ${family}`));
        const answer = await peerA.next(isText(`answer ask ${family}`));
        expect(asked["datagram"].arrival).toEqual({ to: "unicast", address });
        expect(answer["datagram"].source).toEqual({ address, port: 5353 });
      });
    }

    it("answers from the link-local address that was asked", async () => {
      const { address } = await linkLocalOf(host, "a0");
      send(peerA, "a1", "ipv6", { address, port: 5353 }, "ask link-local");
      const answer = await peerA.next(isText("answer ask link-local"));
      expect(answer["datagram"].source).toEqual({ address, port: 5353 });
    });

    it("keeps the channels apart", async () => {
      tell(peerA, "llmnr", "a1", "ipv4", "group", "ask llmnr");
      const asked = await host.next(isText("ask llmnr"));
      expect(asked["datagram"]).toMatchObject({ channel: "llmnr", link: "a0" });
      expect(asked["datagram"].source.port).toBe(5355);
    });

    it("passes every datagram of a burst, in order", async () => {
      peerA.tell({
        channel: "mdns",
        link: "a1",
        family: "ipv4",
        destination: "group",
        text: "burst",
        count: 500,
      });
      await host.next(isText("burst 499"));
      const texts = host.seen(({ datagram }) => datagram?.text.startsWith("burst"));
      expect(texts.map(({ datagram }) => Number(datagram.text.slice(6)))).toEqual(
        Array.from({ length: 499 }, (_, index) => index),
      );
    });

    it("reports a datagram that the operating system refuses", async () => {
      send(host, "b0", "ipv4", "group", "x".repeat(70_000));
      const { transmitFailure } = await host.next(({ transmitFailure }) => transmitFailure);
      expect(transmitFailure).toEqual({ destination: "group", code: "EMSGSIZE" });
    });
  });
}

function isReady(links: Line[] | undefined, count: number): boolean {
  const ready = links?.filter(({ families }) => families.length === 2) ?? [];
  return ready.length === count;
}

function isText(text: string): (line: Line) => boolean {
  return ({ datagram }) => datagram?.text === text;
}

function isPacket(text: string): (line: Line) => boolean {
  return ({ packet }) => packet?.text === text;
}

function send(
  program: Program,
  link: string,
  family: string,
  destination: unknown,
  text: string,
): void {
  tell(program, "mdns", link, family, destination, text);
}

function tell(
  program: Program,
  channel: string,
  link: string,
  family: string,
  destination: unknown,
  text: string,
): void {
  program.tell({ channel, link, family, destination, text });
}

async function linkLocalOf(program: Program, name: string): Promise<{ address: string }> {
  program.tell({ links: true });
  const { links } = await program.next(({ links }) => links !== undefined);
  const link = links.find((candidate: Line) => candidate["name"] === name);
  return link.addresses.find(({ address }: Line) => address.startsWith("fe80:"));
}
