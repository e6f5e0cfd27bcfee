/** How the chunks of a build come into a few files. */

import { describe, expect, test } from "vitest";
import { packsOf } from "../scripts/packs.js";

interface Module {
  exports: Record<string, unknown>;
}

type Chunk = (exports: Module["exports"], module: Module) => void;

function chunksOf(
  entries: Readonly<Record<string, { code: string; imports?: readonly string[] }>>,
) {
  return new Map(
    Object.entries(entries).map(([file, { code, imports = [] }]) => [file, { code, imports }]),
  );
}

/** Runs a pack's text; its chunks ask `require` for others. */
function openPack(text: string, require: (name: string) => unknown): Record<string, Chunk> {
  const module: Module = { exports: {} };
  new Function("module", "require", text)(module, require);
  return module.exports as Record<string, Chunk>;
}

describe("packs", () => {
  const roots = { first: ["one"], second: ["two"] };

  test("hold each chunk once, with the first that cannot do without it", () => {
    const packs = packsOf(
      chunksOf({
        "one.js": { code: "", imports: ["chunk-AAAAAAAA.js"] },
        "two-BBBBBBBB.js": { code: "", imports: ["chunk-AAAAAAAA.js", "chunk-CCCCCCCC.js"] },
        "chunk-AAAAAAAA.js": { code: "" },
        "chunk-CCCCCCCC.js": { code: "" },
        "seldom-DDDDDDDD.js": { code: "", imports: ["chunk-CCCCCCCC.js"] },
      }),
      roots,
    );
    const held = packs.map(({ name, text }) => [
      name,
      Object.keys(openPack(text, () => undefined)),
    ]);
    expect(Object.fromEntries(held)).toEqual({
      first: ["one", "chunk-AAAAAAAA"],
      second: ["two-BBBBBBBB", "chunk-CCCCCCCC"],
      seldom: ["seldom-DDDDDDDD"],
    });
  });

  test("run a chunk only when it is asked for, and find chunks of others", () => {
    const packs = packsOf(
      chunksOf({
        "one.js": { code: 'exports.next=()=>require("./two-BBBBBBBB.js")' },
        "two-BBBBBBBB.js": { code: "" },
      }),
      roots,
    );
    const asked: string[] = [];
    const first = openPack(packs[0]!.text, (name) => asked.push(name));
    const module: Module = { exports: {} };
    first["one"]!(module.exports, module);
    expect(asked).toEqual([]);
    (module.exports["next"] as () => void)();
    expect(asked).toEqual(["./second/two-BBBBBBBB"]);
  });

  test("load a module of Node that is slow to load when something of it is used", () => {
    const code = 'var http=require("node:http");exports.use=()=>http.request';
    const [pack] = packsOf(chunksOf({ "one.js": { code } }), roots);
    const asked: string[] = [];
    const chunks = openPack(pack!.text, (name) => {
      asked.push(name);
      return { request: "a request" };
    });
    const module: Module = { exports: {} };
    chunks["one"]!(module.exports, module);
    expect(asked).toEqual([]);
    expect((module.exports["use"] as () => string)()).toBe("a request");
    expect(asked).toEqual(["node:http"]);
  });
});
