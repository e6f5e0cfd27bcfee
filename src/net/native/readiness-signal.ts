/**
 * Tells when a descriptor that `node:` modules cannot watch has become readable.
 *
 * Theory of operation: Linux sends SIGIO to a descriptor's owner when it becomes readable, if asked
 * to, and Node delivers signals in its event loop: an idle descriptor then costs nothing. Worker
 * threads get no signals and some sandboxes send none, so the descriptor is also looked at every
 * second until the first signal has come, and seldom from then on. One handler serves all
 * descriptors and stays: without it a late signal would end the process.
 */

import { isMainThread } from "node:worker_threads";
import type { Libc } from "./libc.ts";

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETOWN = 8;
const O_ASYNC = 0o20000;

/** Milliseconds between looks while no signal has proved to come. */
const POLL_INTERVAL = 1_000;

/** Milliseconds between looks once signals are known to come. */
const SAFETY_INTERVAL = 60_000;

const watchers = new Set<ReadinessSignal>();

export class ReadinessSignal {
  readonly #onReadable: () => void;
  #timer: NodeJS.Timeout;
  #hasSignals = false;

  /** `onReadable` must read until there is nothing more; it may be called in vain. */
  constructor(libc: Libc, descriptor: number, onReadable: () => void) {
    this.#onReadable = onReadable;
    this.#timer = this.#poll(POLL_INTERVAL);
    if (!isMainThread) return;
    if (watchers.size === 0 && process.listenerCount("SIGIO", handleSignal) === 0) {
      process.on("SIGIO", handleSignal);
    }
    watchers.add(this);
    try {
      libc.call("fcntl", descriptor, F_SETOWN, process.pid);
      libc.call("fcntl", descriptor, F_SETFL, libc.call("fcntl", descriptor, F_GETFL, 0) | O_ASYNC);
    } catch {
      watchers.delete(this);
    }
  }

  handleSignal(): void {
    if (!this.#hasSignals) {
      this.#hasSignals = true;
      clearInterval(this.#timer);
      this.#timer = this.#poll(SAFETY_INTERVAL);
    }
    this.#onReadable();
  }

  /** The descriptor is closed by its owner, after this. */
  close(): void {
    clearInterval(this.#timer);
    watchers.delete(this);
  }

  #poll(interval: number): NodeJS.Timeout {
    return setInterval(() => this.#onReadable(), interval).unref();
  }
}

function handleSignal(): void {
  for (const watcher of watchers) watcher.handleSignal();
}
