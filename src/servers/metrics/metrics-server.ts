/** Serves the metrics to Prometheus: `GET /metrics` over HTTP, where `metrics.listen` says. */

import { createServer, type Server } from "node:http";
import type { Endpoint } from "../../core/datagram.ts";
import { DotlocalError } from "../../core/errors.ts";
import { CONTENT_TYPE, exposition, type MetricFamily } from "./exposition.ts";

/** Scrapers at one time. */
const CONNECTIONS_MAX = 16;

/** Milliseconds in which a request must be there. */
const REQUEST_TIMEOUT = 5000;

export class MetricsServer {
  readonly #server: Server;
  readonly #endpoint: Endpoint;

  /** `collect` is called once a scrape. */
  constructor(endpoint: Endpoint, collect: () => readonly MetricFamily[]) {
    this.#endpoint = endpoint;
    this.#server = createServer((request, response) => {
      const path = request.url?.replace(/\?.*$/, "");
      const isAsked = request.method === "GET" || request.method === "HEAD";
      if (path !== "/metrics" || !isAsked) {
        response.writeHead(path === "/metrics" ? 405 : 404, { "content-type": "text/plain" });
        response.end("metrics are at /metrics\n");
        return;
      }
      response.writeHead(200, { "content-type": CONTENT_TYPE });
      response.end(exposition(collect()));
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.headersTimeout = REQUEST_TIMEOUT;
    this.#server.requestTimeout = REQUEST_TIMEOUT;
    this.#server.on("clientError", (_error, socket) => socket.destroy());
  }

  /** The port, where 0 was asked for. @throws DotlocalError IN_USE, NOT_PERMITTED, SYSTEM. */
  listen(): Promise<number> {
    const { address, port } = this.#endpoint;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error)));
      this.#server.listen({ host: address, port }, () => {
        resolve((this.#server.address() as { readonly port: number }).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

function listenError(error: NodeJS.ErrnoException): DotlocalError {
  const isRefused = error.code === "EACCES" || error.code === "EPERM";
  const code = isRefused ? "NOT_PERMITTED" : error.code === "EADDRINUSE" ? "IN_USE" : "SYSTEM";
  return new DotlocalError(code, error.message, { cause: error });
}
