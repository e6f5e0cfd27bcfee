/**
 * `npm start`: installs and builds where needed, then becomes the daemon, in this process, so that
 * signals reach it as they are sent. Further arguments go to `dotlocal daemon`.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { buildIfStale, installIfStale, root } from "./freshness.js";

try {
  installIfStale();
  buildIfStale("commands");
} catch {
  // The tool that failed has said why.
  process.exit(1);
}

const launcher = join(root, "bin/dotlocal.js");
const serviceDefinitions = join(root, "service-defs");
process.argv = [
  process.argv[0],
  launcher,
  "daemon",
  "--service-defs",
  serviceDefinitions,
  ...process.argv.slice(2),
];
const { end, main } = createRequire(import.meta.url)(launcher);
main(process.argv).then(end);
