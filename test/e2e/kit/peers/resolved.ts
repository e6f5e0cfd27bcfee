/**
 * systemd-resolved on a host of its own, unpacked and not installed: an mDNS and LLMNR responder and
 * resolver. Nobody manages the links there, so mDNS is switched on for each after the start.
 */

import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../lan.ts";
import { peersLibraryPath, peersRoot } from "../paths.ts";
import type { RunningProcess, RunResult } from "../process.ts";
import { startDbus } from "./dbus.ts";

export interface ResolvedOptions {
  /** The `[Resolve]` section of resolved.conf. Default: mDNS and LLMNR on, no name servers. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What it is told of services: names of files (`NAME.dnssd`) to their text. */
  readonly services?: Readonly<Record<string, string>>;
}

const DEFAULT_SETTINGS = {
  MulticastDNS: "yes",
  LLMNR: "yes",
  DNS: "",
  FallbackDNS: "",
  DNSStubListener: "no",
};

/** It takes its policy from here. */
const BUS_POLICY = "org.freedesktop.resolve1.conf";
const USER = "systemd-resolve";

export class Resolved implements AsyncDisposable {
  readonly host: Host;
  readonly process: RunningProcess;

  private constructor(host: Host, process: RunningProcess) {
    this.host = host;
    this.process = process;
  }

  /** What its package brings before it is ever started: its user, and what it may do on the bus. */
  static install(host: Host): void {
    installBusPolicy(host);
    addUser(host);
  }

  /** Resolves once it has established the host's name, where it does mDNS. */
  static async start(host: Host, options: ResolvedOptions = {}): Promise<Resolved> {
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    host.writeFile("/etc/systemd/resolved.conf", `[Resolve]\n${lines.join("\n")}\n`);
    for (const [name, text] of Object.entries(options.services ?? {})) {
      host.writeFile(`/etc/systemd/dnssd/${name}.dnssd`, text);
    }
    Resolved.install(host);
    await startDbus(host);
    await host.output("mkdir", ["-p", "/run/systemd"]);
    const daemon = host.spawn(join(peersRoot, "lib/systemd/systemd-resolved"), [], {
      // It tells of successful probes only at this level.
      env: { ...environment(), SYSTEMD_LOG_LEVEL: "debug" },
    });
    await daemon.line(/Using system hostname/);
    const resolved = new Resolved(host, daemon);
    if (settings.MulticastDNS === "yes") await resolved.#startMdns();
    return resolved;
  }

  /** `resolvectl`, e.g. `control("query", "printer.local")`. */
  control(...args: readonly string[]): Promise<RunResult> {
    return this.host.run(join(peersRoot, "usr/bin/resolvectl"), ["--no-pager", ...args], {
      env: environment(),
    });
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startMdns(): Promise<void> {
    for (const { name } of this.host.links) {
      const { status, stderr } = await this.control("mdns", name, "yes");
      if (status !== 0) throw new Error(`resolvectl mdns ${name} yes: ${stderr}`);
    }
    await this.process.line(/Record \S+\.local IN A .*successfully probed/);
  }
}

/** The unpacked private library must match the unpacked programs. */
function environment(): Record<string, string> {
  return {
    LD_LIBRARY_PATH: peersLibraryPath,
    SYSTEMD_LOG_TARGET: "console",
  };
}

function installBusPolicy(host: Host): void {
  const folder = host.namespace.path("/etc/dbus-1/system.d");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(peersRoot, "usr/share/dbus-1/system.d", BUS_POLICY), join(folder, BUS_POLICY));
}

/** The user that it becomes, in the host's own /etc/passwd. */
function addUser(host: Host): void {
  const existing = host.readFile("/etc/passwd");
  if (existing.includes(`${USER}:`)) return;
  host.writeFile("/etc/passwd", `${existing}${USER}:x:991:991::/:/usr/sbin/nologin\n`);
  host.writeFile("/etc/group", `${host.readFile("/etc/group")}${USER}:x:991:\n`);
}
