import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { addressesFor, goodbyesFor, type Heard, isFrom, isProbeFor } from "./kit/messages.ts";
import { namesOf, renamesOf, statusOf } from "./kit/ownership.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "alpha.local";
const FREE = /this host is alpha\.local on eth0/;

/** Milliseconds until a change is noticed and acted upon, on any kind of sockets. */
const NOTICE_TIME = 6000;

/**
 * RFC 6762 §8.1, §8.3: three probes and two announcements, in two families; a change of addresses is
 * announced as often.
 */
const CLAIM_PACKETS = 2 * (3 + 2);

/** Open files and timers of a daemon that has done nothing but change its links. */
async function openFilesOf(daemon: Daemon): Promise<number> {
  const { pid } = (await statusOf(daemon)).process;
  return (await daemon.host.output("ls", [`/proc/${pid}/fd`])).trim().split("\n").length;
}

/** The multicast packets that the host has sent, of any kind. */
async function sentBy(host: Host, capture: Capture): Promise<readonly Heard[]> {
  const packets = await capture.packets((packet) => isFrom(host, packet));
  return packets as readonly Heard[];
}

async function expectUnshaken(daemon: Daemon): Promise<void> {
  expect(renamesOf(daemon)).toEqual([]);
  const names = await namesOf(daemon);
  expect(names.map(({ linkName, label, state }) => [linkName, label, state])).toEqual([
    ["eth0", "alpha", "registered"],
  ]);
}

/** A host whose daemon has its name and is quiet again. */
async function startQuiet(lan: Lan, prepare: (host: Host) => Promise<void>) {
  const host = await lan.host("alpha");
  await prepare(host);
  const capture = await Capture.start(lan);
  const daemon = await Daemon.start(host, { configuration: { llmnr: { mode: "off" } } });
  await daemon.process.line(FREE);
  await setTimeout(2500);
  return { host, daemon, capture };
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `a host's life with its interfaces, ${title}`,
    { needs: ["tcpdump"], concurrent: true },
    () => {
      test("fifty containers that start and stop change nothing on the wire and leave nothing open", async () => {
        await using lan = await Lan.create();
        const { host, daemon, capture } = await startQuiet(lan, prepare);
        const filesBefore = await openFilesOf(daemon);
        const sentBefore = (await sentBy(host, capture)).length;
        await host.namespace.ip("link add docker0 type bridge", "link set docker0 up");
        await host.namespace.ip("address add 172.17.0.1/16 dev docker0");
        const numbers = Array.from({ length: 50 }, (_, index) => index);
        for (const number of numbers) {
          await host.namespace.ip(
            `link add veth${number} type veth peer name peer${number}`,
            `link set veth${number} master docker0 up`,
            `link set peer${number} up`,
          );
        }
        await setTimeout(NOTICE_TIME);
        for (const number of numbers) await host.namespace.ip(`link del veth${number}`);
        await host.namespace.ip("link del docker0");
        await setTimeout(NOTICE_TIME);
        expect((await sentBy(host, capture)).length).toBe(sentBefore);
        expect(await openFilesOf(daemon)).toBeLessThanOrEqual(filesBefore + 2);
        await expectUnshaken(daemon);
      });

      test("an interface that gets another name is used under it, and nothing is left of the old", async () => {
        await using lan = await Lan.create();
        const { host, daemon } = await startQuiet(lan, prepare);
        const again = daemon.process.nextLine(/this host is alpha\.local on lan7/);
        await host.namespace.ip(
          "link set eth0 down",
          "link set eth0 name lan7",
          "link set lan7 up",
        );
        await again;
        expect(renamesOf(daemon)).toEqual([]);
        const names = await namesOf(daemon);
        expect(names.map(({ linkName, label }) => [linkName, label])).toEqual([["lan7", "alpha"]]);
        const asker = await lan.host("asker");
        expect(await dotlocal(asker, "resolve", "--standalone", "-4", NAME)).toMatchObject({
          stdout: `${NAME}\t${host.address}\n`,
        });
      });

      test("§8.4: temporary addresses that rotate are told to nobody", async () => {
        await using lan = await Lan.create();
        const { host, daemon, capture } = await startQuiet(lan, prepare);
        await host.output("sysctl", ["-q", "-w", ...ROTATION.map((key) => `${SETTINGS}.${key}`)]);
        const times = "valid_lft 3600 preferred_lft 3600";
        await host.namespace.ip(`address add 2001:db8::7/64 dev eth0 mngtmpaddr nodad ${times}`);
        await capture.until((packet) => isTold(packet, "2001:db8::7"));
        await setTimeout(2500);
        const sentBefore = (await sentBy(host, capture)).length;
        const seen = new Set<string>();
        while (seen.size < 3) {
          const shown = await host.output("ip", [
            "-6",
            "address",
            "show",
            "dev",
            "eth0",
            "temporary",
          ]);
          for (const [address] of shown.matchAll(/2001:db8:[0-9a-f:]+/g)) seen.add(address);
          await setTimeout(500);
        }
        await setTimeout(NOTICE_TIME);
        expect((await sentBy(host, capture)).length).toBe(sentBefore);
        await expectUnshaken(daemon);
      });

      test("§8.4: a lease that is renewed says nothing, one with another address says it once", async () => {
        await using lan = await Lan.create();
        const { host, daemon, capture } = await startQuiet(lan, prepare);
        const [lease] = host.link.addresses;
        const sentBefore = (await sentBy(host, capture)).length;
        for (let renewal = 0; renewal < 5; renewal++) {
          const times = "valid_lft 600 preferred_lft 600";
          await host.namespace.ip(`address replace ${lease} dev eth0 ${times}`);
          await setTimeout(700);
        }
        await setTimeout(NOTICE_TIME);
        expect((await sentBy(host, capture)).length).toBe(sentBefore);

        await host.link.addAddress("192.0.2.88/24");
        await host.link.removeAddress(lease!);
        await capture.until((packet) => isTold(packet, "192.0.2.88"));
        await setTimeout(NOTICE_TIME);
        const changes = (await sentBy(host, capture)).slice(sentBefore);
        expect(changes.length).toBeLessThanOrEqual(2 * CLAIM_PACKETS);
        expect(changes.at(-1)).toSatisfy((packet: Heard) => !isTold(packet, lease));
        await expectUnshaken(daemon);
      });

      test("a VPN that goes up and down is no link, and does not change the name on the others", async () => {
        await using lan = await Lan.create();
        const { host, daemon, capture } = await startQuiet(lan, prepare);
        const sentBefore = (await sentBy(host, capture)).length;
        const filesBefore = await openFilesOf(daemon);
        for (let times = 0; times < 4; times++) {
          await host.output("ip", ["tuntap", "add", "dev", "tun0", "mode", "tun"]);
          await host.namespace.ip(
            "address add 10.8.0.2 peer 10.8.0.1 dev tun0",
            "link set tun0 up",
            "route add 10.0.0.0/8 dev tun0",
          );
          await setTimeout(1500);
          await host.namespace.ip("link del tun0");
          await setTimeout(500);
        }
        await setTimeout(NOTICE_TIME);
        const since = (await sentBy(host, capture)).slice(sentBefore);
        expect(since.filter((packet) => isProbeFor(NAME, packet))).toEqual([]);
        expect(since.filter((packet) => goodbyesFor(NAME, packet).length > 0)).toEqual([]);
        expect(since.some((packet) => isTold(packet, "10.8.0.2"))).toBe(false);
        expect(await openFilesOf(daemon)).toBeLessThanOrEqual(filesBefore + 2);
        await expectUnshaken(daemon);
      });
    },
  );
}

function isTold(packet: Heard, ...addresses: readonly (string | undefined)[]): boolean {
  const bare = addresses.map((address) => address?.replace(/\/.*/, ""));
  return addressesFor(NAME, packet).some((told) => bare.includes(told));
}

/** Temporary addresses (RFC 8981) that the kernel replaces every few seconds. */
const SETTINGS = "net.ipv6.conf.eth0";
const ROTATION = [
  ...["use_tempaddr=2", "temp_prefered_lft=8", "temp_valid_lft=30", "dad_transmits=0"],
  "max_desync_factor=0",
];
