/**
 * What other hosts' chatter costs: all responders hear the same busy link, 500 packets a second of
 * announcements, queries, probes and goodbyes of 500 hosts, and none of it concerns them.
 *
 * Target: at most 55 us of processor time a packet.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { rounds } from "./lib/effort.ts";
import { ciaoKind, countingKind, resolvedKind } from "./lib/further-responders.ts";
import { formatMeasured, responderKinds, startResponders } from "./lib/responders.ts";

const ROUNDS = rounds(5);
const ROUND_MILLISECONDS = 5000;
const RATE = "500";
const SUBNET = "198.18.0";
const FLOOD = join(process.cwd(), "test/e2e/kit/peers/flood.py");

await using lan = await Lan.create();
const flooder = await lan.host("flooder", { addresses: [`${SUBNET}.2/15`] });
const kinds = [...responderKinds, resolvedKind, ciaoKind, countingKind];
const responders = await startResponders(lan, SUBNET, kinds);

function packetsAt(host: Host): number {
  const statistics = `/sys/class/net/${host.link.name}/statistics/rx_packets`;
  return Number(readFileSync(host.namespace.path(statistics), "utf8"));
}

const flood = flooder.spawn("/usr/bin/python3", [FLOOD, "eth0", "198.18.16.0", RATE, "busy"]);
await setTimeout(ROUND_MILLISECONDS);

const values = responders.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  const before = responders.map(({ host, cpu }) => ({ cpu: cpu(), packets: packetsAt(host) }));
  await setTimeout(ROUND_MILLISECONDS);
  responders.forEach(({ host, cpu }, index) => {
    const packets = packetsAt(host) - before[index]!.packets;
    values[index]!.push((cpu() - before[index]!.cpu) / packets);
  });
}
await flood.stop();

const rows = responders.map(({ name }, index) => ({ name, values: values[index]! }));
console.log(formatMeasured("processor time a packet of chatter", "us", rows));
