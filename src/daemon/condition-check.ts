/**
 * One look at whether something answers: a TCP connection, or an HTTP request with its status. What it
 * finds is a sentence for people, and never an exception.
 */

import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import type { Condition } from "../config/service-definition.ts";

export interface CheckResult {
  readonly answers: boolean;
  /** What was found, e.g. `127.0.0.1:8080 refuses connections`. */
  readonly reason: string;
}

type StartRequest = (url: string, options: RequestOptions) => ClientRequest;

const STATUS_MIN = 200;
const STATUS_MAX = 399;

/** Resolves when it is known, at the latest after the condition's time-out. */
export function checkCondition(
  condition: Condition,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<CheckResult> {
  return condition.kind === "tcp"
    ? checkTcp(condition, lookup, signal)
    : checkHttp(condition, lookup, signal);
}

function checkTcp(
  { host, port, timeout }: Condition & { readonly kind: "tcp" },
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<CheckResult> {
  const place = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve) => {
    const socket: Socket = connect({ host, port, lookup });
    const watch = new Watch(timeout, signal, (result) => {
      socket.destroy();
      resolve(result);
    });
    socket.on("connect", () => watch.end(true, `${place} takes connections`));
    socket.on("error", (error) => watch.end(false, `${place} ${failureOf(error)}`));
    watch.start(place);
  });
}

async function checkHttp(
  { url, status, timeout }: Condition & { readonly kind: "http" },
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<CheckResult> {
  const startRequest = await requestFunction(url);
  return new Promise((resolve) => {
    const request = startRequest(url, requestOptions(lookup));
    const watch = new Watch(timeout, signal, (result) => {
      request.destroy();
      resolve(result);
    });
    request.on("response", ({ statusCode = 0 }: IncomingMessage) => {
      watch.end(isWanted(statusCode, status), `${url} answers with status ${statusCode}`);
    });
    request.on("error", (error) => watch.end(false, `${url} ${failureOf(error)}`));
    request.end();
    watch.start(url);
  });
}

/** Loaded once a definition asks for it: HTTP, and TLS above all, are large. */
async function requestFunction(url: string): Promise<StartRequest> {
  const { request } = await (url.startsWith("https:") ? import("node:https") : import("node:http"));
  return request;
}

function requestOptions(lookup: LookupFunction): RequestOptions {
  return {
    agent: false,
    lookup,
    headers: { "user-agent": "dotlocal", connection: "close" },
  };
}

function isWanted(statusCode: number, wanted: number | undefined): boolean {
  if (wanted !== undefined) return statusCode === wanted;
  return statusCode >= STATUS_MIN && statusCode <= STATUS_MAX;
}

/** Ends a check once, by whatever comes first. */
class Watch {
  readonly #timeout: number;
  readonly #signal: AbortSignal;
  readonly #finish: (result: CheckResult) => void;
  readonly #abort = (): void => this.end(false, "the check was given up");
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(timeout: number, signal: AbortSignal, finish: (result: CheckResult) => void) {
    this.#timeout = timeout;
    this.#signal = signal;
    this.#finish = finish;
  }

  start(place: string): void {
    if (this.#isOver) return;
    const reason = `${place} does not answer within ${this.#timeout} ms`;
    this.#timer = setTimeout(() => this.end(false, reason), this.#timeout);
    this.#signal.addEventListener("abort", this.#abort, { once: true });
    if (this.#signal.aborted) this.#abort();
  }

  end(answers: boolean, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#abort);
    this.#finish({ answers, reason });
  }
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  ECONNRESET: "breaks the connection off",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  ENOTFOUND: "has a name that is not known",
  EAI_AGAIN: "has a name that cannot be looked up now",
  ETIMEDOUT: "does not answer",
};

function failureOf(error: NodeJS.ErrnoException): string {
  return FAILURES[error.code ?? ""] ?? `fails: ${error.message || error.code}`;
}
