/** Fuzzes the message codec without end: `npm run fuzz -- [SEED]`. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const entry = join(root, "test/wire/fuzz-endless.ts");

const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  define: { "import.meta.url": JSON.stringify(pathToFileURL(entry).href) },
  write: false,
  logLevel: "error",
});
const args = ["--input-type=module", "-", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, {
  input: outputFiles[0].text,
  stdio: ["pipe", "inherit", "inherit"],
});
process.exitCode = status ?? 0;
