/**
 * A running daemon, reached through its control socket: the same questions as an engine in this
 * process answers (`runtime/directory.ts`), and what only a daemon can tell.
 */

import { DotlocalError, ERROR_EXIT_STATUS, type ErrorCode } from "../core/errors.ts";
import type {
  AddressQuery,
  AddressResult,
  Directory,
  NameQuery,
  NameResult,
  RecordQuery,
  RecordResult,
} from "../runtime/directory.ts";
import type {
  BrowseEvent,
  BrowseQuery,
  InstanceQuery,
  InstanceResult,
  Publication,
  PublishedGroup,
  PublishedHost,
} from "../runtime/services.ts";
import { DaemonPublication } from "./daemon-publication.ts";
import { exchange, exchangeWhole, type HttpRequest, readLines, readText } from "./http-exchange.ts";

type Call = Pick<HttpRequest, "method" | "path" | "body" | "signal">;

export class DaemonConnection implements Directory {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult> {
    return this.call({ method: "POST", path: "/v1/lookup/addresses", body: query, signal });
  }

  lookupNames(query: NameQuery, signal?: AbortSignal): Promise<NameResult> {
    return this.call({ method: "POST", path: "/v1/lookup/names", body: query, signal });
  }

  lookupRecords(query: RecordQuery, signal?: AbortSignal): Promise<RecordResult> {
    return this.call({ method: "POST", path: "/v1/lookup/records", body: query, signal });
  }

  async *browse(query: BrowseQuery, signal?: AbortSignal): AsyncGenerator<BrowseEvent> {
    try {
      yield* this.stream<BrowseEvent>({ method: "POST", path: "/v1/browse", body: query, signal });
    } catch (error) {
      // An aborted signal is the end, as it is where the engine is in this process.
      if (!(error instanceof DotlocalError && error.code === "ABORTED")) throw error;
      return;
    }
    if (!signal?.aborted && query.quiet === undefined)
      throw new DotlocalError("SYSTEM", "the daemon has ended");
  }

  resolveInstance(query: InstanceQuery, signal?: AbortSignal): Promise<InstanceResult> {
    return this.call({ method: "POST", path: "/v1/lookup/instance", body: query, signal });
  }

  publish(group: PublishedGroup, signal?: AbortSignal): Promise<Publication> {
    return DaemonPublication.open(this, group, signal);
  }

  publishHost(host: PublishedHost, signal?: AbortSignal): Promise<Publication> {
    return DaemonPublication.open(this, host, signal);
  }

  /** There is nothing to close: a connection lasts for one request. */
  async close(): Promise<void> {}

  /**
   * One request and its JSON answer.
   * @throws DotlocalError with the code that the daemon gave, or NO_DAEMON, NOT_PERMITTED, SYSTEM.
   */
  async call<Answer>(call: Call): Promise<Answer> {
    const { status, text } = await exchangeWhole({ socketPath: this.socketPath, ...call });
    const answer = parseJson(text);
    if (status >= 400) throw errorOf(status, answer);
    return answer as Answer;
  }

  /** One request whose answer is a stream of JSON lines. */
  async *stream<Line>(call: Call): AsyncGenerator<Line> {
    const response = await exchange({ socketPath: this.socketPath, ...call });
    if (response.status >= 400) {
      throw errorOf(response.status, parseJson(await readText(response)));
    }
    for await (const line of readLines(response)) {
      if (line !== "") yield parseJson(line) as Line;
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DotlocalError("SYSTEM", "the daemon's answer is not JSON", { cause });
  }
}

/** What the control API says of a request that failed: `{ "error": { "code", "message" } }`. */
function errorOf(status: number, answer: unknown): DotlocalError {
  const { code, message } = (answer as { error?: { code?: string; message?: string } }).error ?? {};
  const known = code !== undefined && Object.hasOwn(ERROR_EXIT_STATUS, code);
  return new DotlocalError(
    known ? (code as ErrorCode) : "SYSTEM",
    message ?? `the daemon answered with status ${status}`,
  );
}
