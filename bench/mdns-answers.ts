/**
 * Answers a second: dnsperf on another host asks port 5353 of each responder's host for the A record
 * of its host name. They take turns. Responders that only answer by multicast cannot be asked so.
 *
 * Target: at least 1.25 times avahi-daemon, and at most 11 us of processor time an answer.
 */

import { Lan } from "../test/e2e/kit/lan.ts";
import { formatMeasured, type Responder, startResponders } from "./lib/responders.ts";

const ROUNDS = 5;
const ROUND_SECONDS = 3;
const SUBNET = "198.18.0";
/** On the asker's host. */
const QUERIES = "/run/queries";

await using lan = await Lan.create();
const asker = await lan.host("asker", { addresses: [`${SUBNET}.2/15`] });
const responders = await startResponders(lan, SUBNET);

interface Round {
  readonly rate: number;
  readonly microseconds: number;
}

async function ask({ host, cpu }: Responder, seconds: number): Promise<Round | undefined> {
  asker.writeFile(QUERIES, `${host.name}.local A\n`);
  const server = ["-s", host.address, "-p", "5353", "-d", QUERIES];
  const load = ["-l", String(seconds), "-c", "4", "-q", "100", "-t", "1"];
  const before = cpu();
  const printed = await asker.output("dnsperf", [...server, ...load], { timeout: 60_000 });
  const answers = Number(/Queries completed:\s+(\d+)/.exec(printed)?.[1]);
  if (!(answers > 0)) return undefined;
  const rate = Number(/Queries per second:\s+([\d.]+)/.exec(printed)?.[1]);
  return { rate, microseconds: (cpu() - before) / answers };
}

const rounds = new Map<string, Round[]>();
for (const responder of responders) {
  if ((await ask(responder, 1)) === undefined) console.log(`${responder.name}: no unicast answers`);
  else rounds.set(responder.name, []);
}
for (let round = 0; round < ROUNDS; round++) {
  for (const responder of responders) {
    const results = rounds.get(responder.name);
    const result = results && (await ask(responder, ROUND_SECONDS));
    if (result !== undefined) results?.push(result);
  }
}

const rows = (value: (round: Round) => number) =>
  Array.from(rounds, ([name, results]) => ({ name, values: results.map(value) }));
console.log(
  formatMeasured(
    "answers a second",
    "",
    rows(({ rate }) => rate),
  ),
);
console.log(
  formatMeasured(
    "processor time an answer",
    "us",
    rows((one) => one.microseconds),
  ),
);
