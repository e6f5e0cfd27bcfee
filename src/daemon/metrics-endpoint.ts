/** Where metrics are served, as the configuration says; loaded only where it says so. */

import type { Endpoint } from "../core/datagram.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import type { MetricsServer } from "../servers/metrics/metrics-server.ts";
import type { Logger } from "./log.ts";

export interface MetricsEndpointOptions {
  status(): DaemonStatus;
  readonly log: Logger;
}

export class MetricsEndpoint {
  readonly #options: MetricsEndpointOptions;
  #server: MetricsServer | undefined;
  #listen: string | undefined;
  #warning: string | undefined;

  constructor(options: MetricsEndpointOptions) {
    this.#options = options;
  }

  /** Sentences for `status`. */
  get warnings(): readonly string[] {
    return this.#warning === undefined ? [] : [this.#warning];
  }

  /** Follows `metrics.listen`; what was refused is tried again with every reload. */
  async apply(listen: Endpoint | undefined): Promise<void> {
    const text = listen === undefined ? undefined : `${listen.address} port ${listen.port}`;
    if (text === this.#listen && this.#warning === undefined) return;
    await this.close();
    this.#listen = text;
    this.#warning = undefined;
    if (listen !== undefined) await this.#open(listen, text!);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  async #open(listen: Endpoint, text: string): Promise<void> {
    const [{ MetricsServer }, { daemonMetrics }] = await Promise.all([
      import("../servers/metrics/metrics-server.ts"),
      import("../servers/metrics/daemon-metrics.ts"),
    ]);
    const server = new MetricsServer(listen, () => daemonMetrics(this.#options.status()));
    try {
      await server.listen();
      this.#server = server;
      this.#options.log.info(`serving metrics at ${text}`);
    } catch (error) {
      this.#warning = `no metrics: ${(error as Error).message}; set metrics.listen to another place`;
      this.#options.log.warn(this.#warning);
    }
  }
}
