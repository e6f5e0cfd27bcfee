/** Many questions to a name server on the host that asks them. */

import { join } from "node:path";
import type { Host } from "./lan.ts";

export interface LoadOptions {
  readonly server: string;
  /** Each question is for another name below it, by turns for A and AAAA. */
  readonly domain: string;
  /** Questions a second. */
  readonly rate: number;
  readonly count: number;
}

/** Without an answer, all but the name is absent. */
export interface LoadResult {
  readonly name: string;
  readonly responseCode?: string;
  readonly answers?: readonly string[];
  /** Milliseconds until the answer. */
  readonly time?: number;
}

const PROGRAM = join(import.meta.dirname, "query-load.mjs");
const DNS_PORT = 53;

/** Milliseconds beyond those that the questions take. */
const TIMEOUT_MARGIN = 15_000;

/** Three of four questions go by UDP and the others on one TCP connection, each of them once. */
export async function queryLoad(host: Host, options: LoadOptions): Promise<readonly LoadResult[]> {
  const { server, domain, rate, count } = options;
  const args = [PROGRAM, server, DNS_PORT, domain, rate, count].map(String);
  const timeout = (1000 * count) / rate + TIMEOUT_MARGIN;
  return JSON.parse(await host.output(process.execPath, args, { timeout }));
}
