/** The programs in examples/, each run as its readers run it, on hosts of their own. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { Daemon, dotlocal, spawnDotlocal } from "./e2e/kit/daemon.ts";
import { type Host, Lan } from "./e2e/kit/lan.ts";
import { repositoryRoot } from "./e2e/kit/paths.ts";
import { describeEndToEnd } from "./e2e/kit/requirements.ts";

const TEST_TIMEOUT = 60_000;

function example(host: Host, name: string, ...args: readonly string[]) {
  return host.spawn(process.execPath, [`examples/${name}`, ...args]);
}

describeEndToEnd("the examples", {}, () => {
  beforeAll(() => {
    const script = join(repositoryRoot, "scripts/build.js");
    execFileSync(process.execPath, [script, "--if-stale"], { stdio: "pipe" });
  }, TEST_TIMEOUT);

  test.each(["with a daemon", "without one"])(
    "publish from Express, discover, fetch and list as JSON, %s",
    async (way) => {
      await using lan = await Lan.create();
      const [server, client] = [await lan.host("alpha"), await lan.host("beta")];
      await Daemon.start(server);
      if (way === "with a daemon") await Daemon.start(client);

      const express = example(server, "publish-express.mjs", "Shop");
      const [, port] = await express.line(/published as "Shop" on port (\d+)/);

      const discover = example(client, "discover.mjs", "_http._tcp", "4");
      await discover.line(
        new RegExp(`^Shop is at alpha\\.local:${port} \\(.*192\\.0\\.2\\.1.*path`),
      );

      const fetched = await client.run(process.execPath, [
        ...["examples/fetch-local.mjs", `http://alpha.local:${port}/`],
      ]);
      expect(fetched).toMatchObject({
        status: 0,
        stdout: "fetch: 200 hello from Express\nnode:http: 200 hello from Express\n",
      });

      const listed = await client.run(process.execPath, ["examples/browse-to-json.mjs", "3"]);
      expect(JSON.parse(listed.stdout)).toMatchObject([
        { instance: "Shop", type: "_http._tcp", host: "alpha.local", port: Number(port) },
      ]);
      expect(listed.status).toBe(0);
      expect(await discover.ended).toBe(0);

      const browse = spawnDotlocal(client, ["browse", "_http._tcp"]);
      await browse.line(/^\+\teth0\tShop\t/);
      expect(await express.stop()).toBe(0);
      await browse.line(/^-\teth0\tShop\t/);
    },
    TEST_TIMEOUT,
  );

  test(
    "TXT entries with types compile, and reach the other side",
    async () => {
      const tsc = join(repositoryRoot, "node_modules/typescript/bin/tsc");
      const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext"];
      const libraries = ["--lib", "es2023,esnext.disposable", "--types", "node"];
      const ignored = ["--ignoreConfig", "--skipLibCheck"];
      execFileSync(
        process.execPath,
        [tsc, ...options, ...libraries, ...ignored, "examples/typed-txt.ts"],
        { cwd: repositoryRoot, stdio: "pipe" },
      );
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      const source = readFileSync(join(repositoryRoot, "examples/typed-txt.ts"), "utf8");
      const { code } = transformSync(source, { loader: "ts", target: "node20.19" });
      const program = join(repositoryRoot, `dist/.typed-txt-${process.pid}.mjs`);
      writeFileSync(program, code);
      const { stdout, status } = await host.run(process.execPath, [program]);
      expect({ stdout, status }).toEqual({ stdout: "Mk4 with 2 heads\n", status: 0 });
      expect((await dotlocal(host, "browse", "--once", "_octoprint._tcp")).stdout).toBe("");
    },
    TEST_TIMEOUT,
  );

  test("are all listed, and the list names no other", () => {
    const folder = join(repositoryRoot, "examples");
    const programs = readdirSync(folder).filter((name) => /\.(mjs|ts)$/.test(name));
    const listed = readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| \[([^\]]+)\]/gm);
    expect(Array.from(listed, ([, name]) => name).sort()).toEqual(programs.sort());
  });
});
