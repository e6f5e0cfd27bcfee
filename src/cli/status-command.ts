/** `dotlocal status`: what the running daemon holds, warnings first; with `--watch` again and again. */

import { setTimeout } from "node:timers/promises";
import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { DotlocalError, EXIT_DONE } from "../core/errors.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import { interruption } from "./interruption.ts";
import type { SocketOptions } from "./options.ts";
import { formatStatus } from "./status-text.ts";

export interface StatusOptions extends SocketOptions {
  readonly json?: boolean;
  /** false: `--no-color`. */
  readonly color?: boolean;
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly every: number;
}

/** To the upper left corner, and everything from there on cleared. */
const REDRAW = "\u001b[H\u001b[J";

const WARNING_COLOR = "\u001b[33m";
const HEAD_BOLD = "\u001b[1m";
const RESET = "\u001b[0m";

export async function statusCommand(options: StatusOptions): Promise<number> {
  if (options.watch) return watch(options);
  process.stdout.write(await statusText(options));
  return EXIT_DONE;
}

/** A daemon that is not there is waited for. */
async function watch(options: StatusOptions): Promise<number> {
  const signal = interruption(undefined);
  const isRedrawn = process.stdout.isTTY === true && !options.json;
  while (!signal.aborted) {
    const text = await statusText(options).catch(sentenceOf);
    process.stdout.write(isRedrawn ? `${REDRAW}${fitted(text)}` : text);
    await setTimeout(options.every, undefined, { signal }).catch(() => {});
  }
  return EXIT_DONE;
}

async function statusText({ socket, json, color }: StatusOptions): Promise<string> {
  const daemon = new DaemonConnection(findControlSocket(socket));
  const status = await daemon.call<DaemonStatus>({ method: "GET", path: "/v1/status" });
  if (json) return `${JSON.stringify(status)}\n`;
  const text = formatStatus(status);
  const isPlain = color === false || process.env["NO_COLOR"] !== undefined;
  return process.stdout.isTTY === true && !isPlain ? colored(text) : text;
}

function sentenceOf(error: unknown): string {
  if (error instanceof DotlocalError) return `${error.message}\n`;
  throw error;
}

/** Lines beyond the screen would scroll it. */
function fitted(text: string): string {
  const lines = text.split("\n");
  const { rows } = process.stdout;
  if (!rows || lines.length <= rows) return text;
  const shown = lines.slice(0, rows - 2);
  return `${shown.join("\n")}\n... and ${lines.length - shown.length - 1} more lines\n`;
}

function colored(text: string): string {
  return text
    .replace(/^! .*$/gm, `${WARNING_COLOR}$&${RESET}`)
    .replace(/^[A-Z][A-Za-z ]*$/gm, `${HEAD_BOLD}$&${RESET}`);
}
