/**
 * The HTTP/2 session to one DNS-over-HTTPS server (RFC 8484): a request a question, all on one
 * session that is kept while it is used.
 */

import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { ExchangeId, ExchangeServer } from "../../core/exchange.ts";
import { familyOf } from "../../core/ip-address.ts";
import type { ChannelOptions, ServerChannel } from "./channel.ts";
import {
  CONNECT_TIME_MAX,
  HEADER_SIZE,
  MESSAGE_SIZE_MAX,
  PIPELINE_MAX,
  TLS_IDLE_MAX,
} from "./constants.ts";
import { connectSecurely, failureCode, type TrustedAuthorities } from "./secure-connection.ts";

/** RFC 8484 §6. */
const MEDIA_TYPE = "application/dns-message";

const HTTP_OK = 200;

/** RFC 8484 §4.1.1 leaves the path to the server; this is everybody's. */
const PATH_DEFAULT = "/dns-query";

interface Session {
  readonly http: ClientHttp2Session;
  /** Why it was lost: its streams are only told that they are cancelled. */
  readonly loss: { code: string | undefined };
}

export class HttpsChannel implements ServerChannel {
  readonly #server: ExchangeServer;
  readonly #options: ChannelOptions;
  readonly #authorities: TrustedAuthorities;
  readonly #streams = new Map<ExchangeId, ClientHttp2Stream>();
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: ExchangeServer, options: ChannelOptions, authorities: TrustedAuthorities) {
    this.#server = server;
    this.#options = options;
    this.#authorities = authorities;
  }

  get size(): number {
    return this.#streams.size;
  }

  ask(exchange: ExchangeId, octets: Uint8Array, onFreshConnection: boolean): void {
    if (this.#streams.size >= PIPELINE_MAX) {
      setImmediate(() => this.#options.tell({ kind: "ended", exchange, code: "LIMIT" }));
      return;
    }
    // What is under way on the session before still counts; it closes once that has ended.
    if (onFreshConnection) this.#giveUpSession();
    const { http, loss } = this.#currentSession();
    const stream = http.request({
      ":method": "POST",
      ":path": this.#server.path ?? PATH_DEFAULT,
      accept: MEDIA_TYPE,
      "content-type": MEDIA_TYPE,
      "content-length": octets.length,
    });
    this.#streams.set(exchange, stream);
    this.#listen(exchange, stream, loss);
    stream.end(Buffer.from(octets));
    this.#watch();
  }

  forget(exchange: ExchangeId): void {
    const stream = this.#streams.get(exchange);
    if (stream === undefined) return;
    this.#streams.delete(exchange);
    stream.close(process.getBuiltinModule("node:http2").constants.NGHTTP2_CANCEL);
    this.#watch();
  }

  handleNetworkChange(): void {
    const ended = [...this.#streams.keys()];
    this.close();
    for (const exchange of ended) this.#options.tell({ kind: "ended", exchange, code: "CLOSED" });
  }

  close(): void {
    this.#streams.clear();
    clearTimeout(this.#timer);
    this.#session?.http.destroy();
    this.#session = undefined;
  }

  #currentSession(): Session {
    const { closed = true, destroyed = true } = this.#session?.http ?? {};
    if (this.#session === undefined || closed || destroyed) this.#session = this.#open();
    return this.#session;
  }

  #giveUpSession(): void {
    this.#session?.http.close();
    this.#session = undefined;
  }

  #open(): Session {
    const { serverName, address, port } = this.#server;
    const literal = familyOf(address) === "ipv6" ? `[${address}]` : address;
    const socket = connectSecurely(this.#server, this.#authorities, { ALPNProtocols: ["h2"] });
    socket.setNoDelay(true);
    const loss: Session["loss"] = { code: undefined };
    socket.on("error", (error) => {
      loss.code ??= failureCode(error);
    });
    const session = process
      .getBuiltinModule("node:http2")
      .connect(`https://${serverName ?? literal}:${port}`, { createConnection: () => socket });
    const tooLate = setTimeout(() => session.destroy(timeOut()), CONNECT_TIME_MAX);
    tooLate.unref();
    session.once("connect", () => clearTimeout(tooLate));
    // Each stream is told of it as well.
    session.on("error", (error) => {
      loss.code ??= failureCode(error);
    });
    session.once("close", () => clearTimeout(tooLate));
    session.on("goaway", () => session.close());
    if (this.#options.unref) session.unref();
    return { http: session, loss };
  }

  #listen(exchange: ExchangeId, stream: ClientHttp2Stream, loss: Session["loss"]): void {
    const body = new ResponseBody();
    stream.on("response", (headers) => {
      if (!isMessage(headers)) this.#end(exchange, "PROTOCOL");
      body.age = ageOf(headers);
    });
    stream.on("data", (octets: Buffer) => {
      if (!body.add(octets)) this.#end(exchange, "PROTOCOL");
    });
    stream.on("end", () => this.#deliver(exchange, body));
    stream.on("error", (error) => this.#end(exchange, loss.code ?? failureCode(error)));
    stream.on("close", () => this.#end(exchange, loss.code ?? "CLOSED"));
  }

  #deliver(exchange: ExchangeId, body: ResponseBody): void {
    if (!this.#streams.has(exchange)) return;
    const octets = body.octets;
    // A stream that was reset ends as well, with less than a message.
    if (octets.length < HEADER_SIZE) return;
    this.#streams.delete(exchange);
    const { address, port } = this.#server;
    const { age } = body;
    this.#options.tell({ kind: "received", exchange, octets, source: { address, port }, age });
    this.#watch();
  }

  /** Tells the end of an exchange that has not ended. */
  #end(exchange: ExchangeId, code: string): void {
    const stream = this.#streams.get(exchange);
    if (stream === undefined) return;
    this.#streams.delete(exchange);
    stream.close();
    this.#options.tell({ kind: "ended", exchange, code });
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#streams.size > 0) return;
    this.#timer = setTimeout(() => this.#giveUpSession(), TLS_IDLE_MAX);
    this.#timer.unref();
  }
}

/** A response's octets as they come, bounded. */
class ResponseBody {
  /** Seconds in an HTTP cache. */
  age = 0;
  readonly #parts: Buffer[] = [];
  #size = 0;

  get octets(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** False when it is too large for a message. */
  add(part: Buffer): boolean {
    this.#size += part.length;
    if (this.#size > MESSAGE_SIZE_MAX) return false;
    this.#parts.push(part);
    return true;
  }
}

function isMessage(headers: IncomingHttpHeaders): boolean {
  const status = Number(headers[":status"]);
  return status === HTTP_OK && headers["content-type"]?.split(";")[0]?.trim() === MEDIA_TYPE;
}

function ageOf(headers: IncomingHttpHeaders): number {
  const age = Number(headers.age ?? 0);
  return Number.isSafeInteger(age) && age > 0 ? age : 0;
}

function timeOut(): Error {
  return Object.assign(new Error("the server was not reached in time"), { code: "ETIMEDOUT" });
}
