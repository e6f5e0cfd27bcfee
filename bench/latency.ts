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
import type { RunningProcess } from "../test/e2e/kit/process.ts";
import { rounds } from "./lib/effort.ts";
import { ciaoKind, fixedAnswerKind, resolvedKind } from "./lib/further-responders.ts";
import {
  formatMeasured,
  installed,
  type Pair,
  type ResponderKind,
  responderKinds,
  startPair,
} from "./lib/responders.ts";

const ROUNDS = rounds(60);
/** Milliseconds from one question to a responder to the next of the same kind. */
const ROUND_MILLISECONDS = 1250;
const SUBNET = "198.18.0";
const ASKER = join(process.cwd(), "bench/peers/asker.py");

type QuestionKind = "qm" | "qu";

/** Milliseconds: probing and announcing are over. */
const SETTLE = 4000;

interface Subject extends Pair {
  readonly asker: RunningProcess;
  readonly samples: Record<QuestionKind, number[]>;
}

async function start(kind: ResponderKind): Promise<Subject> {
  const pair = await startPair(kind, SUBNET);
  const asker = pair.other.spawn("/usr/bin/python3", [ASKER, pair.other.address]);
  await asker.line(/ready/);
  return { ...pair, asker, samples: { qm: [], qu: [] } };
}

async function ask({ responder, asker, samples }: Subject, kind: QuestionKind): Promise<void> {
  const { name, address } = responder.host;
  const answered = asker.nextLine(/^(?:none|\d+)$/);
  asker.write(`${kind} ${name}.local ${address}\n`);
  const [microseconds] = await answered;
  if (microseconds !== "none") samples[kind].push(Number(microseconds) / 1000);
}

const subjects: Subject[] = [];
for (const kind of installed([...responderKinds, resolvedKind, ciaoKind, fixedAnswerKind])) {
  subjects.push(await start(kind));
}
await setTimeout(SETTLE);
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of ["qm", "qu"] as const) {
    for (const subject of subjects) {
      await setTimeout(ROUND_MILLISECONDS / 2 / subjects.length);
      await ask(subject, kind);
    }
  }
}
for (const { lan } of subjects) await lan.dispose();

for (const kind of ["qm", "qu"] as const) {
  const rows = subjects
    .map(({ responder, samples }) => ({ name: responder.name, values: samples[kind] }))
    .filter(({ values }) => values.length > 0);
  console.log(formatMeasured(`until the answer to a ${kind.toUpperCase()} question`, "ms", rows));
}
