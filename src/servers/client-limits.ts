/**
 * How many clients a Unix socket serves at one time: in all, and of each user, so that no user can
 * keep the others out.
 */

import type { Socket } from "node:net";
import { readPeerCredentials } from "../net/peer-credentials.ts";

export interface ClientLimitsOptions {
  readonly clientsMax: number;
  readonly clientsOfUserMax: number;
  /** Tells the user behind a connection; undefined: not known. */
  readonly userOf?: (socket: Socket) => number | undefined;
}

export class ClientLimits {
  readonly #options: ClientLimitsOptions;
  readonly #counts = new Map<number | undefined, number>();
  #count = 0;

  constructor(options: ClientLimitsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** False: one too many, to be closed at once. True: counted until it closes. */
  admit(socket: Socket): boolean {
    const { clientsMax, clientsOfUserMax, userOf = uidBehind } = this.#options;
    const user = userOf(socket);
    const ofUser = this.#counts.get(user) ?? 0;
    // Where users cannot be told apart, all of them are one that may have everything.
    const ofUserMax = user === undefined ? clientsMax : clientsOfUserMax;
    if (this.#count >= clientsMax || ofUser >= ofUserMax) return false;
    this.#count++;
    this.#counts.set(user, ofUser + 1);
    socket.once("close", () => this.#release(user));
    return true;
  }

  #release(user: number | undefined): void {
    this.#count--;
    const left = this.#counts.get(user)! - 1;
    if (left === 0) this.#counts.delete(user);
    else this.#counts.set(user, left);
  }
}

function uidBehind(socket: Socket): number | undefined {
  return readPeerCredentials(socket)?.uid;
}
