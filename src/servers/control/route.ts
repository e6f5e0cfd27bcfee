/** What a route of the control API is, and what its handler gets and gives. */

/** Look-ups are anybody's; publishing and changing need rights (`control.publish`). */
export type Access = "look" | "change";

export interface RouteRequest {
  /** The parts of the path that the route leaves open, e.g. `{ id: "7" }`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined when there is none. */
  readonly body: unknown;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  /** The user behind the client; undefined where it cannot be told. */
  readonly user: number | undefined;
}

/** A stream of JSON lines, which ends when the client hangs up. */
export interface Stream {
  readonly lines: AsyncIterable<unknown>;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` leaves a part open. */
  readonly path: string;
  readonly access: Access;
  /** Returns a JSON value, or a stream. A `DotlocalError` it throws becomes the error answer. */
  handle(request: RouteRequest): Promise<unknown> | unknown;
}

export function streamOf(lines: AsyncIterable<unknown>): Stream {
  return { lines };
}

export function isStream(answer: unknown): answer is Stream {
  return (
    typeof answer === "object" &&
    answer !== null &&
    Symbol.asyncIterator in ((answer as Partial<Stream>).lines ?? {})
  );
}

/** Finds the route; tells whether another method would have one. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | "no-path" | "no-method" {
  let outcome: "no-path" | "no-method" = "no-path";
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    outcome = "no-method";
  }
  return outcome;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decodePart(given[index]!);
    else if (part !== given[index]) return undefined;
  }
  return params;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
