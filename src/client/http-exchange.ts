/**
 * One HTTP/1.1 request over a Unix socket, written out by hand: the command loads this instead of
 * `node:http`, which costs a third of its start-up time.
 *
 * It understands what the control API sends: a status line, headers, and a body with a length, in
 * chunks, or until the end.
 */

import { connect, type Socket } from "node:net";
import { DotlocalError } from "../core/errors.ts";
import { ChunkedBody } from "./chunked-body.ts";

export interface HttpRequest {
  readonly socketPath: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query string. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** The body's text as it arrives; may be cut anywhere. */
  readonly text: AsyncIterable<string>;
}

const HEAD_END = "\r\n\r\n";

/** Longest status line and headers taken. */
const HEAD_SIZE_MAX = 16_384;

/**
 * Sends the request and resolves once the head of the response is there.
 * @throws DotlocalError NO_DAEMON, NOT_PERMITTED, ABORTED or SYSTEM.
 */
export async function exchange(request: HttpRequest): Promise<HttpResponse> {
  const socket = await connected(request);
  socket.write(composeRequest(request));
  const octets = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { head, rest } = await readHead(octets, request);
  const { status, length } = parseHead(head);
  return { status, text: readBody(socket, octets, rest, length) };
}

/** `length`: octets of the body; Infinity where it goes on until the end. */
function parseHead(head: string): { status: number; length: number | "chunked" } {
  const isChunked = /^transfer-encoding:\s*chunked\s*$/im.test(head);
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  return {
    status: Number(head.slice(9, 12)),
    length: isChunked ? "chunked" : Number(length ?? Infinity),
  };
}

/**
 * A request whose response is short and is wanted whole; takes less to run than `exchange` does.
 * @throws DotlocalError NO_DAEMON, NOT_PERMITTED, ABORTED or SYSTEM.
 */
export function exchangeWhole(request: HttpRequest): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(request, reject);
    if (socket === undefined) return;
    const parts: Buffer[] = [];
    const finish = (isEnded: boolean): void => {
      const response = parseWhole(Buffer.concat(parts), isEnded);
      if (response !== undefined) resolve(response);
      else if (isEnded) reject(new DotlocalError("NO_DAEMON", hungUp(request)));
      else return;
      socket.destroy();
    };
    socket.on("data", (part) => {
      parts.push(part);
      finish(false);
    });
    socket.once("end", () => finish(true));
    socket.write(composeRequest(request));
  });
}

/** undefined while something of the response is still to come. */
function parseWhole(
  octets: Buffer,
  isEnded: boolean,
): { status: number; text: string } | undefined {
  const headLength = octets.indexOf(HEAD_END);
  if (headLength < 0) return undefined;
  const { status, length } = parseHead(octets.toString("latin1", 0, headLength));
  const body = octets.subarray(headLength + HEAD_END.length);
  if (length === "chunked") {
    const chunks = new ChunkedBody();
    const text = Buffer.from(chunks.decode(body)).toString();
    return chunks.isComplete || isEnded ? { status, text } : undefined;
  }
  if (body.length < length && !isEnded) return undefined;
  return { status, text: body.toString("utf8", 0, Math.min(length, body.length)) };
}

/** The whole text of a response. */
export async function readText(response: HttpResponse): Promise<string> {
  let text = "";
  for await (const part of response.text) text += part;
  return text;
}

/** The lines of a streamed response (NDJSON), without their ends. */
export async function* readLines(response: HttpResponse): AsyncGenerator<string> {
  let pending = "";
  for await (const part of response.text) {
    pending += part;
    const lines = pending.split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
  if (pending !== "") yield pending;
}

function connected(request: HttpRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = openSocket(request, reject);
    socket?.once("connect", () => resolve(socket));
  });
}

/** `onFailure` gets why there is no connection, or that it was aborted. */
function openSocket(
  { socketPath, signal }: HttpRequest,
  onFailure: (error: Error) => void,
): Socket | undefined {
  if (signal?.aborted) {
    onFailure(aborted(signal));
    return undefined;
  }
  const socket = connect(socketPath);
  if (signal !== undefined) {
    const abort = (): void => {
      socket.destroy(aborted(signal));
    };
    signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", abort));
  }
  socket.once("error", (error) => onFailure(connectionError(socketPath, error)));
  return socket;
}

function composeRequest({ method, path, body }: HttpRequest): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: dotlocal\r\nConnection: close\r\n`;
  if (body === undefined) return `${head}\r\n`;
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  return `${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${text}`;
}

async function readHead(
  octets: AsyncIterator<Buffer>,
  request: HttpRequest,
): Promise<{ head: string; rest: Buffer }> {
  let received = Buffer.alloc(0);
  for (;;) {
    const end = received.indexOf(HEAD_END);
    if (end >= 0) {
      const rest = received.subarray(end + HEAD_END.length);
      return { head: received.toString("latin1", 0, end), rest };
    }
    if (received.length > HEAD_SIZE_MAX) {
      throw new DotlocalError("SYSTEM", `the daemon at ${request.socketPath} does not speak HTTP`);
    }
    const next = await octets.next();
    if (next.done) {
      throw new DotlocalError("NO_DAEMON", hungUp(request));
    }
    received = Buffer.concat([received, next.value]);
  }
}

async function* readBody(
  socket: Socket,
  octets: AsyncIterator<Buffer>,
  first: Buffer,
  length: number | "chunked",
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const chunks = length === "chunked" ? new ChunkedBody() : undefined;
  let left = length === "chunked" ? Infinity : length;
  try {
    for (let part: Buffer = first; ; ) {
      const body: Uint8Array = chunks?.decode(part) ?? part.subarray(0, left);
      left -= body.length;
      if (body.length > 0) yield decoder.decode(body, { stream: true });
      if (left <= 0 || chunks?.isComplete) return;
      const next = await octets.next();
      if (next.done) return;
      part = next.value;
    }
  } finally {
    socket.destroy();
  }
}

function hungUp({ socketPath }: HttpRequest): string {
  return `the daemon at ${socketPath} hung up`;
}

function aborted(signal: AbortSignal | undefined): DotlocalError {
  return new DotlocalError("ABORTED", "the operation was aborted", { cause: signal?.reason });
}

function connectionError(path: string, error: NodeJS.ErrnoException | DotlocalError): Error {
  if (error instanceof DotlocalError) return error;
  if (error.code === "ENOENT" || error.code === "ECONNREFUSED") {
    return new DotlocalError(
      "NO_DAEMON",
      `no daemon answers at ${path}: start one with "dotlocal daemon", or name its --socket`,
      { cause: error },
    );
  }
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new DotlocalError("NOT_PERMITTED", `no permission to use ${path}`, { cause: error });
  }
  return new DotlocalError("SYSTEM", `cannot connect to ${path}: ${error.message}`, {
    cause: error,
  });
}
