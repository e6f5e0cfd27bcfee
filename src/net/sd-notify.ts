/**
 * Tells systemd, or whoever set NOTIFY_SOCKET, how the service is: the protocol of sd_notify(3).
 *
 * Without NOTIFY_SOCKET or koffi there is nobody to tell, and every method does nothing.
 */

import { type Duration, milliseconds } from "../core/time.ts";
import { libc } from "./native/libc.ts";
import { AF_UNIX, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_DGRAM } from "./native/socket-options.ts";

/** `struct sockaddr_un`: the family, then up to 108 octets of path. */
const PATH_OFFSET = 2;
const PATH_SIZE_MAX = 108;

export class ServiceNotifier {
  readonly #path: string | undefined;
  /** How often `watchdog` must be called at least; undefined when nobody watches. */
  readonly watchdogTimeout: Duration | undefined;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#path = environment["NOTIFY_SOCKET"];
    this.watchdogTimeout = watchdogTimeout(environment);
  }

  /** Whether somebody wants to be told, as far as the environment says. */
  get hasListener(): boolean {
    return this.#path !== undefined;
  }

  /** Started, or done with reloading. */
  ready(status?: string): boolean {
    return this.#notify("READY=1", ...statusLines(status));
  }

  /** Begins to read its configuration again; `ready` ends it. */
  reloading(): boolean {
    const microseconds = process.hrtime.bigint() / 1000n;
    return this.#notify("RELOADING=1", `MONOTONIC_USEC=${microseconds}`);
  }

  stopping(): boolean {
    return this.#notify("STOPPING=1");
  }

  /** One line for people. */
  status(text: string): boolean {
    return this.#notify(...statusLines(text));
  }

  /** Still alive. */
  watchdog(): boolean {
    return this.#notify("WATCHDOG=1");
  }

  /** Whether it was sent. */
  #notify(...lines: string[]): boolean {
    const native = libc();
    const address = this.#path === undefined ? undefined : unixAddress(this.#path);
    if (native === undefined || address === undefined) return false;
    const descriptor = native.call("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try {
      const message = new TextEncoder().encode(lines.join("\n"));
      const { length } = message;
      native.call("sendto", descriptor, message, length, MSG_NOSIGNAL, address, address.length);
      return true;
    } catch {
      return false;
    } finally {
      native.call("close", descriptor);
    }
  }
}

function statusLines(status: string | undefined): string[] {
  return status === undefined ? [] : [`STATUS=${status.replaceAll("\n", " ")}`];
}

/** `/a/path` or `@abstract`; undefined for what is neither. */
function unixAddress(path: string): Uint8Array | undefined {
  const name = new TextEncoder().encode(path);
  if (!/^[/@]./.test(path) || name.length >= PATH_SIZE_MAX) return undefined;
  // An abstract name begins with a zero octet; a path ends with one.
  const address = new Uint8Array(PATH_OFFSET + name.length + (path.startsWith("/") ? 1 : 0));
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, PATH_OFFSET);
  if (path.startsWith("@")) address[PATH_OFFSET] = 0;
  return address;
}

function watchdogTimeout(environment: NodeJS.ProcessEnv): Duration | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment;
  if (microseconds === undefined || !/^[1-9]\d*$/.test(microseconds)) return undefined;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return milliseconds(Number(microseconds) / 1000);
}
