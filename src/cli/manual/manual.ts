/** The manual and the sample configuration; `scripts/man.js` writes them. */

import { createProgram } from "../program.ts";
import { commandPage, daemonPage } from "./command-pages.ts";
import { configurationPage, configurationSample } from "./configuration-page.ts";

/** Path in the repository to text. */
export function manualFiles(): Readonly<Record<string, string>> {
  const program = createProgram();
  return {
    "man/dotlocal.1": commandPage(program),
    "man/dotlocal.yaml.5": configurationPage(),
    "man/dotlocal-daemon.8": daemonPage(program),
    "packaging/dotlocal.yaml": configurationSample(),
  };
}
