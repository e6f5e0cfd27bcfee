/** The control API's routes about the daemon itself: its state, its cache, what passes, its settings. */

import { type Static, Type } from "@sinclair/typebox";
import type { CachedEntry, CacheQuery, ReconfirmQuery } from "../../runtime/host-cache.ts";
import { bodyRoute, type Route, streamOf } from "./route.ts";

/** Octets of messages that wait for a slow reader before it is cut off. */
const MONITOR_BACKLOG_MAX = 4_194_304;

const exact = { additionalProperties: false };

const interfaces = Type.Optional(Type.Array(Type.String(), { maxItems: 64 }));
const name = Type.String({ maxLength: 1024 });
const type = Type.Optional(Type.String({ maxLength: 32 }));

const FlushBody = Type.Object({ interfaces }, exact);

const ReconfirmBody = Type.Object({ name, type }, exact);

export const LogLevelBody = Type.Object(
  {
    level: Type.Union([
      Type.Literal("trace"),
      Type.Literal("debug"),
      Type.Literal("info"),
      Type.Literal("warn"),
      Type.Literal("error"),
      Type.Literal("fatal"),
      Type.Literal("silent"),
    ]),
  },
  exact,
);

export type LogLevel = Static<typeof LogLevelBody>["level"];

/** What the daemon lends to these routes. */
export interface Administered {
  /** Everything that `dotlocal status` shows. */
  status(): unknown;
  /** The links with their addresses, names and counters. */
  links(): unknown;
  /** Reads configuration and service definitions again; resolves to what was found. */
  reload(): Promise<unknown>;
  readonly cache: {
    list(query: CacheQuery): readonly CachedEntry[];
    flush(interfaces: readonly string[] | undefined): void;
    reconfirm(query: ReconfirmQuery): number;
  };
  /** Every message that passes. Throws LIMIT_REACHED. */
  watch(signal: AbortSignal): AsyncIterable<unknown>;
  logLevel: LogLevel;
}

export function administrationRoutes(daemon: Administered): readonly Route[] {
  return [...stateRoutes(daemon), ...cacheRoutes(daemon), ...logRoutes(daemon)];
}

function stateRoutes(daemon: Administered): readonly Route[] {
  return [
    {
      ...{ method: "GET", path: "/v1/status", access: "look" },
      summary: "Everything that the daemon holds, warnings first",
      handle: () => daemon.status(),
    },
    {
      ...{ method: "GET", path: "/v1/links", access: "look" },
      summary: "The links, with this host's name and the packets on each",
      handle: () => daemon.links(),
    },
    {
      ...{ method: "GET", path: "/v1/monitor", access: "look" },
      summary: "Every message that passes, as it passes",
      handle: ({ signal }) => streamOf(daemon.watch(signal), MONITOR_BACKLOG_MAX),
    },
    {
      ...{ method: "POST", path: "/v1/reload", access: "change" },
      summary: "Read the configuration and the service definitions again",
      handle: () => daemon.reload(),
    },
  ];
}

function cacheRoutes({ cache }: Administered): readonly Route[] {
  return [
    {
      ...{ method: "GET", path: "/v1/cache", access: "look" },
      summary: "What others have said and still holds",
      query: {
        name: "only names like this (glob)",
        type: "only records of this type",
        interface: "only what was heard on interfaces like this (glob; may be given again)",
      },
      handle: ({ query }) => ({ records: cache.list(cacheQuery(query)) }),
    },
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/cache/flush", access: "change" },
        summary: "Forget what others have said",
      },
      FlushBody,
      ({ interfaces: globs }) => cache.flush(globs),
    ),
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/cache/reconfirm", access: "change" },
        summary: "Ask again for records that seem not to hold (RFC 6762 §10.4)",
      },
      ReconfirmBody,
      (body) => ({ records: cache.reconfirm(body) }),
    ),
  ];
}

function logRoutes(daemon: Administered): readonly Route[] {
  return [
    {
      ...{ method: "GET", path: "/v1/log-level", access: "look" },
      summary: "How much the daemon logs",
      handle: () => ({ level: daemon.logLevel }),
    },
    bodyRoute(
      {
        ...{ method: "PUT", path: "/v1/log-level", access: "change" },
        summary: "Log more or less, until the next reload or restart",
      },
      LogLevelBody,
      ({ level }) => {
        daemon.logLevel = level;
        return { level };
      },
    ),
  ];
}

function cacheQuery(query: URLSearchParams): CacheQuery {
  const [nameGlob, typeName] = [query.get("name"), query.get("type")];
  return {
    ...(nameGlob === null ? {} : { name: nameGlob }),
    ...(typeName === null ? {} : { type: typeName }),
    interfaces: query.getAll("interface"),
  };
}
