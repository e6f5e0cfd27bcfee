/**
 * Writes the JSON Schemas of the configuration and of service definitions to schema/.
 * `node scripts/schema.js`
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = join(root, "dist", "schema", "json-schemas.mjs");

await build({
  absWorkingDir: root,
  entryPoints: ["src/config/json-schemas.ts"],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "error",
});
const { jsonSchemas } = await import(pathToFileURL(bundle));
const directory = join(root, "schema");
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries(jsonSchemas()))
  writeFileSync(join(directory, name), text);
