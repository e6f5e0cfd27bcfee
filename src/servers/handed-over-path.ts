/**
 * The well-known path of another program's Unix socket, held for us by whoever started this process
 * (systemd's socket units), with the same face as a `PathClaim`.
 *
 * The socket stays open when it is closed here: another `open` must find it. Until then connections
 * are ended at once.
 */

import { createServer, type Server, type Socket } from "node:net";
import type { ClaimState } from "./path-claim.ts";
import { listenOnDescriptor } from "./unix-listener.ts";

export interface HandedOverPathOptions {
  readonly path: string;
  readonly descriptor: number;
  readonly onConnection: (socket: Socket) => void;
  /** Called when the state has changed. */
  readonly onChange?: (state: ClaimState) => void;
}

export class HandedOverPath {
  readonly #options: HandedOverPathOptions;
  #state: ClaimState = { state: "idle" };
  #server: Server | undefined;

  constructor(options: HandedOverPathOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  get state(): ClaimState {
    return this.#state;
  }

  async open(): Promise<void> {
    try {
      await this.#listen();
      this.#enter({ state: "held" });
    } catch (error) {
      this.#enter({ state: "refused", error: error as NodeJS.ErrnoException });
    }
  }

  async close(): Promise<void> {
    this.#enter({ state: "idle" });
  }

  async #listen(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((socket) => {
      if (this.#state.state === "held") this.#options.onConnection(socket);
      else socket.destroy();
    }).unref();
    await listenOnDescriptor(server, this.#options.descriptor);
    server.on("error", () => {});
    this.#server = server;
  }

  #enter(state: ClaimState): void {
    const isNew = state.state !== this.#state.state;
    this.#state = state;
    if (isNew) this.#options.onChange?.(state);
  }
}
