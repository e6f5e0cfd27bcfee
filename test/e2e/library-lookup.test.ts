import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const PROGRAM = join(import.meta.dirname, "kit/library-program.mjs");
const LIBRARY = join(repositoryRoot, "dist/lib/index.js");
const PORT = 8080;

/** Milliseconds for a dozen look-ups, of which one waits for an answer that does not come. */
const TIME_MAX = 5000;

const WEB = { name: "Web", type: "_http._tcp", port: PORT, txt: { path: "/" } };

/** Answers on both families. */
const SERVER = `require("node:http").createServer((_, response) => response.end("hello"))
  .listen(${PORT}, "::", () => console.log("listening"))`;

async function serve(host: Host): Promise<void> {
  const daemon = await Daemon.start(host, { services: { "web.json": WEB } });
  await daemon.process.line(/this host is \S+ on eth0/);
  await host.spawn(process.execPath, ["-e", SERVER]).line(/listening/);
}

describeEndToEnd("a program with the library", {}, () => {
  beforeAll(() => {
    const script = join(repositoryRoot, "scripts/build.js");
    execFileSync(process.execPath, [script, "library", "--if-stale"], { stdio: "pipe" });
  });

  test.each([
    ["through the running daemon", true],
    ["with an engine of its own", false],
  ])("reaches names of the link %s, and ends by itself", async (_title, hasDaemon) => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await Promise.all([serve(b), hasDaemon ? Daemon.start(a) : undefined]);
    const { status, stdout, stderr } = await a.run(process.execPath, [
      PROGRAM,
      LIBRARY,
      "beta.local",
      String(PORT),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const scoped = `${b.link.linkLocalAddress}%eth0`;
    const { time, ...report } = JSON.parse(stdout);
    expect(report).toEqual({
      all: [
        { address: scoped, family: 6 },
        { address: b.address, family: 4 },
      ],
      http: 200,
      fetch: "hello",
      connected: expect.stringContaining(b.link.linkLocalAddress),
      resolve4: [b.address],
      resolve6: [scoped],
      reverse: ["beta.local"],
      instances: ["Web._http._tcp.local"],
      srv: [{ name: "beta.local", port: PORT, priority: 0, weight: 0 }],
      txt: [["path=/"]],
      noData: "ENODATA",
      absent: "ENOTFOUND",
      aborted: "AbortError",
    });
    expect(time).toBeLessThan(TIME_MAX);
  });
});
