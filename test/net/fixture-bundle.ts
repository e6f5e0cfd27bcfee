/** Bundles fixtures, which run as programs of their own: Node alone reads no TypeScript. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

/** Inside the package, so that the bundles find its dependencies. */
const PARENT = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
const FIXTURES = fileURLToPath(new URL("./fixtures/", import.meta.url));

export class FixtureBundles {
  #directory: string | undefined;

  /** The path of a fixture's bundle; with `external`, all but those packages are inside it. */
  build(fixture: string, format: "esm" | "cjs" = "esm", external?: string[]): string {
    this.#directory ??= makeDirectory();
    const outfile = `${this.#directory}/${fixture}.${format === "esm" ? "mjs" : "cjs"}`;
    buildSync({
      entryPoints: [`${FIXTURES}${fixture}.ts`],
      outfile,
      bundle: true,
      platform: "node",
      format,
      ...(external === undefined ? { packages: "external" } : { external }),
      logLevel: "error",
    });
    return outfile;
  }

  remove(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true });
  }
}

function makeDirectory(): string {
  mkdirSync(PARENT, { recursive: true });
  const directory = mkdtempSync(`${PARENT}net-`);
  // A fixture may run as another user.
  chmodSync(directory, 0o755);
  return directory;
}
