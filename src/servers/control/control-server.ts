/**
 * The control API's server: HTTP/1.1 with JSON over a Unix socket, streams as newline-delimited
 * JSON. What it offers is in `routes.ts`; this file is the transport with its limits.
 *
 * A client that does not read is waited for or cut off rather than buffered, a body or a head too large is refused,
 * and connections are bounded.
 */

import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { DotlocalError, type ErrorCode } from "../../core/errors.ts";
import { readPeerCredentials } from "../../net/peer-credentials.ts";
import { ClientLimits, type ClientLimitsOptions } from "../client-limits.ts";
import { listenOnDescriptor, listenOnPath } from "../unix-listener.ts";
import { LineWriter } from "./line-writer.ts";
import { isStream, matchRoute, type Route, type Stream } from "./route.ts";

/** Octets of a request body. */
const BODY_SIZE_MAX = 1_048_576;

/** Clients at one time, and of one user. */
const CLIENTS_MAX = 256;
const CLIENTS_OF_USER_MAX = 160;

/** Octets composed for a reader that is waited for. */
const READ_AHEAD_MAX = 262_144;

/** Milliseconds in which a client must have sent its request. */
const REQUEST_TIMEOUT = 10_000;

/** What the paths of requests are relative to; nobody connects there. */
const BASE_URL = "http://dotlocal";

/** HTTP status of an error code; every other code is the client's mistake. */
const STATUS_OF_ERROR: Partial<Record<ErrorCode, number>> = {
  NOT_FOUND: 404,
  NOT_PERMITTED: 403,
  NAME_TAKEN: 409,
  IN_USE: 409,
  LIMIT_REACHED: 429,
  SYSTEM: 500,
  NO_LINK: 503,
  TIMED_OUT: 504,
};

export interface ControlServerOptions {
  readonly path: string;
  /** A listening socket that was handed over, in the place of one at the path. */
  readonly descriptor?: number | undefined;
  /** Permission bits: 0o666 where peer credentials decide, else 0o660. */
  readonly mode: number;
  /** Number of the group that the socket is given to; undefined: the process's own. */
  readonly group?: number | undefined;
  readonly routes: readonly Route[];
  /** Whether the process behind this connection may publish and change. */
  readonly mayChange: (socket: Socket) => boolean;
  /** A fault of ours in a handler. */
  readonly onFault: (error: unknown) => void;
  /** Default: `CLIENTS_MAX` and `CLIENTS_OF_USER_MAX`. */
  readonly limits?: Partial<ClientLimitsOptions>;
}

export class ControlServer {
  readonly #options: ControlServerOptions;
  readonly #limits: ClientLimits;
  readonly #server: Server;

  constructor(options: ControlServerOptions) {
    this.#options = options;
    this.#limits = new ClientLimits({
      clientsMax: CLIENTS_MAX,
      clientsOfUserMax: CLIENTS_OF_USER_MAX,
      ...options.limits,
    });
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    this.#server.on("connection", (socket) => this.#admit(socket));
    this.#server.headersTimeout = REQUEST_TIMEOUT;
    this.#server.requestTimeout = REQUEST_TIMEOUT;
    this.#server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** @throws DotlocalError IN_USE, NOT_PERMITTED or SYSTEM. */
  listen(): Promise<void> {
    const { descriptor } = this.#options;
    if (descriptor !== undefined) return listenOnDescriptor(this.#server, descriptor);
    return listenOnPath(this.#server, this.#options);
  }

  /** In the place of `listen`: connections are handed over by `accept`. */
  begin(): void {
    // From then on it keeps a list of its connections, and looks after their time-outs.
    this.#server.emit("listening");
  }

  /** Serves a connection that is paused: nothing has been read from it. */
  accept(socket: Socket): void {
    this.#server.emit("connection", socket);
    socket.resume();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #admit(socket: Socket): void {
    if (!this.#limits.admit(socket)) socket.end(TOO_MANY_CLIENTS);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#handle(request, response);
      if (isStream(answer)) await writeStream(answer, response);
      else writeJson(response, 200, answer ?? {});
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = readUrl(request.url ?? "/");
    const found = matchRoute(this.#options.routes, request.method ?? "", url.pathname);
    if ("allowed" in found) throw unmatched(request.method ?? "", url.pathname, found.allowed);
    if (found.route.access === "change" && !this.#options.mayChange(request.socket)) {
      throw new DotlocalError("NOT_PERMITTED", "you are not allowed to publish or change");
    }
    const hangUp = new AbortController();
    response.once("close", () => hangUp.abort());
    return found.route.handle({
      params: found.params,
      query: url.searchParams,
      body: await readJson(request),
      signal: hangUp.signal,
      user: readPeerCredentials(request.socket)?.uid,
    });
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
    } else if (error instanceof HttpError) {
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value!);
      writeError(response, error.status, "INVALID_ARGUMENT", error.message);
    } else if (error instanceof DotlocalError) {
      writeError(response, STATUS_OF_ERROR[error.code] ?? 400, error.code, error.message);
    } else {
      writeError(response, 500, "SYSTEM", "a fault of the daemon; its log has more");
      this.#options.onFault(error);
    }
  }
}

function readUrl(text: string): URL {
  if (URL.canParse(text, BASE_URL)) return new URL(text, BASE_URL);
  throw new HttpError(400, "what is asked for is no URL");
}

function unmatched(method: string, path: string, allowed: readonly string[]): HttpError {
  if (allowed.length === 0) return new HttpError(404, `there is no ${path}`);
  return new HttpError(405, `${path} takes ${allowed.join(", ")}, not ${method}`, {
    allow: allowed.join(", "),
  });
}

/** What goes wrong before a route is reached. */
class HttpError extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_SIZE_MAX) throw new HttpError(413, `a body of over ${BODY_SIZE_MAX} octets`);
    parts.push(part);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${(error as Error).message}`);
  }
}

/** What a client gets that is one too many; nothing that it sends is read. */
const TOO_MANY_CLIENTS = ((): string => {
  const message = "too many clients, in all or of this user";
  const text = `${JSON.stringify({ error: { code: "LIMIT_REACHED", message } })}\n`;
  const head = ["HTTP/1.1 429 Too Many Requests", "content-type: application/json"];
  const rest = [`content-length: ${text.length}`, "connection: close", "", text];
  return [...head, ...rest].join("\r\n");
})();

function writeJson(response: ServerResponse, status: number, answer: unknown): void {
  const text = `${JSON.stringify(answer)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function writeError(
  response: ServerResponse,
  status: number,
  code: ErrorCode,
  message: string,
): void {
  writeJson(response, status, { error: { code, message } });
}

async function writeStream(stream: Stream, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  const written = new LineWriter(response);
  for await (const line of stream.lines) {
    if (response.destroyed) return;
    written.add(JSON.stringify(line));
    if (stream.backlogMax === undefined) {
      if (written.backlog > READ_AHEAD_MAX) await written.drained();
    } else if (written.backlog > stream.backlogMax) {
      response.destroy();
      return;
    }
  }
  written.flush();
  response.end();
}
