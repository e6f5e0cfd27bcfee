/** The bindings load in every form the package ships in, and their absence breaks nothing. */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { libc, SystemError } from "../../src/net/native/libc.ts";
import { FixtureBundles } from "./fixture-bundle.ts";

const bundles = new FixtureBundles();

afterAll(() => bundles.remove());

function run(bundle: string, environment: NodeJS.ProcessEnv = {}) {
  const { stdout, stderr } = spawnSync(process.execPath, [bundle], {
    env: environment,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const NATIVE = {
  hasLibc: true,
  hasPeerCredentials: true,
  transport: "native",
  source: "Rtnetlink",
  loopback: "lo",
};

const PORTABLE = {
  hasLibc: false,
  hasPeerCredentials: false,
  transport: "portable",
  source: "SysfsLinks",
  loopback: "lo",
};

describe("the bindings of libc", () => {
  it("load in an ES module and in a CommonJS bundle", () => {
    expect(run(bundles.build("bindings", "esm"))).toEqual(NATIVE);
    expect(run(bundles.build("bindings", "cjs"))).toEqual(NATIVE);
  });

  it("are done without when DOTLOCAL_TRANSPORT is portable", () => {
    expect(run(bundles.build("bindings"), { DOTLOCAL_TRANSPORT: "portable" })).toEqual(PORTABLE);
  });

  it("are done without where koffi is not installed", () => {
    const directory = mkdtempSync(`${tmpdir()}/dotlocal-`);
    try {
      const bundle = `${directory}/alone.cjs`;
      copyFileSync(bundles.build("bindings", "cjs", ["koffi"]), bundle);
      expect(run(bundle)).toEqual(PORTABLE);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("say which call failed and why", () => {
    const close = () => libc()!.call("close", 1_000_000);
    expect(close).toThrow(SystemError);
    expect(close).toThrow("close: EBADF");
  });
});
