import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { exchange, readText } from "../../src/client/http-exchange.ts";
import { ENTRY, message, ServedDaemon } from "./fake-daemon.ts";

function until(isSo: () => boolean): Promise<void> {
  return expect.poll(isSo, { interval: 5, timeout: 5000 }).toBe(true);
}

/** Sends octets as they are; resolves to the answer when the server hangs up or is done. */
function send(path: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
}

describe("who may what", () => {
  it("everybody looks, and only some change", async () => {
    await using served = await ServedDaemon.start({ mayChange: () => false });
    for (const { method, path, access } of served.routes) {
      if (access === "look") continue;
      const asked = { socketPath: served.path, method, path: path.replace(":id", "1") };
      const answer = await exchange({ ...asked, body: {} });
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
    }
    expect(served.daemon.flushed).toEqual([]);
    expect(served.daemon.logLevel).toBe("info");
    expect(await served.connection.call({ method: "GET", path: "/v1/cache" })).toEqual({
      records: [ENTRY],
    });
  });
});

describe("the daemon's own routes", () => {
  it("the cache is listed by name, type and interfaces, flushed and doubted", async () => {
    await using served = await ServedDaemon.start();
    const path = "/v1/cache?name=*.local&type=A&interface=eth*&interface=wlan0";
    await served.connection.call({ method: "GET", path });
    expect(served.daemon.queries).toEqual([
      { name: "*.local", type: "A", interfaces: ["eth*", "wlan0"] },
    ]);
    await served.connection.call({ method: "POST", path: "/v1/cache/flush" });
    const body = { interfaces: ["eth0"] };
    await served.connection.call({ method: "POST", path: "/v1/cache/flush", body });
    expect(served.daemon.flushed).toEqual([undefined, ["eth0"]]);
    const reconfirm = (name: string) =>
      served.connection.call({ method: "POST", path: "/v1/cache/reconfirm", body: { name } });
    expect(await reconfirm("printer.local")).toEqual({ records: 1 });
    await expect(reconfirm("nobody.local")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("the log level is told and set", async () => {
    await using served = await ServedDaemon.start();
    const set = (level: string) =>
      served.connection.call({ method: "PUT", path: "/v1/log-level", body: { level } });
    expect(await set("trace")).toEqual({ level: "trace" });
    expect(served.daemon.logLevel).toBe("trace");
    await expect(set("loud")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    const told = await served.connection.call({ method: "GET", path: "/v1/log-level" });
    expect(told).toEqual({ level: "trace" });
  });

  it("messages are streamed until the client hangs up", async () => {
    await using served = await ServedDaemon.start();
    const hangUp = new AbortController();
    const lines = served.connection.stream({
      ...{ method: "GET", path: "/v1/monitor", signal: hangUp.signal },
    });
    const first = lines.next();
    await until(() => served.daemon.watchers.length === 1);
    served.daemon.watchers[0]!.push(message());
    expect((await first).value).toEqual(message());
    hangUp.abort();
    await expect(lines.next()).rejects.toMatchObject({ code: "ABORTED" });
    expect(await served.daemon.watchers[0]!.next()).toEqual({ done: true, value: undefined });
  });
});

describe("a client that misbehaves", () => {
  it("is cut off when it does not read what it asked for", async () => {
    await using served = await ServedDaemon.start();
    const socket = connect(served.path);
    socket.pause();
    socket.on("error", () => {});
    socket.write("GET /v1/monitor HTTP/1.1\r\nHost: x\r\n\r\n");
    await until(() => served.daemon.watchers.length === 1);
    const [watcher] = served.daemon.watchers;
    let isCut = false;
    served.daemon.onWatcherGone = () => {
      isCut = true;
    };
    const large = message(`${"00".repeat(12)}${"00".repeat(8000)}`);
    let pushed = 0;
    const push = (): boolean => {
      for (let count = 0; count < 50; count++) watcher!.push(large);
      pushed += 50;
      return isCut;
    };

    await until(push);
    // Some megabytes at most were kept for it.
    expect(pushed * large.octets.length).toBeLessThan(64_000_000);
    socket.destroy();
  });

  it("is refused beyond the number of clients, and let in again when one goes", async () => {
    const limits = { clientsMax: 3, clientsOfUserMax: 2, userOf: () => 1000 };
    await using served = await ServedDaemon.start({ limits });
    const held = [connect(served.path), connect(served.path)];
    const status = () => served.connection.call({ method: "GET", path: "/v1/log-level" });
    await expect
      .poll(() => status().catch(({ code }: { code: string }) => code))
      .toBe("LIMIT_REACHED");
    for (const socket of held) socket.destroy();
    await expect.poll(() => status().catch(() => undefined)).toEqual({ level: "info" });
  });

  it.each([
    ["no HTTP", "bogus\r\n\r\n", /^$/],
    ["what is no URL", "GET //[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", / 400 /],
    ["an unknown path", "GET /v2/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", / 404 /],
    [
      "a body that is no JSON",
      "POST /v1/browse HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n{",
      / 400 .*not JSON/s,
    ],
    ["a head too large", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, /^$/],
  ])("gets an error for %s, and the others go on", async (_what, text, expected) => {
    await using served = await ServedDaemon.start();
    expect(await send(served.path, text)).toMatch(expected);
    expect(await served.connection.call({ method: "GET", path: "/v1/log-level" })).toEqual({
      level: "info",
    });
    expect(served.faults).toEqual([]);
  });

  it("gets an error for a body that is too large", async () => {
    await using served = await ServedDaemon.start();
    const answer = await exchange({
      ...{ socketPath: served.path, method: "POST", path: "/v1/browse" },
      body: { type: "x".repeat(1_100_000) },
    });
    expect(answer.status).toBe(413);
    expect(await readText(answer)).toContain("1048576 octets");
  });
});
