/**
 * The control API described for programs (OpenAPI 3.1): paths and request bodies from the routes
 * themselves, answers from `answer-schemas.ts`. `npm run schema` writes it to
 * schema/control.openapi.json.
 */

import type { TSchema } from "@sinclair/typebox";
import type { Directory } from "../../runtime/directory.ts";
import type { Administered } from "./administration-routes.ts";
import { type AnswerSchema, AnswerSchemas, ErrorAnswer, type RouteKey } from "./answer-schemas.ts";
import type { Route } from "./route.ts";
import { controlRoutes } from "./routes.ts";

const INFO = {
  title: "dotlocal control API",
  version: "1",
  summary: "The running daemon, over HTTP/1.1 on its Unix socket",
  description:
    "curl --unix-socket /run/dotlocal/control.sock http://localhost/v1/status\n\n" +
    "Streams are newline-delimited JSON and last until one side hangs up; a client that does not " +
    "read is waited for, and cut off when too much waits for it. What changes anything needs the " +
    "daemon's user, root, or the group that control.group names, unless control.publish says " +
    "everyone.",
};

const CHANGE_NOTE =
  "Needs the daemon's user, root, or the group of control.group (control.publish: group).";

const STREAM_NOTE = "One JSON value a line, until one side hangs up.";

/** The document as plain JSON. */
function openApiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = openApiPath(route.path);
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  const components = { schemas: { Error: plain(ErrorAnswer) } };
  return {
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: "http://localhost" }],
    paths,
    components,
  };
}

/** Every route, to be described and never called. */
function describedRoutes(): readonly Route[] {
  return controlRoutes({} as Directory, { cache: {} } as Administered);
}

/** File name in `schema/` to text. */
export function openApiFiles(): Readonly<Record<string, string>> {
  const document = openApiDocument(describedRoutes());
  return { "control.openapi.json": `${JSON.stringify(document, undefined, 2)}\n` };
}

/** `/v1/registrations/:id` as `/v1/registrations/{id}`. */
export function openApiPath(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

export function routeKey({ method, path }: Pick<Route, "method" | "path">): RouteKey {
  return `${method} ${path}` as RouteKey;
}

function operation(route: Route): object {
  const { summary, access, body } = route;
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  return {
    summary,
    ...(access === "change" ? { description: CHANGE_NOTE } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: responses(route),
  };
}

function pathParameters({ path }: Route): object[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => {
    return { name, in: "path", required: true, schema: { type: "string" } };
  });
}

function queryParameters({ query = {} }: Route): object[] {
  return Object.entries(query).map(([name, description]) => {
    return { name, in: "query", description, schema: { type: "string" } };
  });
}

function requestBody(body: TSchema): object {
  const isRequired = (body["required"]?.length ?? 0) > 0 || body["anyOf"] !== undefined;
  return { required: isRequired, content: { "application/json": { schema: plain(body) } } };
}

function responses(route: Route): object {
  const { answer, lines }: AnswerSchema = AnswerSchemas[routeKey(route)];
  const content = {
    ...(answer === undefined ? {} : { "application/json": { schema: plain(answer) } }),
    ...(lines === undefined ? {} : { "application/x-ndjson": { schema: plain(lines) } }),
  };
  const failed = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    "200": { description: lines === undefined ? "Done" : STREAM_NOTE, content },
    default: { description: "What is wrong, with a stable code", content: failed },
  };
}

/** Without TypeBox's symbols. */
function plain(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema)) as object;
}
