/** The link monitor on real interfaces: what changes is seen within a second. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  canUseNamespaces,
  Laboratory,
  type Line,
  type Namespace,
  type Program,
} from "./namespace.ts";

/**
 * A change must be seen within a second, to which the kernel adds up to one more before it tells
 * that carrier is back.
 */
const SOURCES = [
  { source: "rtnetlink", promptly: 1_500 },
  { source: "sysfs", promptly: 2_500 },
];

for (const { source, promptly } of SOURCES) {
  describe.runIf(canUseNamespaces())(`links by ${source}`, () => {
    const laboratory = new Laboratory();
    let space: Namespace;
    let peer: Namespace;
    let host: Program;

    beforeAll(async () => {
      space = laboratory.namespace("host");
      peer = laboratory.namespace("peer");
      host = laboratory.start(space, "edge", { source, interfaces: ["a0", "z0"] });
      await host.next(({ links }) => links?.length === 0);
    });

    afterAll(() => laboratory.close());

    /** The next set of links of which `a0` (or another) is as asked. */
    async function nextLink(name: string, matches: (link: Line) => boolean): Promise<Line> {
      const { links } = await host.next(
        (line) => line["links"]?.some((link: Line) => link["name"] === name && matches(link)),
        promptly,
      );
      host.forget();
      return links.find((link: Line) => link["name"] === name);
    }

    it("sees an interface that came and an address it got", async () => {
      laboratory.connect(space, "a0", peer, "a1");
      space.ip("addr add 10.1.0.1/24 dev a0");
      const link = await nextLink("a0", ({ families }) => families.length === 2);
      expect(link).toMatchObject({ mtu: 1500, loopback: false, sharesPort: false });
      expect(link["addresses"][0]).toEqual({
        family: "ipv4",
        address: "10.1.0.1",
        prefixLength: 24,
      });
    });

    it("sees a secondary address come and go", async () => {
      space.ip("addr add 10.1.0.9/24 dev a0");
      await nextLink("a0", ({ addresses }) => hasAddress(addresses, "10.1.0.9"));
      space.ip("addr del 10.1.0.9/24 dev a0");
      await nextLink("a0", ({ addresses }) => !hasAddress(addresses, "10.1.0.9"));
    });

    it("leaves a deprecated address out until it is preferred again", async () => {
      space.ip("addr add fd01::5/64 dev a0");
      await nextLink("a0", ({ addresses }) => hasAddress(addresses, "fd01::5"));
      space.ip("addr change fd01::5/64 dev a0 preferred_lft 0");
      await nextLink("a0", ({ addresses }) => !hasAddress(addresses, "fd01::5"));
      space.ip("addr change fd01::5/64 dev a0 preferred_lft forever");
      await nextLink("a0", ({ addresses }) => hasAddress(addresses, "fd01::5"));
    });

    it("leaves out an address whose duplicate detection is not over", async () => {
      space.sysctl("net.ipv6.conf.a0.accept_dad", 1);
      space.sysctl("net.ipv6.conf.a0.dad_transmits", 3);
      space.ip("addr add fd01::7/64 dev a0");
      space.ip("link set a0 mtu 1400");
      const link = await nextLink("a0", ({ mtu }) => mtu === 1400);
      expect(hasAddress(link["addresses"], "fd01::7")).toBe(false);
    });

    it("drops a link without carrier, and gives it a new incarnation when it is back", async () => {
      space.sysctl("net.ipv6.conf.a0.accept_dad", 0);
      const { incarnation } = await currentLink("a0");
      peer.ip("link set a1 down");
      await host.next(({ links }) => links?.length === 0, promptly);
      peer.ip("link set a1 up");
      const link = await nextLink("a0", () => true);
      expect(link["incarnation"]).toBeGreaterThan(incarnation);
    });

    it("notices a loss of carrier that was over before it looked", async () => {
      const { incarnation } = await currentLink("a0");
      peer.ip("link set a1 down");
      peer.ip("link set a1 up");
      const link = await nextLink("a0", (candidate) => candidate["incarnation"] !== incarnation);
      expect(link["incarnation"]).toBeGreaterThan(incarnation);
    });

    it("sees a new name of an interface", async () => {
      const { id } = await currentLink("a0");
      space.ip("link set a0 down");
      space.ip("link set a0 name z0");
      space.ip("link set z0 up");
      expect((await nextLink("z0", () => true))["id"]).toBe(id);
    });

    it("tells an interface from its successor of the same name", async () => {
      const { id } = await currentLink("z0");
      space.ip("link del z0");
      laboratory.connect(space, "z0", peer, "z1");
      space.ip("addr add 10.1.0.1/24 dev z0");
      const link = await nextLink("z0", (candidate) => candidate["id"] !== id);
      expect(link["id"]).not.toBe(id);
    });

    async function currentLink(name: string): Promise<Line> {
      host.forget();
      host.tell({});
      return nextLink(name, () => true);
    }
  });
}

function hasAddress(addresses: Line[], text: string): boolean {
  return addresses.some(({ address }) => address === text);
}
