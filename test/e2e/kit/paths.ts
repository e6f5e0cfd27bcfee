/** Where things are that the end-to-end tests start: this checkout and the unpacked peers. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const repositoryRoot = resolve(import.meta.dirname, "../../..");

/** Peers that must not be installed are unpacked here by `npm run test:setup`. */
export const peersRoot = process.env["DOTLOCAL_PEERS"] ?? join(homedir(), ".cache/dotlocald-peers");

/** Folders of the unpacked peers' libraries, for `LD_LIBRARY_PATH`: private ones and NSS modules. */
export const peersLibraryPath = ["lib", "usr/lib"]
  .map((folder) =>
    join(peersRoot, folder, `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`),
  )
  .flatMap((folder) => [folder, join(folder, "systemd")])
  .join(":");

/** Directories that `PATH` lacks for people who are not root. */
export const systemPath = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
