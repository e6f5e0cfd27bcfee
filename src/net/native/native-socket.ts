/**
 * One role's socket: a descriptor with every option Linux has, watched for what there is to read.
 */

import type { SocketRole } from "../socket-role.ts";
import type { Libc } from "./libc.ts";
import { openSocket } from "./open-socket.ts";
import { type Quiet, Readiness } from "./readiness.ts";

export class NativeSocket {
  readonly role: SocketRole;
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #readiness: Readiness;

  /**
   * `onReadable` is as a `Readiness` wants it.
   * @throws SystemError when the operating system refuses.
   */
  constructor(
    libc: Libc,
    role: SocketRole,
    onReadable: (socket: NativeSocket) => Quiet | undefined,
  ) {
    this.role = role;
    this.#libc = libc;
    this.descriptor = openSocket(libc, role);
    this.#readiness = new Readiness(libc, this.descriptor, () => onReadable(this));
  }

  unref(): void {
    this.#readiness.unref();
  }

  async close(): Promise<void> {
    this.#readiness.close();
    this.#libc.call("close", this.descriptor);
  }
}
