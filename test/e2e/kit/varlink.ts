/** A varlink client, much as varlinkctl: calls over a Unix socket, replies as they come. */

import { connect, type Socket } from "node:net";

export interface VarlinkReply {
  readonly parameters?: Record<string, unknown>;
  readonly error?: string;
  readonly continues?: boolean;
}

export class VarlinkClient implements Disposable {
  readonly #socket: Socket;
  readonly #replies: AsyncIterator<VarlinkReply>;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#socket.on("error", () => {});
    this.#replies = repliesOf(this.#socket);
  }

  send(method: string, parameters: object, flags: object = {}): void {
    this.#socket.write(`${JSON.stringify({ method, parameters, ...flags })}\0`);
  }

  /** The next reply; undefined when the server has closed the connection. */
  async next(): Promise<VarlinkReply | undefined> {
    const { value, done } = await this.#replies.next();
    return done === true ? undefined : value;
  }

  call(method: string, parameters: object = {}): Promise<VarlinkReply | undefined> {
    this.send(method, parameters);
    return this.next();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

async function* repliesOf(socket: Socket): AsyncGenerator<VarlinkReply> {
  let pending = "";
  socket.setEncoding("utf8");
  try {
    for await (const text of socket) {
      const messages = (pending + text).split("\0");
      pending = messages.pop()!;
      for (const message of messages) yield JSON.parse(message);
    }
  } catch {
    // The server has closed it, with or without a reset.
  }
}
