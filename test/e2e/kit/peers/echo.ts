/** A host that sends every multicast mDNS packet back some time later (echo.py beside this file). */

import { join } from "node:path";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

export interface EchoOptions {
  /** `reflect`: from its own address. `replay`: with the IP address of whoever sent it first. */
  readonly mode: "reflect" | "replay" | "both";
  /** Milliseconds: the shortest and the longest delay. Default 50 to 2000. */
  readonly delays?: readonly [number, number];
}

export class Echo {
  readonly process: RunningProcess;

  private constructor(process: RunningProcess) {
    this.process = process;
  }

  /** Resolves once it hears the group. */
  static async start(host: Host, { mode, delays = [50, 2000] }: EchoOptions): Promise<Echo> {
    const script = join(import.meta.dirname, "echo.py");
    const args = [script, host.link.name, mode, ...delays.map(String)];
    const process = host.spawn("/usr/bin/python3", args);
    await process.line(/"echoes"/);
    return new Echo(process);
  }

  /** How many packets it has sent back, as of the last second. */
  get echoes(): number {
    return JSON.parse(this.process.lines.at(-1)!).echoes;
  }
}

/** Lets packets in that come with the host's own address, which Linux otherwise drops over IPv4. */
export async function acceptOwnAddresses(host: Host): Promise<void> {
  const settings = ["all", host.link.name].map((name) => `net.ipv4.conf.${name}.accept_local=1`);
  await host.output("sysctl", ["-q", "-w", ...settings]);
}
