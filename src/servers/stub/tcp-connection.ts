/**
 * One client's TCP connection (RFC 7766): its queries are answered as the answers come, in whatever
 * order (§6.2.1.1), those that are known at once in one write.
 *
 * A client that has too many queries under way is not read from until some are answered; one that
 * does not read its replies is cut off. When it has no more to ask it still gets what it asked for.
 */

import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import type { Endpoint } from "../../core/datagram.ts";
import { MESSAGE_SIZE_MAX } from "../../wire/constants.ts";
import { BACKLOG_MAX, CLOSE_WAIT, PIPELINE_MAX } from "./constants.ts";
import { Frames } from "./frames.ts";
import type { StubQueries } from "./stub-queries.ts";

const LENGTH_SIZE = 2;
const PATH = { transport: "tcp" } as const;

/** Where replies are gathered for one write; another that is begun below `GATHERED_MAX` fits. */
const GATHERED_MAX = 0x1_0000;
const gathered = new Uint8Array(GATHERED_MAX + LENGTH_SIZE + MESSAGE_SIZE_MAX);

export class TcpConnection {
  /** When it last asked or was answered, on the clock of `performance`. */
  usedAt = performance.now();
  readonly #socket: Socket;
  readonly #client: Endpoint;
  readonly #queries: StubQueries;
  readonly #frames = new Frames();
  readonly #hangUp = new AbortController();
  /** `asked-all`: the client has closed its side. */
  #state: "open" | "asked-all" | "closing" = "open";
  #pending = 0;

  constructor(socket: Socket, client: Endpoint, queries: StubQueries) {
    this.#socket = socket;
    this.#client = client;
    this.#queries = queries;
    setMaxListeners(0, this.#hangUp.signal);
    socket.on("data", (octets: Buffer) => {
      this.#frames.push(octets);
      this.#read();
    });
    socket.on("end", () => {
      if (this.#state === "open") this.#state = "asked-all";
      this.#closeWhenDone();
    });
    socket.once("close", () => this.#hangUp.abort());
  }

  /** Nothing is under way for it. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** What was sent still goes out, unless the client does not take it. */
  close(): void {
    if (this.#state === "closing") return;
    this.#state = "closing";
    this.#socket.end();
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), CLOSE_WAIT).unref();
  }

  /** At once but for what was sent already: what is under way is given up. */
  cut(): void {
    this.#state = "closing";
    this.#hangUp.abort();
    this.#socket.destroySoon();
  }

  #read(): void {
    let size = 0;
    while (this.#state !== "closing" && this.#pending < PIPELINE_MAX) {
      const query = this.#frames.next();
      if (query === undefined) break;
      this.usedAt = performance.now();
      if (size >= GATHERED_MAX) size = this.#write(size);
      const start = size + LENGTH_SIZE;
      const replySize = this.#queries.writeCachedReply(
        query,
        0,
        query.length,
        PATH,
        gathered,
        start,
      );
      if (replySize === 0) {
        void this.#answer(query);
        continue;
      }
      gathered[size] = replySize >> 8;
      gathered[size + 1] = replySize & 0xff;
      size += LENGTH_SIZE + replySize;
    }
    if (size > 0) this.#write(size);
    if (this.#pending >= PIPELINE_MAX) this.#socket.pause();
  }

  async #answer(query: Uint8Array): Promise<void> {
    this.#pending++;
    const { signal } = this.#hangUp;
    const reply = await this.#queries.answer(query, this.#client, PATH, signal);
    this.#pending--;
    if (signal.aborted) return;
    this.usedAt = performance.now();
    if (reply !== undefined) this.#send(reply);
    if (this.#socket.isPaused()) this.#goOn();
    this.#closeWhenDone();
  }

  /** Reads the messages that waited, then the socket. */
  #goOn(): void {
    this.#read();
    if (this.#pending < PIPELINE_MAX) this.#socket.resume();
  }

  #send(reply: Uint8Array): void {
    gathered[0] = reply.length >> 8;
    gathered[1] = reply.length & 0xff;
    gathered.set(reply, LENGTH_SIZE);
    this.#write(LENGTH_SIZE + reply.length);
  }

  /** Writes what is gathered; returns how much is gathered then. */
  #write(size: number): 0 {
    if (this.#state === "closing" || this.#socket.destroyed) return 0;
    if (this.#socket.writableLength > BACKLOG_MAX) {
      this.#queries.count("slow-readers");
      this.#state = "closing";
      this.#socket.destroy();
      return 0;
    }
    this.#socket.write(gathered.slice(0, size));
    return 0;
  }

  #closeWhenDone(): void {
    if (this.#state === "asked-all" && this.#pending === 0) this.close();
  }
}
