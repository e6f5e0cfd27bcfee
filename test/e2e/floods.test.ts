import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { RecordType } from "../../src/wire/constants.ts";
import { Capture, type Packet } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { isFrom } from "./kit/messages.ts";
import { namesOf, renamesOf, statusOf } from "./kit/ownership.ts";
import { flood } from "./kit/peers/flood.ts";
import { measureReplyTimes, median } from "./kit/reply-times.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const NAME = "alpha.local";

/** Octets that a full cache and what the collector has not yet freed may take. */
const GROWTH_MAX = 200 * 2 ** 20;

/** Multicast packets a second that a link gets at most, and how long a flood is looked at. */
const PACKETS_PER_SECOND_MAX = 200;
const WINDOW = 5;

/** More instances than may be answered for in a second, each of which may be (RFC 6762 §6). */
const SERVICES = 300;

/** Milliseconds: longer than the rest after a multicast (RFC 6762 §6). */
const PACE = 1100;
const QUERIES = 3;

/** Milliseconds by which a busy machine may make a median worse. */
const SLOWER_MAX = 15;

const TIMEOUT = 150_000;

/** A daemon on a link wide enough for 100,000 neighbours, one of them hostile, one curious. */
async function floodedLan(lan: Lan) {
  const [victim, flooder, asker] = [
    await lan.host("alpha", { addresses: ["198.18.0.1/15"] }),
    await lan.host("flooder", { addresses: ["198.18.0.2/15"] }),
    await lan.host("asker", { addresses: ["198.18.0.3/15"] }),
  ];
  const ends = [victim, asker].map(({ link }) => `ether src ${link.hardwareAddress}`).join(" or ");
  const capture = await Capture.start(lan, { expression: `udp port 5353 and (${ends})` });
  const services = Array.from({ length: SERVICES }, (_, index) => {
    return [`${index}.yaml`, { name: `Service ${index}`, type: "_load._tcp", port: 80 }] as const;
  });
  const daemon = await Daemon.start(victim, { services: Object.fromEntries(services) });
  await daemon.process.line(/publishing "Service 99" on eth0/);
  await daemon.process.line(/this host is alpha\.local on eth0/);
  await setTimeout(2500);
  const questions = Array.from({ length: QUERIES }, () => ({ name: NAME, type: RecordType.A }));
  const replyTime = async () => {
    return median(
      await measureReplyTimes({ capture, asker, responder: victim, questions, pace: PACE }),
    );
  };
  return { victim, flooder, capture, daemon, replyTime };
}

/** How many multicast packets the host sent in the fullest window of so many seconds. */
function most(packets: readonly Packet[], host: Host, seconds: number): number {
  const sent = packets.filter(
    (packet) => isFrom(host, packet) && /^(224\.|ff02:)/.test(packet.destination.address),
  );
  let count = 0;
  for (let from = 0, to = 0; to < sent.length; to++) {
    while (sent[to]!.at - sent[from]!.at >= seconds) from++;
    count = Math.max(count, to - from + 1);
  }
  return count;
}

async function descriptors({ host }: Daemon, pid: number): Promise<number> {
  return (await host.output("ls", [`/proc/${pid}/fd`])).split("\n").length;
}

for (const { title, send } of [
  {
    title: "100,000 host names",
    send: (flooder: Host) => flood(flooder, 2000, ["names", "100000"]),
  },
  {
    title: "20,000 probes for its name",
    send: (flooder: Host) => flood(flooder, 4000, ["probes", NAME, "20000"]),
  },
  {
    title: "queries for 300 services",
    send: (flooder: Host) =>
      flood(flooder, 1000, ["services", "_load._tcp", String(SERVICES), "8000"]),
  },
  {
    title: "queries with the TC bit from 10,000 addresses",
    send: (flooder: Host) => flood(flooder, 4000, ["truncated", NAME, "10000"]),
  },
]) {
  describeEndToEnd(`a daemon flooded with ${title}`, { needs: ["tcpdump", "python3"] }, () => {
    test(
      "keeps its memory, its rate and its name, and answers afterwards as before",
      async ({ annotate }) => {
        await using lan = await Lan.create();
        const { victim, flooder, capture, daemon, replyTime } = await floodedLan(lan);
        const before = { time: await replyTime(), status: await statusOf(daemon) };
        const open = await descriptors(daemon, before.status.process.pid);
        const startedAt = Date.now() / 1000;
        const packets = await send(flooder);
        await setTimeout(2000);
        const after = { status: await statusOf(daemon), time: await replyTime() };

        const growth = after.status.process.memory.resident - before.status.process.memory.resident;
        const sent = most(await capture.packets(({ at }) => at >= startedAt), victim, WINDOW);
        await annotate(
          `${packets} packets: ${Math.round(growth / 2 ** 20)} MiB more, ` +
            `${sent} packets in the fullest ${WINDOW} seconds, ` +
            `answers after ${before.time.toFixed(1)}, then ${after.time.toFixed(1)} ms`,
        );
        expect(growth).toBeLessThan(GROWTH_MAX);
        // A second's worth may have been saved up.
        expect(sent).toBeLessThanOrEqual(PACKETS_PER_SECOND_MAX * (WINDOW + 1));
        expect(after.time).toBeLessThan(before.time + SLOWER_MAX);
        expect(await descriptors(daemon, before.status.process.pid)).toBe(open);
        expect(renamesOf(daemon)).toEqual([]);
        expect(await namesOf(daemon)).toMatchObject([{ label: "alpha", state: "registered" }]);
      },
      TIMEOUT,
    );
  });
}
