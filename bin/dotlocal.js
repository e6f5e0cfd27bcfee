#!/usr/bin/env node
// Launcher: runs the packs of dist/ (scripts/packs.js writes them). Beside each, the build leaves what V8
// has made of it for one version of Node, so that this one need not compile it again; where that is
// missing or V8 does not accept it, the text is compiled as usual.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const vm = require("node:vm");

const folder = join(__dirname, "../dist");
const role = process.argv[2] === "daemon" ? "daemon" : "command";
// The daemon lets V8's optimizing compiler in once it is at rest (src/daemon/frugality.ts).
if (role === "daemon") require("node:v8").setFlagsFromString("--no-opt");

const packs = new Map();
const chunks = new Map();

/** Chunks of ours are asked for as `./PACK/CHUNK`. */
function load(name) {
  if (!name.startsWith("./")) return require(name);
  let module = chunks.get(name);
  if (module === undefined) {
    module = { exports: {} };
    chunks.set(name, module);
    const [, pack, chunk] = name.split("/");
    openPack(pack)[chunk](module.exports, module);
  }
  return module.exports;
}

function openPack(pack) {
  let module = packs.get(pack);
  if (module === undefined) {
    module = { exports: {} };
    packs.set(pack, module);
    const filename = join(folder, `${pack}.cjs`);
    const source = `(function(module,require,__filename){${readFileSync(filename, "utf8")}})`;
    const cachedData = compiledBefore(pack);
    new vm.Script(source, { filename, cachedData }).runInThisContext()(module, load, filename);
  }
  return module.exports;
}

function compiledBefore(pack) {
  try {
    const kind = `${role}.${process.version}-${process.arch}`;
    return readFileSync(join(folder, `${pack}.${kind}.compiled`));
  } catch {
    return undefined;
  }
}

module.exports = load("./cli/cli");
if (require.main === module) module.exports.main(process.argv).then(module.exports.end);
