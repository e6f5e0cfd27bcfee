/**
 * What systemd is told of the daemon's life (sd_notify(3)): that it is ready, reads its configuration
 * again, stops; one line for `systemctl status`; and that it is alive, for the watchdog.
 *
 * The watchdog is told from the event loop, so a loop that hangs is noticed. Without systemd nothing
 * is sent and no timer runs.
 */

import { ServiceNotifier } from "../net/sd-notify.ts";

/** systemd ends a service that is silent for a whole time-out: sd_watchdog_enabled(3) advises half. */
const WATCHDOG_SHARE = 2;

/** Milliseconds for which changes are gathered into one line. */
const GATHER_TIME = 100;

export class ServiceReports {
  readonly #notifier: ServiceNotifier;
  #summarize: (() => string) | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #told = "";

  constructor(notifier: ServiceNotifier = new ServiceNotifier()) {
    this.#notifier = notifier;
  }

  /**
   * The daemon has started. False: systemd waits to be told, and cannot be.
   * @param summarize the line for people, whenever it is asked for.
   */
  ready(summarize: () => string): boolean {
    this.#summarize = summarize;
    this.#told = summarize();
    const isTold = this.#notifier.ready(this.#told);
    this.#watch();
    return isTold || !this.#notifier.hasListener;
  }

  /** Something that the line for people may tell has changed. */
  changed(): void {
    if (!this.#notifier.hasListener || this.#summarize === undefined) return;
    this.#gathering ??= setTimeout(() => this.#tellSummary(), GATHER_TIME).unref();
  }

  /** Begins to read the configuration again; `reloaded` must follow, whatever came of it. */
  reloading(): void {
    this.#notifier.reloading();
  }

  reloaded(): void {
    this.#notifier.ready(this.#summarize?.());
  }

  /** Says goodbye. */
  stopping(): void {
    clearTimeout(this.#gathering);
    this.#summarize = undefined;
    this.#notifier.stopping();
  }

  #watch(): void {
    const { watchdogTimeout } = this.#notifier;
    if (watchdogTimeout === undefined) return;
    this.#watchdog ??= setInterval(
      () => this.#notifier.watchdog(),
      watchdogTimeout / WATCHDOG_SHARE,
    ).unref();
  }

  #tellSummary(): void {
    this.#gathering = undefined;
    const summary = this.#summarize?.();
    if (summary === undefined || summary === this.#told) return;
    this.#told = summary;
    this.#notifier.status(summary);
  }
}
