/**
 * How long a question waits for its answer: another host asks for the A record of each responder's
 * host name, with a QM question that is answered to the group and with a QU question that is answered
 * to who asks. They take turns, each at most once a second and a quarter, since no record is multicast
 * again within a second (RFC 6762 §6).
 *
 * Target: no worse than systemd-resolved.
 */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Lan } from "../test/e2e/kit/lan.ts";
import { rounds } from "./lib/effort.ts";
import { ciaoKind, fixedAnswerKind, resolvedKind } from "./lib/further-responders.ts";
import {
  formatMeasured,
  type Responder,
  responderKinds,
  startResponders,
} from "./lib/responders.ts";

const ROUNDS = rounds(60);
/** Milliseconds from one question to a responder to the next of the same kind. */
const ROUND_MILLISECONDS = 1250;
const SUBNET = "198.18.0";
const ASKER = join(process.cwd(), "bench/peers/asker.py");

type QuestionKind = "qm" | "qu";

await using lan = await Lan.create();
const host = await lan.host("asker", { addresses: [`${SUBNET}.2/15`] });
const kinds = [...responderKinds, resolvedKind, ciaoKind, fixedAnswerKind];
const responders = await startResponders(lan, SUBNET, kinds);
const asker = host.spawn("/usr/bin/python3", [ASKER, host.address]);
await asker.line(/ready/);

/** Milliseconds; undefined when there was no answer. */
async function ask(kind: QuestionKind, responder: Responder): Promise<number | undefined> {
  const answered = asker.nextLine(/^(?:none|\d+)$/);
  asker.write(`${kind} ${responder.host.name}.local ${responder.host.address}\n`);
  const [microseconds] = await answered;
  return microseconds === "none" ? undefined : Number(microseconds) / 1000;
}

const samples = responders.map(() => ({ qm: [] as number[], qu: [] as number[] }));
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of ["qm", "qu"] as const) {
    for (const [index, responder] of responders.entries()) {
      await setTimeout(ROUND_MILLISECONDS / 2 / responders.length);
      const latency = await ask(kind, responder);
      if (latency !== undefined) samples[index]![kind].push(latency);
    }
  }
}
await asker.stop();

for (const kind of ["qm", "qu"] as const) {
  const rows = responders
    .map(({ name }, index) => ({ name, values: samples[index]![kind] }))
    .filter(({ values }) => values.length > 0);
  console.log(formatMeasured(`until the answer to a ${kind.toUpperCase()} question`, "ms", rows));
}
