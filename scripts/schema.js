/**
 * Writes the JSON Schemas of the configuration and of service definitions, and the description of the
 * control API, to schema/.
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
  stdin: {
    contents: `
      export { jsonSchemas } from "./src/config/json-schemas.ts";
      export { openApiFiles } from "./src/servers/control/openapi.ts";`,
    resolveDir: root,
  },
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "error",
});
const { jsonSchemas, openApiFiles } = await import(pathToFileURL(bundle));
const directory = join(root, "schema");
mkdirSync(directory, { recursive: true });
for (const [name, text] of Object.entries({ ...jsonSchemas(), ...openApiFiles() }))
  writeFileSync(join(directory, name), text);
