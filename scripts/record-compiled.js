/**
 * Runs what people run most, a daemon and commands beside it, and leaves beside each pack of dist/ what
 * V8 compiled for that, in DIR/PACK.VERSION-ARCHITECTURE.compiled. `bin/dotlocal.js` hands it back to
 * V8, which accepts it from the same version of Node.
 *
 * All in one process and on the loopback interface. What is asked for there is answered; nothing is
 * written but to a folder that is removed again.
 */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import { root } from "./freshness.js";

/** Milliseconds in which the daemon has claimed its name and answers. */
const SETTLE_TIME = 1_500;
const ENOUGH_TIME = "1200ms";

/** Milliseconds after which it is given up: commands start without, if more slowly. */
const RUN_TIME_MAX = 20_000;

/** Touches nothing of the machine, and logs nothing. */
const CONFIGURATION = `
interfaces: { allow: [lo] }
hostname: build-${process.pid}
resolver: { stub: { enabled: false }, upstreams: [] }
services: { avahi: [], avahiHosts: [], systemd: [], directories: [] }
compat: { avahi: off, resolved: off }
log: { level: silent }
`;

const scripts = [];
const folder = mkdtempSync(join(tmpdir(), "dotlocal-build-"));
const socket = join(folder, "control");
const host = `build-${process.pid}.local`;

/** What has been compiled is kept until it is written. */
v8.setFlagsFromString("--no-flush-bytecode");
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
setTimeout(() => {
  console.error(`recording took longer than ${RUN_TIME_MAX} ms`);
  process.exit(1);
}, RUN_TIME_MAX);
process.env.DOTLOCAL_CONFIG = join(folder, "dotlocal.yaml");
process.env.STATE_DIRECTORY = folder;
writeFileSync(process.env.DOTLOCAL_CONFIG, CONFIGURATION);
rememberScripts();
await runCommands(createRequire(import.meta.url)("../bin/dotlocal.js").main);
// V8 compares its flags with those of the process that is to use the result.
v8.setFlagsFromString("--flush-bytecode");
for (const { script, filename } of scripts) writeCompiled(script, filename);
process.exit(0);

function rememberScripts() {
  vm.Script = class extends vm.Script {
    constructor(source, options) {
      super(source, options);
      scripts.push({ script: this, filename: options.filename });
    }
  };
}

async function runCommands(main) {
  const run = (...words) => main([process.execPath, "dotlocal", ...words]);
  const daemon = run("daemon", "--socket", socket);
  await wait(SETTLE_TIME);
  for (const alone of [["--socket", socket], ["--standalone"]]) {
    await run("resolve", "--timeout", ENOUGH_TIME, ...alone, host);
    await run("resolve", "--timeout", ENOUGH_TIME, ...alone, "-t", "A", host);
    await run("browse", "--once", "--quiet", "100ms", ...alone, "_http._tcp");
  }
  await run("status", "--socket", socket);
  process.emit("SIGTERM", "SIGTERM");
  await daemon;
}

function writeCompiled(script, filename) {
  const pack = basename(filename, ".cjs");
  const name = `${pack}.${process.version}-${process.arch}.compiled`;
  const temporary = join(root, "dist", `.${name}.${process.pid}`);
  writeFileSync(temporary, script.createCachedData());
  renameSync(temporary, join(root, "dist", name));
}
