import { lookup } from "node:dns";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Condition } from "../../src/config/service-definition.ts";
import { milliseconds, seconds } from "../../src/core/time.ts";
import { type CheckResult, checkCondition } from "../../src/daemon/condition-check.ts";

const servers: { close(): unknown }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(handle: RequestListener): Promise<number> {
  const server: Server = createServer(handle);
  servers.push(server, { close: () => server.closeAllConnections() });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A port of this host on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

type Asked =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "http"; readonly url: string; readonly status?: number };

function check(asked: Asked, timeout = 2000, signal = new AbortController().signal) {
  const times = { every: seconds(10), timeout: milliseconds(timeout) };
  const condition: Condition =
    asked.kind === "tcp" ? { ...asked, ...times } : { status: undefined, ...asked, ...times };
  return checkCondition(condition, lookup, signal);
}

describe("a condition of TCP", () => {
  test("is met by a port that takes connections, by address or by name", async () => {
    const port = await serve(() => {});
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await check({ kind: "tcp", host, port })).toEqual<CheckResult>({
        answers: true,
        reason: `${host}:${port} takes connections`,
      });
    }
  });

  test("is not met by a port where nothing listens, nor by a name that is none", async () => {
    const port = await freePort();
    expect(await check({ kind: "tcp", host: "127.0.0.1", port })).toEqual<CheckResult>({
      answers: false,
      reason: `127.0.0.1:${port} refuses connections`,
    });
    const unknown = await check({ kind: "tcp", host: "nobody.invalid", port });
    expect(unknown.answers).toBe(false);
    expect(unknown.reason).toMatch(/^nobody\.invalid:\d+ has a name/);
  });
});

describe("a condition of HTTP", () => {
  test.each([
    [200, undefined, true],
    [301, undefined, true],
    [399, undefined, true],
    [404, undefined, false],
    [500, undefined, false],
    [503, 503, true],
    [200, 204, false],
  ])("with a status of %i where %s is wanted is met: %s", async (status, wanted, met) => {
    const port = await serve((_, response) => response.writeHead(status).end("body"));
    const url = `http://127.0.0.1:${port}/health?deep=1`;
    const asked = {
      kind: "http",
      url,
      ...(wanted === undefined ? {} : { status: wanted }),
    } as const;
    expect(await check(asked)).toEqual<CheckResult>({
      answers: met,
      reason: `${url} answers with status ${status}`,
    });
  });

  test("asks for the whole path, and does not wait for an endless body", async () => {
    const paths: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(200).write("and so on");
    });
    const url = `http://127.0.0.1:${port}/health?deep=1`;
    expect((await check({ kind: "http", url })).answers).toBe(true);
    expect(paths).toEqual(["/health?deep=1"]);
  });

  test("is not met by a server that does not answer in time", async () => {
    const port = await serve(() => {});
    const url = `http://127.0.0.1:${port}/`;
    expect(await check({ kind: "http", url }, 50)).toEqual<CheckResult>({
      answers: false,
      reason: `${url} does not answer within 50 ms`,
    });
  });

  test("is not met by a server of something else", async () => {
    const server = createTcpServer((socket) => socket.end("SSH-2.0-x\r\n"));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    for (const scheme of ["http", "https"]) {
      const url = `${scheme}://127.0.0.1:${port}/`;
      const { answers, reason } = await check({ kind: "http", url });
      expect(answers).toBe(false);
      expect(reason).toContain(url);
    }
  });
});

test("a look that is given up ends at once", async () => {
  const port = await serve(() => {});
  const abort = new AbortController();
  const result = check({ kind: "http", url: `http://127.0.0.1:${port}/` }, 60_000, abort.signal);
  abort.abort();
  expect(await result).toEqual({ answers: false, reason: "the check was given up" });
});
