/**
 * Varlink over a Unix socket: JSON messages that end with a zero octet, the calls of a connection
 * answered one after the other, in order.
 *
 * What is no call ends the connection, as there is nothing to answer. A client that hangs up has its
 * call given up; one that does not read, sends too much ahead or nothing at all is cut off.
 */

import type { Socket } from "node:net";
import type { ClientLimitsOptions } from "../client-limits.ts";
import { SocketClients } from "../socket-clients.ts";
import {
  BACKLOG_MAX,
  CLIENTS_MAX,
  CLIENTS_OF_USER_MAX,
  IDLE_TIMEOUT,
  WAITING_MAX,
  WAITING_SIZE_MAX,
} from "./constants.ts";
import { serviceError, VarlinkError } from "./varlink-error.ts";
import {
  composeError,
  composeReply,
  parseCall,
  type VarlinkCall,
  VarlinkMessages,
} from "./varlink-messages.ts";
import type { VarlinkService } from "./varlink-service.ts";

export interface VarlinkServerOptions {
  readonly service: VarlinkService;
  /** A fault of ours while a client was served. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: Partial<ClientLimitsOptions>;
  /** Milliseconds; default `IDLE_TIMEOUT`. */
  readonly idleTimeout?: number;
}

export class VarlinkServer {
  readonly #options: VarlinkServerOptions;
  readonly #clients: SocketClients;

  constructor(options: VarlinkServerOptions) {
    this.#options = options;
    this.#clients = new SocketClients({
      clientsMax: CLIENTS_MAX,
      clientsOfUserMax: CLIENTS_OF_USER_MAX,
      ...options.limits,
    });
  }

  get clientCount(): number {
    return this.#clients.count;
  }

  /** Serves a connection until it ends. */
  accept(socket: Socket): void {
    if (this.#clients.take(socket)) new VarlinkConnection(socket, this.#options).begin();
  }

  /** Ends every connection. */
  close(): void {
    this.#clients.close();
  }
}

class VarlinkConnection {
  readonly #socket: Socket;
  readonly #options: VarlinkServerOptions;
  readonly #messages = new VarlinkMessages();
  readonly #hangUp = new AbortController();
  /** Messages that wait for their turn. */
  readonly #waiting: Buffer[] = [];
  #waitingSize = 0;
  #isServing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: VarlinkServerOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Serves until the connection ends. */
  begin(): void {
    this.#socket.on("data", (octets) => this.#receive(octets));
    this.#socket.once("end", () => this.#close());
    this.#socket.once("close", () => {
      clearTimeout(this.#timer);
      this.#hangUp.abort();
    });
    this.#awaitMessage();
  }

  #receive(octets: Buffer): void {
    const messages = this.#messages.take(octets);
    if (messages === undefined) {
      this.#close();
      return;
    }
    for (const message of messages) {
      this.#waiting.push(message);
      this.#waitingSize += message.length;
    }
    const isTooMuch = this.#waiting.length > WAITING_MAX || this.#waitingSize > WAITING_SIZE_MAX;
    if (isTooMuch) this.#close();
    else if (!this.#isServing) void this.#serveAll();
  }

  async #serveAll(): Promise<void> {
    this.#isServing = true;
    clearTimeout(this.#timer);
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#waitingSize -= next.length;
      const call = parseCall(next);
      if (call === undefined) this.#close();
      else await this.#serve(call);
      if (this.#socket.destroyed) return;
    }
    this.#isServing = false;
    this.#awaitMessage();
  }

  /** A look-up whose result nobody takes is not made. */
  async #serve(call: VarlinkCall): Promise<void> {
    if (call.oneway) return;
    try {
      await this.#answer(call);
    } catch (error) {
      if (this.#hangUp.signal.aborted) return;
      if (error instanceof VarlinkError) {
        this.#write(composeError(error.error, error.parameters));
        return;
      }
      this.#options.onFault(error);
      // With this error nss-resolve leaves the question to the next module.
      const fault = serviceError("MethodNotImplemented", { method: call.method });
      this.#write(composeError(fault.error, fault.parameters));
    }
  }

  async #answer(call: VarlinkCall): Promise<void> {
    const method = this.#options.service.find(call);
    const argument = { parameters: call.parameters, signal: this.#hangUp.signal };
    if (method.kind === "once") {
      this.#write(composeReply(await method.call(argument), false));
      return;
    }
    for await (const reply of method.call(argument)) this.#write(composeReply(reply, true));
    this.#write(composeReply({}, false));
  }

  #write(text: string): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(text);
    if (this.#socket.writableLength > BACKLOG_MAX) this.#close();
  }

  #close(): void {
    this.#socket.destroy();
  }

  #awaitMessage(): void {
    this.#timer = setTimeout(() => this.#close(), this.#options.idleTimeout ?? IDLE_TIMEOUT);
  }
}
