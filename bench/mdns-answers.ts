/**
 * Answers a second: dnsperf on another host asks port 5353 of each responder's host for the A record
 * of its host name. They take turns. Responders that only answer by multicast cannot be asked so. The
 * echo sends every query back by the sockets that dotlocal has, and does nothing else.
 *
 * Target: at least 1.25 times avahi-daemon without its rate limit and 0.9 times the echo, and at most
 * 11 us of processor time an answer.
 */

import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { quick, rounds } from "./lib/effort.ts";
import { limitedAvahiKind } from "./lib/further-responders.ts";
import { isNativeEcho, nativeEchoKind, serveNativeEcho } from "./lib/native-echo.ts";
import {
  formatMeasured,
  type Responder,
  responderKinds,
  startResponders,
} from "./lib/responders.ts";

const ROUND_SECONDS = quick ? 1 : 3;
const SUBNET = "198.18.0";
/** On the asker's host. */
const QUERIES = "/run/queries";

interface Round {
  readonly rate: number;
  readonly microseconds: number;
}

if (isNativeEcho) serveNativeEcho();
else await measure();

async function measure(): Promise<void> {
  await using lan = await Lan.create();
  const asker = await lan.host("asker", { addresses: [`${SUBNET}.2/15`] });
  const kinds = [...responderKinds, limitedAvahiKind, nativeEchoKind];
  const responders = await startResponders(lan, SUBNET, kinds);
  const results = new Map<Responder, Round[]>();
  for (const responder of responders) {
    if ((await ask(asker, responder, 1)) !== undefined) results.set(responder, []);
    else console.log(`${responder.name}: no unicast answers`);
  }
  for (let round = 0; round < rounds(5); round++) {
    for (const [responder, done] of results) {
      const result = await ask(asker, responder, ROUND_SECONDS);
      if (result !== undefined) done.push(result);
    }
  }
  const rows = (value: (round: Round) => number) =>
    Array.from(results, ([{ name }, done]) => ({ name, values: done.map(value) }));
  const rates = rows(({ rate }) => rate);
  console.log(formatMeasured("answers a second", "", rates));
  const times = rows(({ microseconds }) => microseconds);
  console.log(formatMeasured("processor time an answer", "us", times));
}

async function ask(
  asker: Host,
  { host, cpu }: Responder,
  seconds: number,
): Promise<Round | undefined> {
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
