/**
 * Avahi's simple protocol: what libnss-mdns asks, one command a connection, lines of text.
 *
 * A client has `COMMAND_TIMEOUT` to send its one line; what follows the line is ignored. When it
 * hangs up, what it asked for is given up. Clients are limited in all and a user.
 */

import type { Socket } from "node:net";
import type { Directory } from "../../runtime/directory.ts";
import type { ClientLimitsOptions } from "../client-limits.ts";
import { SocketClients } from "../socket-clients.ts";
import { type Command, HELP_TEXT, parseCommand } from "./command.ts";
import {
  AvahiError,
  BACKLOG_MAX,
  CLIENTS_MAX,
  CLIENTS_OF_USER_MAX,
  COMMAND_TIMEOUT,
  LINE_SIZE_MAX,
} from "./constants.ts";
import { followDnsServers } from "./dns-servers.ts";
import { addressReply, hostNameReply, refusalReply } from "./lookups.ts";
import { errorLine, type InterfaceIndex } from "./reply.ts";

const LINE_FEED = 0x0a;

export interface AvahiServerOptions {
  readonly directory: Directory;
  readonly indexOf: InterfaceIndex;
  /** A fault of ours while a client was served. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: Partial<ClientLimitsOptions>;
  /** Milliseconds; default `COMMAND_TIMEOUT`. */
  readonly commandTimeout?: number;
}

export class AvahiServer {
  readonly #options: AvahiServerOptions;
  readonly #clients: SocketClients;

  constructor(options: AvahiServerOptions) {
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
    if (!this.#clients.take(socket)) return;
    const hangUp = new AbortController();
    const timeout = setTimeout(
      () => socket.destroy(),
      this.#options.commandTimeout ?? COMMAND_TIMEOUT,
    );
    socket.once("end", () => socket.destroy());
    socket.once("close", () => {
      clearTimeout(timeout);
      hangUp.abort();
    });
    readLine(socket, (line) => {
      clearTimeout(timeout);
      void this.#serve(parseCommand(line), socket, hangUp.signal);
    });
  }

  /** Ends every connection. */
  close(): void {
    this.#clients.close();
  }

  async #serve(command: Command, socket: Socket, signal: AbortSignal): Promise<void> {
    try {
      await this.#answer(command, socket, signal);
    } catch (error) {
      if (signal.aborted) return;
      const refusal = refusalReply(error);
      if (refusal === undefined) this.#options.onFault(error);
      write(socket, refusal ?? errorLine(AvahiError.FAILURE));
    }
    socket.destroySoon();
  }

  async #answer(command: Command, socket: Socket, signal: AbortSignal): Promise<void> {
    const { directory, indexOf } = this.#options;
    switch (command.kind) {
      case "help":
        write(socket, HELP_TEXT);
        break;
      case "refused":
        write(socket, command.reply);
        break;
      case "host-name":
        write(socket, await hostNameReply(directory, indexOf, command, signal));
        break;
      case "address":
        write(socket, await addressReply(directory, indexOf, command.address, signal));
        break;
      case "dns-servers":
        write(socket, "+ Browsing ...\n");
        for await (const line of followDnsServers({ ...command, directory, indexOf, signal })) {
          write(socket, line);
        }
    }
  }
}

/** Calls `onLine` once, with the first line as one character an octet. */
function readLine(socket: Socket, onLine: (line: string) => void): void {
  let received = Buffer.alloc(0);
  const take = (octets: Buffer): void => {
    received = Buffer.concat([received, octets]);
    const end = received.indexOf(LINE_FEED);
    if (end >= 0) {
      socket.off("data", take);
      // Goes on reading, so that the end of the connection is noticed.
      socket.resume();
      onLine(received.toString("latin1", 0, end));
    } else if (received.length > LINE_SIZE_MAX) {
      socket.destroy();
    }
  };
  socket.on("data", take);
}

/** A client that does not read is cut off. */
function write(socket: Socket, text: string): void {
  if (socket.destroyed) return;
  socket.write(text, "latin1");
  if (socket.writableLength > BACKLOG_MAX) socket.destroy();
}
