/** LLMNR by hand: a Windows-like sender, TCP clients good and bad, and a poisoner. */

import { join } from "node:path";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

const SCRIPT = join(import.meta.dirname, "llmnr.mjs");

export interface HandReadResponse {
  readonly source: { readonly address: string; readonly port: number };
  readonly flags: number;
  readonly answers: readonly {
    readonly type: number;
    readonly ttl: number;
    /** The record data, octet by octet. */
    readonly data: readonly number[];
  }[];
}

/** Asks both groups, twice, as Windows does; every response that came within a second. */
export async function askAsWindows(
  host: Host,
  name: string,
  type: string,
): Promise<readonly HandReadResponse[]> {
  const args = [SCRIPT, "ask", host.address, host.link.name, name, type];
  return responsesIn((await host.run(process.execPath, args)).stdout);
}

/** Asks one host by TCP; empty where it closes without a word. */
export async function askByTcp(
  host: Host,
  destination: string,
  name: string,
  type: string,
): Promise<readonly HandReadResponse[]> {
  const args = [SCRIPT, "ask-tcp", destination, name, type];
  return responsesIn((await host.run(process.execPath, args)).stdout);
}

/** From now on the host answers every query for an address with its own. */
export async function startPoisoner(host: Host): Promise<RunningProcess> {
  const poisoner = host.spawn(process.execPath, [SCRIPT, "poison", host.address]);
  await poisoner.line(/listening on 5355/);
  await poisoner.line(/listening on 5353/);
  return poisoner;
}

/** Connects so many times and never says a word; prints `closed N` as it is thrown out. */
export function startMuteClients(host: Host, destination: string, count: number): RunningProcess {
  return host.spawn(process.execPath, [SCRIPT, "mute", destination, String(count)]);
}

function responsesIn(printed: string): HandReadResponse[] {
  return printed
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as HandReadResponse);
}
