import { expect, test } from "vitest";
import { SourceFile } from "./source-code.ts";

const CLOCKS = new Set(["Date", "process", "Math.random", "Promise"]);

function globals(text: string): readonly string[] {
  return new SourceFile("src/core/sample.ts", text).globalsUsed(CLOCKS);
}

test("imports of every form are found, with the file they lead to", () => {
  const source = new SourceFile(
    "src/mdns/sample.ts",
    `import type { A } from "../core/a.ts";
     import fs from "node:fs";
     export * from "./b.ts";
     export { c } from "./c.ts";
     type D = import("../wire/d.ts").D;
     const e = () => import("yaml");
     // import "./comment.ts";`,
  );
  expect(source.imports.map(({ specifier, path }) => path ?? specifier)).toEqual([
    "src/core/a.ts",
    "node:fs",
    "src/mdns/b.ts",
    "src/mdns/c.ts",
    "src/wire/d.ts",
    "yaml",
  ]);
  expect(source.imports.filter(({ isDynamic }) => isDynamic)).toHaveLength(1);
});

test("globals are found as values and as types", () => {
  expect(globals("const a = Date.now(), b = Math.random();")).toEqual(["Date", "Math.random"]);
  expect(globals("function f(a: Promise<Date>) {}")).toEqual(["Promise", "Date"]);
  expect(globals("const a = { process };")).toEqual(["process"]);
});

test("comments, strings, properties and the file's own variables are no globals", () => {
  expect(globals('/* Date */ const a = "Date", b = { Date: 1 }, c = b.Date;')).toEqual([]);
  expect(globals("class A { process(): void {} }")).toEqual([]);
  expect(globals("for (const process of []) { process.kill(); }")).toEqual([]);
});

test("asynchronous code is found in each of its forms", () => {
  const usesAsync = (text: string) => new SourceFile("a.ts", text).usesAsync;
  expect(usesAsync("async function f() {}")).toBe(true);
  expect(usesAsync("class A { async f() {} }")).toBe(true);
  expect(usesAsync("await 1;")).toBe(true);
  expect(usesAsync("for await (const a of b) {}")).toBe(true);
  expect(usesAsync("function f() { return { async: 1 }; }")).toBe(false);
});
