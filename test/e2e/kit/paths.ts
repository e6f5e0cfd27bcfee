/** Where things are that the end-to-end tests start: this checkout and the unpacked peers. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const repositoryRoot = resolve(import.meta.dirname, "../../..");

/** Peers that must not be installed are unpacked here by `npm run test:setup`. */
export const peersRoot = process.env["DOTLOCAL_PEERS"] ?? join(homedir(), ".cache/dotlocald-peers");

/** Directories that `PATH` lacks for people who are not root. */
export const systemPath = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
