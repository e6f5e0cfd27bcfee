/** Another process on port 5353: seen, and given way to (RFC 6762 §15.1). */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canUseNamespaces, Laboratory, type Namespace, type Program } from "./namespace.ts";

for (const mode of ["native", "portable"] as const) {
  describe.runIf(canUseNamespaces())(`port 5353 shared, ${mode} sockets`, () => {
    const laboratory = new Laboratory();
    let hostSpace: Namespace;
    let host: Program;
    let peer: Program;

    beforeAll(async () => {
      hostSpace = laboratory.namespace("host");
      const peerSpace = laboratory.namespace("peer");
      laboratory.connect(hostSpace, "a0", peerSpace, "a1");
      hostSpace.ip("addr add 10.1.0.1/24 dev a0");
      peerSpace.ip("addr add 10.1.0.2/24 dev a1");
      host = laboratory.start(hostSpace, "edge", { mode, interfaces: ["a0"] });
      peer = laboratory.start(peerSpace, "edge", { mode, interfaces: ["a1"] });
      await host.next(({ links }) => links?.[0]?.families.length === 2);
      await peer.next(({ links }) => links?.[0]?.families.length === 2);
    });

    afterAll(() => laboratory.close());

    const toHost = {
      channel: "mdns",
      link: "a1",
      family: "ipv4",
      destination: { address: "10.1.0.1", port: 5353 },
    };

    it("§15.1: leaves unicast to a responder that was started beside us, while it runs", async () => {
      const other = laboratory.start(hostSpace, "plain-responder", { port: 5353 });
      await other.next(({ ready }) => ready);
      await host.next(({ links }) => links?.[0]?.sharesPort === true);
      peer.tell({ ...toHost, text: "for the other" });
      await other.next(({ text }) => text === "for the other");
      peer.tell({ ...toHost, destination: "group", text: "for both" });
      await host.next(({ datagram }) => datagram?.text === "for both");
      await other.next(({ text }) => text === "for both");

      await other.stop();
      await host.next(({ links }) => links?.[0]?.sharesPort === false);
      peer.tell({ ...toHost, text: "for us" });
      await host.next(({ datagram }) => datagram?.text === "for us");
    });

    it("§15: is heard by and hears a second responder of ours on the same host", async () => {
      const second = laboratory.start(hostSpace, "edge", { mode, interfaces: ["a0"] });
      const { links } = await second.next(({ links }) => links?.[0]?.families.length === 2);
      expect(links[0].sharesPort).toBe(true);
      const group = { ...toHost, link: "a0", destination: "group" };
      second.tell({ ...group, text: "from the second" });
      host.tell({ ...group, text: "from the first" });
      await host.next(({ datagram }) => datagram?.text === "from the second");
      await second.next(({ datagram }) => datagram?.text === "from the first");
    });
  });
}
