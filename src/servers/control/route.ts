/** What a route of the control API is, and what its handler gets and gives. */

import type { Static, TSchema } from "@sinclair/typebox";
import { checkBody } from "./request-body.ts";

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
  /**
   * Octets that wait for a slow reader before it is cut off. Undefined: it is waited for, since what
   * `lines` holds meanwhile is small, and bounded.
   */
  readonly backlogMax: number | undefined;
}

export interface RouteDescription {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` leaves a part open. */
  readonly path: string;
  readonly access: Access;
  /** What it does, in a few words. */
  readonly summary: string;
  /** Parameters behind `?`, each with what it says. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface Route extends RouteDescription {
  /** What a body must be; undefined: it has none. */
  readonly body?: TSchema;
  /** Returns a JSON value, or a stream. A `DotlocalError` it throws becomes the error answer. */
  handle(request: RouteRequest): Promise<unknown> | unknown;
}

/**
 * A route whose body has a shape; no body at all is read as an empty object. What does not have the
 * shape is refused before `handle` sees it.
 */
export function bodyRoute<Schema extends TSchema>(
  description: RouteDescription,
  body: Schema,
  handle: (body: Static<Schema>, request: RouteRequest) => Promise<unknown> | unknown,
): Route {
  return {
    ...description,
    body,
    handle: (request) => handle(checkBody(body, request.body ?? {}), request),
  };
}

export function streamOf(lines: AsyncIterable<unknown>, backlogMax?: number): Stream {
  return { lines, backlogMax };
}

export function isStream(answer: unknown): answer is Stream {
  return (
    typeof answer === "object" &&
    answer !== null &&
    Symbol.asyncIterator in ((answer as Partial<Stream>).lines ?? {})
  );
}

/** Finds the route; tells which methods the path has where it is not that one. */
export function matchRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | { allowed: readonly string[] } {
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    allowed.push(route.method);
  }
  return { allowed };
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
