/**
 * Writes the manual pages to man/ and the sample configuration to packaging/, from the same source
 * as `--help` and the JSON Schema. `npm run man`
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { root } from "./freshness.js";

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const bundle = join(root, "dist/.man/manual.mjs");

await build({
  absWorkingDir: root,
  entryPoints: ["src/cli/manual/manual.ts"],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  define: { DOTLOCAL_VERSION: JSON.stringify(version) },
  logLevel: "error",
});
const { manualFiles } = await import(pathToFileURL(bundle));
for (const [path, text] of Object.entries(manualFiles())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
