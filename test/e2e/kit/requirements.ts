/**
 * `describeEndToEnd`: a suite that runs only where what it needs is there.
 *
 * Where something is missing, the suite is skipped with one line that says what and how to get it;
 * with DOTLOCAL_REQUIRE_E2E=1, as in CI, it fails instead.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { peersRoot, repositoryRoot, systemPath } from "./paths.ts";

const PROBES = {
  root: () => process.geteuid?.() === 0,
  /** Network, mount and process namespaces may be made. */
  netns: () => succeeds("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "true"),
  "avahi-daemon": () => hasCommand("avahi-daemon") && hasCommand("dbus-daemon"),
  "avahi-utils": () => hasCommand("avahi-browse"),
  systemd: () => existsSync("/lib/systemd/systemd") && existsSync("/usr/bin/dpkg-deb"),
  "systemd-resolved": () =>
    existsSync(join(peersRoot, ".unpacked-systemd-resolved")) && hasCommand("dbus-daemon"),
  "libnss-resolve": () => existsSync(join(peersRoot, ".unpacked-libnss-resolve")),
  "libnss-mdns": () => existsSync(join(peersRoot, ".unpacked-libnss-mdns")),
  "dbus-daemon": () => hasCommand("dbus-daemon"),
  llmnrd: () => hasCommand("llmnrd"),
  named: () => hasCommand("named"),
  dig: () => hasCommand("dig"),
  dnsperf: () => hasCommand("dnsperf"),
  dnsmasq: () => hasCommand("dnsmasq"),
  unbound: () => hasCommand("unbound"),
  tshark: () => hasCommand("tshark"),
  tcpdump: () => hasCommand("tcpdump"),
  nft: () => hasCommand("nft"),
  ping: () => hasCommand("ping"),
  gcc: () => hasCommand("gcc") && existsSync("/usr/include/fcntl.h"),
  python3: () => existsSync("/usr/bin/python3"),
  "python3-zeroconf": () => existsSync("/usr/lib/python3/dist-packages/zeroconf"),
  ciao: () => existsSync(join(repositoryRoot, "node_modules/@homebridge/ciao")),
  "bonjour-service": () => existsSync(join(repositoryRoot, "node_modules/bonjour-service")),
} satisfies Record<string, () => boolean>;

export type Requirement = keyof typeof PROBES;

const results = new Map<Requirement, boolean>();

export function isAvailable(requirement: Requirement): boolean {
  let result = results.get(requirement);
  if (result === undefined) {
    result = PROBES[requirement]();
    results.set(requirement, result);
  }
  return result;
}

export interface Conditions {
  readonly needs?: readonly Requirement[];
  /** Its tests run beside each other and beside those of other such suites: mostly they wait. */
  readonly concurrent?: boolean;
}

/** A suite in namespaces: always needs root and namespaces, and what `needs` lists besides. */
export function describeEndToEnd(
  title: string,
  { needs = [], concurrent = false }: Conditions,
  body: () => void,
): void {
  const all: readonly Requirement[] = ["root", "netns", ...needs];
  const missing = all.filter((requirement) => !isAvailable(requirement));
  if (missing.length === 0) {
    describe(title, { concurrent }, body);
    return;
  }
  const reason = `missing ${missing.join(", ")}; \`npm run test:setup\` as root installs it`;
  if (process.env["DOTLOCAL_REQUIRE_E2E"] === "1") {
    describe(title, () => {
      test("has what it needs", () => {
        throw new Error(reason);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${title}: ${reason}\n`);
  describe.skip(title, body);
}

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function hasCommand(command: string): boolean {
  return systemPath.split(":").some((folder) => folder !== "" && existsSync(join(folder, command)));
}
