/** The description of the control API that ships says what the server does, no more and no less. */

import { readFileSync } from "node:fs";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { exchange, readLines, readText } from "../../src/client/http-exchange.ts";
import {
  type AnswerSchema,
  AnswerSchemas,
  ErrorAnswer,
} from "../../src/servers/control/answer-schemas.ts";
import { openApiFiles, openApiPath, routeKey } from "../../src/servers/control/openapi.ts";
import type { Route } from "../../src/servers/control/route.ts";
import { message, ServedDaemon } from "./fake-daemon.ts";

const FILE = new URL("../../schema/control.openapi.json", import.meta.url);

interface Operation {
  readonly summary: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: TSchema }>> };
}

const described = JSON.parse(readFileSync(FILE, "utf8")) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

const GROUP = { instance: "Web", services: [{ type: "_http._tcp", port: 80 }] };

/** A body that each route takes. */
const BODIES: Readonly<Record<string, unknown>> = {
  "POST /v1/cache/flush": { interfaces: ["eth*"] },
  "POST /v1/cache/reconfirm": { name: "printer.local" },
  "PUT /v1/log-level": { level: "debug" },
  "POST /v1/lookup/addresses": { name: "printer.local", family: "ipv4" },
  "POST /v1/lookup/names": { address: "192.0.2.9" },
  "POST /v1/lookup/records": { name: "printer.local", type: "A", timeout: 500 },
  "POST /v1/lookup/instance": { name: "Laser._ipp._tcp.local" },
  "POST /v1/browse": { type: "_http._tcp", resolve: true },
  "POST /v1/registrations": GROUP,
  "PATCH /v1/registrations/:id": GROUP,
};

const STREAMS = new Set(["GET /v1/monitor", "POST /v1/browse", "POST /v1/registrations"]);

const routes = (await withServer(async (served) => served.routes)).map(
  (route) => [routeKey(route), route] as const,
);

async function withServer<Outcome>(use: (served: ServedDaemon) => Promise<Outcome>) {
  await using served = await ServedDaemon.start();
  return await use(served);
}

function call(served: ServedDaemon, { method, path }: Route, body: unknown, signal?: AbortSignal) {
  return exchange({ socketPath: served.path, method, path, body, signal });
}

describe("schema/control.openapi.json", () => {
  it("is what scripts/schema.js would write", () => {
    expect(openApiFiles()).toEqual({ "control.openapi.json": readFileSync(FILE, "utf8") });
  });

  it("describes every route that there is, and no other", () => {
    const offered = routes.map(([, { method, path }]) => `${method} ${openApiPath(path)}`);
    const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.toSorted()).toEqual(offered.toSorted());
    expect(Object.keys(AnswerSchemas).toSorted()).toEqual(routes.map(([key]) => key).toSorted());
  });

  it.each(Object.entries(described.paths))(
    "%s is there, and takes no other method",
    async (path) => {
      await using served = await ServedDaemon.start();
      const answer = await exchange({
        ...{ socketPath: served.path, method: "OPTIONS" as "GET", path: path.replace("{id}", "x") },
      });
      expect(answer.status).toBe(405);
      const methods = Object.keys(described.paths[path]!).map((method) => method.toUpperCase());
      const refusal = await readText(answer);
      for (const method of methods) expect(refusal).toContain(method);
    },
  );
});

describe("a request body", () => {
  const withBody = routes.filter(([, { body }]) => body !== undefined);

  it.each(withBody)("of %s is described", (key, route) => {
    const { requestBody } = described.paths[openApiPath(route.path)]![route.method.toLowerCase()]!;
    const { schema } = requestBody!.content["application/json"]!;
    expect(schema).toEqual(JSON.parse(JSON.stringify(route.body)));
    expect(Value.Check(route.body!, BODIES[key])).toBe(true);
  });

  it.each(withBody)("of %s that is not described is refused", async (_key, route) => {
    await using served = await ServedDaemon.start();
    const answer = await call(served, route, { bogus: 1 });
    expect(answer.status).toBe(400);
    const refusal = JSON.parse(await readText(answer));
    expect(Value.Check(ErrorAnswer, refusal)).toBe(true);
    expect(refusal.error.code).toBe("INVALID_ARGUMENT");
  });
});

describe("an answer", () => {
  const single = routes.filter(([key]) => !STREAMS.has(key));

  it.each(single)("of %s is as described", async (key, route) => {
    await using served = await ServedDaemon.start();
    const { id } = await served.connection.call<{ id: string }>({
      ...{ method: "POST", path: "/v1/registrations?lasting=true", body: GROUP },
    });
    const path = route.path.replace(":id", id);
    const answer = await call(served, { ...route, path }, BODIES[key]);
    const value = JSON.parse(await readText(answer));
    expect({ status: answer.status, value }).toMatchObject({ status: 200 });
    const { answer: schema } = AnswerSchemas[key] as AnswerSchema;
    expect([...Value.Errors(schema!, value)]).toEqual([]);
  });

  it("that found nothing is as described", async () => {
    await using served = await ServedDaemon.start();
    const value = await served.connection.lookupAddresses({ name: "nobody.local" });
    expect(Value.Check(AnswerSchemas["POST /v1/lookup/addresses"].answer, value)).toBe(true);
  });

  it.each([...STREAMS])("of %s is a stream of lines as described", async (key) => {
    await using served = await ServedDaemon.start();
    const hangUp = new AbortController();
    const route = routes.find(([found]) => found === key)![1];
    const answer = await call(served, route, BODIES[key], hangUp.signal);
    expect(answer.status).toBe(200);
    served.daemon.watchers[0]?.push(message());
    served.directory.browses[0]?.buffer.push({
      event: "removed",
      service: {
        ...{ interface: "eth0", instance: "Web", type: "_http._tcp", domain: "local" },
        ...{ name: "Web._http._tcp.local", own: false },
      },
    });
    for await (const line of readLines(answer)) {
      const schema = AnswerSchemas[key as "POST /v1/browse"].lines;
      expect([...Value.Errors(schema, JSON.parse(line))]).toEqual([]);
      break;
    }
    hangUp.abort();
  });
});
