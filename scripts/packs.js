/**
 * Puts the chunks of a split build into a few files, "packs": opening a file costs a command more
 * than the text in it does, and a chunk in a pack runs only when something asks for it.
 *
 * A pack is a CommonJS module that exports its chunks as functions, by name; `bin/dotlocal.js` runs
 * them. A chunk asks for another as `./PACK/CHUNK`.
 */

import { basename } from "node:path";

/** Modules of Node that are slow to load and that most runs never use. */
const SLOW_MODULES = [
  ...["child_process", "crypto", "dns", "http", "https", "perf_hooks", "readline", "tls"],
  ...["worker_threads", "zlib"],
];

/** Where a variable is a whole module: `require`, and as esbuild writes that of CommonJS packages. */
const SLOW_CALL = new RegExp(
  `(?<==)(?:\\(0,[\\w$]+\\.__require\\)|__require|require)\\("(?:node:)?(${SLOW_MODULES.join("|")})"\\)`,
  "g",
);

/** A stand-in for a module that loads it when something of it is used. */
const LATER =
  "const later=(name)=>{let it;return new Proxy({},{get:(_,key)=>(it??=require(name))[key]})};";

/**
 * The packs of a build, as name and text. A chunk is in the first pack that cannot do without it; one
 * that none needs is a pack by itself.
 * @param {ReadonlyMap<string, { code: string, imports: readonly string[] }>} chunks by file name;
 *   imports: what it needs from the beginning
 * @param {Readonly<Record<string, readonly string[]>>} roots entry points by pack
 */
export function packsOf(chunks, roots) {
  const packs = new Map();
  const place = (file, pack) => {
    if (packs.has(file)) return;
    packs.set(file, pack);
    for (const imported of chunks.get(file).imports) place(imported, pack);
  };
  for (const [pack, entries] of Object.entries(roots)) {
    for (const file of chunks.keys()) if (entries.includes(entryName(file))) place(file, pack);
  }
  for (const file of chunks.keys()) place(file, entryName(file));
  return [...new Set(packs.values())].map((pack) => {
    const own = [...chunks].filter(([file]) => packs.get(file) === pack);
    return { name: pack, text: packText(own, packs) };
  });
}

function packText(chunks, packs) {
  const functions = chunks.map(([file, { code }]) => {
    const linked = code
      .replace(/\brequire\("\.\/([\w.-]+)"\)/g, (_, to) => `require("./${placeOf(to, packs)}")`)
      .replace(SLOW_CALL, 'later("node:$1")');
    return `${JSON.stringify(chunkName(file))}(exports,module){${linked}}`;
  });
  return `${LATER}\nmodule.exports={\n${functions.join(",\n")}\n};\n`;
}

function placeOf(file, packs) {
  return `${packs.get(file)}/${chunkName(file)}`;
}

/** Without what tells it from others of its name: `cli`, `resolve-command`. */
function entryName(file) {
  return chunkName(file).replace(/-[A-Z0-9]{8}$/, "");
}

function chunkName(file) {
  return basename(file).replace(/\.c?js$/, "");
}
