/** The package as its users get it: packed, installed into an empty folder, and used from there. */

import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readProjectFile, repositoryRoot } from "./source-code.ts";

const INSTALL_TIMEOUT = 180_000;
const { version } = JSON.parse(readProjectFile("package.json"));

/** What V8 makes of a file of the command for this version of Node. */
const compiledFile = (pack: string, role: string) =>
  `dist/${pack}.${role}.${process.version}-${process.arch}.compiled`;

let folder: string;
let packedFiles: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dotlocald-package-"));
  node(repositoryRoot, join(repositoryRoot, "scripts/build.js"), "--if-stale");
  const [packed] = JSON.parse(
    npm(repositoryRoot, "pack", "--json", "--ignore-scripts", `--pack-destination=${folder}`),
  );
  packedFiles = packed.files.map(({ path }: { path: string }) => path);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${packed.filename}`);
}, INSTALL_TIMEOUT);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  test("holds the command, the library with its types, and the example services", () => {
    const expected = [
      ...["bin/dotlocal.js", "bin/package.json", "dist/cli.cjs", "dist/daemon.cjs"],
      ...[compiledFile("cli", "command"), compiledFile("daemon", "daemon")],
      ...["dist/lib/index.js", "dist/lib/index.d.ts", "dist/lib/wire.js", "dist/lib/wire.d.ts"],
      ...["schema/dotlocal.schema.json", "LICENSE", "README.md", "CHANGELOG.md"],
    ];
    expect(expected.filter((path) => !packedFiles.includes(path))).toEqual([]);
    expect(packedFiles.some((path) => path.startsWith("service-defs/examples/"))).toBe(true);
  });

  test("holds nothing that only the project needs", () => {
    const shipped =
      /^(bin|dist\/lib|man|schema|service-defs)\/[^.]|^dist\/[^.][^/]*\.(cjs|compiled)$|^(package\.json|LICENSE|[A-Z]+\.md)$/;
    expect(packedFiles.filter((path) => !shipped.test(path))).toEqual([]);
  });
});

describe("the installed command", () => {
  test("tells its version", async () => {
    expect(await npx("dotlocal", "--version")).toMatchObject({
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("runs with what V8 compiled for something else, and with nothing compiled", async () => {
    const compiled = join(folder, "node_modules/dotlocald", compiledFile("cli", "command"));
    writeFileSync(compiled, "compiled for another version");
    expect(await npx("dotlocal", "--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
    rmSync(compiled);
    expect(await npx("dotlocal", "--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  test("tells where a file is wrong, by line and column, and ends with 2", async () => {
    writeFileSync(join(folder, "broken.yaml"), "mdns:\n  mode: full\n  anouncements: 2\n");
    const { status, stdout, stderr } = await npx("dotlocal", "check", "broken.yaml");
    expect(status).toBe(2);
    expect(stdout + stderr).toMatch(/broken\.yaml:3:3\b.*announcements/);
  });
});

describe("the installed library", () => {
  test("is imported as an ES module", async () => {
    const program = `
      import { Browser, Resolver, Responder, lookup } from "dotlocald";
      import { Name } from "dotlocald/wire";
      console.log([Browser, Resolver, Responder, lookup].map((it) => typeof it).join());
      console.log(Name.parse("printer.local").labelCount);`;
    writeFileSync(join(folder, "program.js"), program);
    expect(await run(process.execPath, "program.js")).toEqual({
      status: 0,
      stdout: "function,function,function,function\n2\n",
      stderr: "",
    });
  });

  test("is used from TypeScript with its types", async () => {
    mkdirSync(join(folder, "typed"), { recursive: true });
    writeFileSync(
      join(folder, "typed/program.ts"),
      `import { request } from "node:http";
       import { lookup, Resolver } from "dotlocald";
       import { type Message, parseMessage } from "dotlocald/wire";
       export const resolver: Resolver = new Resolver();
       export const call = request({ host: "printer.local", lookup });
       const result = parseMessage(new Uint8Array(12), "mdns");
       export const message: Message | undefined = result.ok ? result.value : undefined;
       // @ts-expect-error: there is no such dialect.
       parseMessage(new Uint8Array(12), "smtp");`,
    );
    writeFileSync(
      join(folder, "typed/tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          ...{ module: "NodeNext", target: "ES2023", strict: true, noEmit: true },
          lib: ["ES2023", "ESNext.Disposable"],
          types: ["node"],
          typeRoots: [join(repositoryRoot, "node_modules/@types")],
        },
      }),
    );
    const tsc = join(repositoryRoot, "node_modules/typescript/bin/tsc");
    expect(await run(process.execPath, tsc, "-p", "typed")).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });
});

function node(cwd: string, ...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { cwd, encoding: "utf8" });
}

function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8" });
}

function npx(...args: readonly string[]) {
  return run("npx", "--no", "--offline", ...args);
}

/** Runs a program in the folder that the package is installed in. */
function run(file: string, ...args: readonly string[]) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    execFile(file, args, { cwd: folder, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
