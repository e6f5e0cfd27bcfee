import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type HostLink, Lan } from "./kit/lan.ts";
import {
  addressesFor,
  goodbyesFor,
  type Heard,
  isFrom,
  isIpv4,
  isProbeFor,
} from "./kit/messages.ts";
import { namesOf, renamesOf } from "./kit/ownership.ts";
import { acceptOwnAddresses } from "./kit/peers/echo.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "alpha.local";
const FREE = /this host is alpha\.local on eth0/;

/** Milliseconds until a change that the kernel tells nobody is noticed, and acted upon. */
const NOTICE_TIME = 6000;

/** Milliseconds in which a rename for no reason would have come. */
const QUIET_TIME = 8000;

/** What has been sent for the name, over IPv4. */
async function claimsOf(source: HostLink, capture: Capture) {
  const isSent = (packet: Heard) => isFrom(source, packet) && isIpv4(packet);
  const probes = await capture.packets((packet) => isSent(packet) && isProbeFor(NAME, packet));
  const announcements = await capture.packets(
    (packet) => isSent(packet) && addressesFor(NAME, packet).length > 0,
  );
  return { probes, announcements };
}

/** The IPv4 addresses that a look-up on the daemon's host finds. */
async function lookup({ host }: Daemon, name: string): Promise<readonly string[]> {
  const { stdout } = await dotlocal(host, "resolve", "-4", name);
  return stdout.split("\n").flatMap((line) => line.split("\t").slice(1));
}

async function expectUnshaken(daemon: Daemon, ...linkNames: readonly string[]): Promise<void> {
  expect(renamesOf(daemon)).toEqual([]);
  const names = await namesOf(daemon);
  expect(names.map(({ linkName, label, state }) => [linkName, label, state]).sort()).toEqual(
    linkNames.map((linkName) => [linkName, "alpha", "registered"]),
  );
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `links that come, go and hear each other, ${title}`,
    { needs: ["tcpdump"], concurrent: true },
    () => {
      test("§8: a cable with a loose contact renames nobody", async () => {
        await using lan = await Lan.create();
        const host = await lan.host("alpha");
        await prepare(host);
        const daemon = await Daemon.start(host);
        for (let times = 0; times < 12; times++) {
          await host.link.unplug();
          await setTimeout(20 * times);
          await host.link.plugIn();
          await setTimeout(40 * times);
        }
        await setTimeout(NOTICE_TIME);
        await expectUnshaken(daemon, "eth0");
      });

      test("an interface that comes gets the name, one that goes is used no longer", async () => {
        await using lan = await Lan.create();
        await using second = await Lan.create({ prefix: "198.51.100" });
        const host = await lan.host("alpha");
        await prepare(host);
        const daemon = await Daemon.start(host);
        await daemon.process.line(FREE);
        const capture = await Capture.start(second);
        const link = await host.connect(second);
        await daemon.process.line(/this host is alpha\.local on eth1/);
        await expectUnshaken(daemon, "eth0", "eth1");
        const claims = await claimsOf(link, capture);
        expect(claims.probes).toHaveLength(3);
        for (const { message } of claims.announcements) {
          expect(addressesIn(message!)).toEqual([link.address]);
        }
        await link.down();
        await daemon.process.line(/no longer using eth1/);
        await expectUnshaken(daemon, "eth0");
        const back = daemon.process.nextLine(/this host is alpha\.local on eth1/);
        await link.up();
        await back;
        await expectUnshaken(daemon, "eth0", "eth1");
        const gone = daemon.process.nextLine(/no longer using eth1/);
        await host.namespace.ip("link del eth1");
        await gone;
        await expectUnshaken(daemon, "eth0");
      });

      test("§10.3: on another network a known name is whose it is there", async () => {
        await using home = await Lan.create();
        await using cafe = await Lan.create({ prefix: "198.51.100" });
        const roamer = await home.host("alpha");
        const [atHome, onlyHome] = [await home.host("beta"), await home.host("gamma")];
        const inCafe = await cafe.host("beta");
        await prepare(roamer);
        const daemon = await Daemon.start(roamer);
        await Promise.all([atHome, onlyHome, inCafe].map((host) => Daemon.start(host)));
        await daemon.process.line(FREE);
        expect(await lookup(daemon, "beta.local")).toEqual([atHome.address]);
        expect(await lookup(daemon, "gamma.local")).toEqual([onlyHome.address]);

        const capture = await Capture.start(cafe);
        const again = daemon.process.nextLine(FREE);
        await roamer.link.moveTo(cafe);
        await again;
        expect(await lookup(daemon, "beta.local")).toEqual([inCafe.address]);
        expect(await dotlocal(roamer, "resolve", "gamma.local")).toMatchObject({ stdout: "" });

        const [old] = roamer.link.addresses;
        await roamer.link.addAddress("198.51.100.99/24");
        await roamer.link.removeAddress(old!);
        await capture.until((packet) => {
          const addresses: readonly string[] = addressesFor(NAME, packet);
          return isFrom(roamer, packet) && addresses.includes("198.51.100.99");
        });
        await expectUnshaken(daemon, "eth0");
      });

      test("§9: two interfaces on one LAN, where each hears the other, rename nobody", async () => {
        await using lan = await Lan.create();
        const [host, asker] = [await lan.host("alpha"), await lan.host("asker")];
        const second = await host.connect(lan);
        await prepare(host);
        await acceptOwnAddresses(host);
        const capture = await Capture.start(lan);
        const daemon = await Daemon.start(host);
        await daemon.process.line(FREE);
        await daemon.process.line(/this host is alpha\.local on eth1/);
        await setTimeout(QUIET_TIME);
        await expectUnshaken(daemon, "eth0", "eth1");

        const found = await dotlocal(asker, "resolve", "--standalone", "-4", NAME);
        expect(found.status).toBe(0);
        expect([host.address, second.address]).toContain(found.stdout.trim().split("\t")[1]);
        const goodbyes = await capture.packets((packet) => goodbyesFor(NAME, packet).length > 0);
        expect(goodbyes).toEqual([]);

        await host.link.unplug();
        await setTimeout(2500);
        expect(await dotlocal(asker, "resolve", "--standalone", "-4", NAME)).toMatchObject({
          stdout: `${NAME}\t${second.address}\n`,
        });
        const again = daemon.process.nextLine(FREE);
        await host.link.plugIn();
        await again;
        await setTimeout(2500);
        await expectUnshaken(daemon, "eth0", "eth1");
      });
    },
  );
}

function addressesIn({ answers }: Heard["message"]): readonly string[] {
  return answers.flatMap(({ data }) => (data.kind === "A" ? [data.address] : []));
}
