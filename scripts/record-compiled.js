/**
 * Runs what people run most and leaves beside the packs of dist/ what V8 compiled for it, in
 * PACK.ROLE.VERSION-ARCHITECTURE.compiled. `bin/dotlocal.js` hands it back to V8, which accepts it
 * from the same version of Node.
 *
 * There are two roles, the daemon and the commands, each a process of its own: functions that only the
 * other needs would take time and memory. They talk to each other on the loopback interface; nothing
 * is written but to a folder that is removed again.
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import vm from "node:vm";
import { root } from "./freshness.js";

/** Milliseconds in which the daemon has claimed its name and may answer for it again. */
const SETTLE_TIME = 2_500;

/** Milliseconds after which it is given up: commands start without, if more slowly. */
const RUN_TIME_MAX = 20_000;

const HOST = "dotlocal-build";

/** Touches nothing of the machine, and logs nothing. */
const CONFIGURATION = `
interfaces: { allow: [lo] }
hostname: ${HOST}
resolver: { stub: { enabled: false }, upstreams: [] }
services: { avahi: [], avahiHosts: [], systemd: [], directories: [] }
compat: { avahi: off, resolved: off }
log: { level: silent }
`;

const roles = {
  daemon: async (run, folder) => {
    process.once("message", () => process.emit("SIGTERM", "SIGTERM"));
    await run("daemon", "--config", join(folder, "dotlocal.yaml"), "--socket", socketIn(folder));
  },
  command: async (run, folder) => {
    const daemon = ["--socket", socketIn(folder)];
    await run("resolve", ...daemon, `${HOST}.local`);
    await run("resolve", ...daemon, "--type", "A", `${HOST}.local`);
    await run("status", ...daemon);
    await run("browse", ...daemon, "--once", "--quiet", "100ms", "_http._tcp");
    for (const family of ["-4", "-6"]) {
      const alone = ["--standalone", "--interface", "lo", family, "--timeout", "500ms"];
      await run("resolve", ...alone, `${HOST}.local`);
    }
  },
};

const [role, folder] = process.argv.slice(2);
if (role === undefined) await recordAll();
else await record(role, folder);

async function recordAll() {
  const folder = mkdtempSync(join(tmpdir(), "dotlocal-build-"));
  const children = [];
  const start = (role) => {
    const child = fork(fileURLToPath(import.meta.url), [role, folder], { silent: true });
    children.push(child);
    return once(child, "exit");
  };
  const giveUp = setTimeout(() => {
    for (const child of children) child.kill("SIGKILL");
  }, RUN_TIME_MAX);
  try {
    writeFileSync(join(folder, "dotlocal.yaml"), CONFIGURATION);
    const daemon = start("daemon");
    await wait(SETTLE_TIME);
    const endings = [await start("command")];
    children[0].send("end");
    endings.push(await daemon);
    if (endings.some(([status]) => status !== 0)) throw new Error("a run to record has failed");
  } finally {
    clearTimeout(giveUp);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function record(role, folder) {
  process.env.STATE_DIRECTORY = folder;
  process.argv[2] = role;
  const scripts = rememberScripts();
  // What has been compiled is kept until it is written, whatever the daemon does at rest.
  const { setFlagsFromString } = v8;
  setFlagsFromString("--no-flush-bytecode");
  v8.setFlagsFromString = () => {};
  const { main } = createRequire(import.meta.url)("../bin/dotlocal.js");
  await roles[role]((...words) => main([process.execPath, "dotlocal", ...words]), folder);
  // V8 compares its flags with those of the process that is to use the result, as it starts.
  setFlagsFromString("--flush-bytecode");
  if (role === "daemon") setFlagsFromString("--no-opt");
  for (const { script, filename } of scripts)
    writeCompiled(script, `${basename(filename, ".cjs")}.${role}`);
  process.exit(0);
}

function rememberScripts() {
  const scripts = [];
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options);
      scripts.push({ script: this, filename: options.filename });
    }
  };
  return scripts;
}

function writeCompiled(script, what) {
  const name = `${what}.${process.version}-${process.arch}.compiled`;
  const temporary = join(root, "dist", `.${name}.${process.pid}`);
  writeFileSync(temporary, script.createCachedData());
  renameSync(temporary, join(root, "dist", name));
}

function socketIn(folder) {
  return join(folder, "control");
}
