import { existsSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControlEndpoint } from "../../src/daemon/control-endpoint.ts";
import { ControlServer } from "../../src/servers/control/control-server.ts";
import { Folder } from "./folder.ts";

let folder: Folder;
let path: string;
let endpoint: ControlEndpoint;
let loads = 0;

beforeEach(async () => {
  folder = new Folder();
  path = folder.file("control.sock");
  loads = 0;
  const place = { path, mode: 0o600, descriptor: undefined };
  const onFault = (error: unknown): void => {
    throw error;
  };
  endpoint = new ControlEndpoint({
    ...{ ...place, onFault },
    load: async () => {
      loads++;
      const route = { method: "GET", path: "/v1/hello", access: "look", summary: "" } as const;
      const routes = [{ ...route, handle: async () => "hello" }];
      return new ControlServer({ ...place, onFault, routes, mayChange: () => true });
    },
  });
  await endpoint.listen();
});

afterEach(async () => {
  await endpoint.close();
  folder[Symbol.dispose]();
});

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath: path, path: "/v1/hello", agent: false }, (response) => {
      resolve(text(response));
    })
      .on("error", reject)
      .end();
  });
}

test("clients that come at once and later are all answered, by an API that is loaded once", async () => {
  expect(loads).toBe(0);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill('"hello"\n'));
  expect(await ask()).toBe('"hello"\n');
  expect(loads).toBe(1);
});

test("closing ends a client that says nothing, and the socket goes", async () => {
  await ask();
  const client = connect(path);
  const ended = new Promise((resolve) => client.once("close", resolve));
  client.on("error", () => {});
  await new Promise((resolve) => client.once("connect", resolve));
  await ask();
  await endpoint.close();
  await ended;
  expect(existsSync(path)).toBe(false);
});
