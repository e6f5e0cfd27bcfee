/** What benchmarks ran on: the machine, and the versions of the peers beside us. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, homedir, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const unpacked = process.env["DOTLOCAL_PEERS"] ?? join(homedir(), ".cache/dotlocald-peers");
const libraries = ["lib", "usr/lib"]
  .map((folder) =>
    join(unpacked, folder, `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`),
  )
  .join("/systemd:");

const environment = {
  ...process.env,
  PATH: `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`,
  LD_LIBRARY_PATH: `${libraries}/systemd`,
};

/** Programs that tell their version, and how; the first number in what they print is it. */
const programs = {
  "avahi-daemon": ["avahi-daemon", "--version"],
  "systemd-resolved": [join(unpacked, "lib/systemd/systemd-resolved"), "--version"],
  dnsmasq: ["dnsmasq", "--version"],
  unbound: ["unbound", "-V"],
  "python-zeroconf": ["/usr/bin/python3", "-c", "import zeroconf; print(zeroconf.__version__)"],
  dnsperf: ["dnsperf", "-h"],
};

const packages = ["multicast-dns", "bonjour-service", "@homebridge/ciao", "dns-packet"];

/** A table in Markdown. */
export function environmentTable() {
  const rows = [
    ["processor", processor()],
    ["kernel", `Linux ${release()}`],
    ["Node", process.version],
    ...Object.entries(programs).map(([name, command]) => [name, programVersion(command)]),
    ...packages.map((name) => [name, packageVersion(name)]),
  ];
  const lines = rows.map(([name, value]) => `| ${name} | ${value} |`);
  return ["# machine and peers", "| | |", "|---|---|", ...lines].join("\n");
}

function processor() {
  const cores = cpus();
  return `${cores[0]?.model ?? process.arch}, ${cores.length} cores`;
}

function programVersion([command, ...options]) {
  const told = spawnSync(command, options, { encoding: "utf8", env: environment });
  if (told.status !== 0) return "absent";
  return /\d+(\.\d+)*/.exec(told.stdout + told.stderr)?.[0] ?? "of unknown version";
}

function packageVersion(name) {
  try {
    return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8"))
      .version;
  } catch {
    return "absent";
  }
}
