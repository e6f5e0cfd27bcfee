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
import type { RunningProcess } from "../test/e2e/kit/process.ts";
import { rounds } from "./lib/effort.ts";
import { ciaoKind, fixedAnswerKind, resolvedKind } from "./lib/further-responders.ts";
import {
  formatMeasured,
  installed,
  type Responder,
  type ResponderKind,
  responderKinds,
  startResponder,
} from "./lib/responders.ts";

const ROUNDS = rounds(60);
/** Milliseconds from one question to a responder to the next of the same kind. */
const ROUND_MILLISECONDS = 1250;
const SUBNET = "198.18.0";
const ASKER = join(process.cwd(), "bench/peers/asker.py");

type QuestionKind = "qm" | "qu";

/** Milliseconds: probing and announcing are over. */
const SETTLE = 4000;

interface Pair {
  readonly responder: Responder;
  readonly asker: RunningProcess;
  readonly samples: Record<QuestionKind, number[]>;
}

/** A responder and an asker on a link of their own, so that a question wakes no other responder. */
async function pair(lan: Lan, kind: ResponderKind): Promise<Pair> {
  const host = await lan.host("responder", { addresses: [`${SUBNET}.10/15`] });
  const other = await lan.host("asker", { addresses: [`${SUBNET}.2/15`] });
  const responder = await startResponder(kind, host);
  const asker = other.spawn("/usr/bin/python3", [ASKER, other.address]);
  await asker.line(/ready/);
  return { responder, asker, samples: { qm: [], qu: [] } };
}

async function ask({ responder, asker, samples }: Pair, kind: QuestionKind): Promise<void> {
  const { name, address } = responder.host;
  const answered = asker.nextLine(/^(?:none|\d+)$/);
  asker.write(`${kind} ${name}.local ${address}\n`);
  const [microseconds] = await answered;
  if (microseconds !== "none") samples[kind].push(Number(microseconds) / 1000);
}

const lans: Lan[] = [];
const pairs: Pair[] = [];
for (const kind of installed([...responderKinds, resolvedKind, ciaoKind, fixedAnswerKind])) {
  const lan = await Lan.create();
  lans.push(lan);
  pairs.push(await pair(lan, kind));
}
await setTimeout(SETTLE);
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of ["qm", "qu"] as const) {
    for (const each of pairs) {
      await setTimeout(ROUND_MILLISECONDS / 2 / pairs.length);
      await ask(each, kind);
    }
  }
}
for (const lan of lans) await lan.dispose();

for (const kind of ["qm", "qu"] as const) {
  const rows = pairs
    .map(({ responder, samples }) => ({ name: responder.name, values: samples[kind] }))
    .filter(({ values }) => values.length > 0);
  console.log(formatMeasured(`until the answer to a ${kind.toUpperCase()} question`, "ms", rows));
}
