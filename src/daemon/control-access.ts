/**
 * Who may publish and change through the control socket (`control.publish`, `control.group`): the
 * daemon's own user, root, and the members of the group; or everyone.
 *
 * The kernel tells who is behind a connection. Where it cannot be asked, the socket's permission bits
 * decide instead.
 */

import type { Socket } from "node:net";
import type { Configuration } from "../config/configuration.ts";
import { groupId } from "../net/group-id.ts";
import { hasPeerCredentials, readPeerCredentials } from "../net/peer-credentials.ts";

/** Everybody may look up; what they may change is decided a request. */
const OPEN_MODE = 0o666;

/** Only the user and the group may connect at all. */
const CLOSED_MODE = 0o660;

export class ControlAccess {
  readonly #isOpen: boolean;
  readonly #group: number | undefined;

  constructor({ publish, group }: Configuration["control"]) {
    this.#isOpen = publish === "everyone";
    this.#group = groupId(group);
  }

  get socketMode(): number {
    return this.#isOpen || hasPeerCredentials() ? OPEN_MODE : CLOSED_MODE;
  }

  /** Who beside the user may connect to a closed socket; undefined: nobody, or all may anyway. */
  get socketGroup(): number | undefined {
    return this.socketMode === CLOSED_MODE ? this.#group : undefined;
  }

  mayChange(socket: Socket): boolean {
    if (this.#isOpen || !hasPeerCredentials()) return true;
    const peer = readPeerCredentials(socket);
    if (peer === undefined) return false;
    if (peer.uid === 0 || peer.uid === process.getuid?.()) return true;
    return this.#group !== undefined && peer.groups.includes(this.#group);
  }
}
