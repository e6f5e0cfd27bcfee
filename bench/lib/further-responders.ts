/** Responders that only some benchmarks compare with, and programs that do the least there is to do. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../../test/e2e/kit/lan.ts";
import { peersRoot } from "../../test/e2e/kit/paths.ts";
import { Avahi } from "../../test/e2e/kit/peers/avahi.ts";
import { Resolved } from "../../test/e2e/kit/peers/resolved.ts";
import type { RunningProcess } from "../../test/e2e/kit/process.ts";
import type { ResponderKind } from "./responders.ts";

/** The working directory: `npm run bench` runs at the root of the checkout. */
const root = process.cwd();

export const resolvedKind: ResponderKind = {
  name: "systemd-resolved",
  isInstalled: existsSync(join(peersRoot, ".unpacked-systemd-resolved")),
  start: async (host) => {
    const resolved = await Resolved.start(host);
    await resolved.control("log-level", "info");
    return resolved.process;
  },
};

/** With the limit of 1,000 packets a second that it is shipped with. */
export const limitedAvahiKind: ResponderKind = {
  name: "avahi, as shipped",
  isInstalled: existsSync("/usr/sbin/avahi-daemon"),
  start: async (host) => {
    const server = ["[server]", `host-name=${host.name}`, "use-ipv4=yes", "use-ipv6=yes"];
    const limits = ["ratelimit-interval-usec=1000000", "ratelimit-burst=1000"];
    const configuration = [...server, ...limits, ""].join("\n");
    return (await Avahi.start(host, { configuration })).process;
  },
};

export const ciaoKind: ResponderKind = {
  name: "ciao",
  isInstalled: existsSync(join(root, "node_modules/@homebridge/ciao")),
  start: startCiao,
};

/** Joins the group and counts what it hears. */
export const countingKind = minimalKind("Node that counts", "counting.mjs");

/** Joins the group and answers every query with the same octets. */
export const fixedAnswerKind = minimalKind("Node, fixed answer", "fixed-answer.mjs");

function minimalKind(name: string, script: string): ResponderKind {
  return {
    name,
    isInstalled: true,
    start: async (host) => {
      const path = join(root, "bench/peers", script);
      const peer = host.spawn(process.execPath, [path, `${host.name}.local`, host.address]);
      await peer.line(/ready/);
      return peer;
    },
  };
}

async function startCiao(host: Host): Promise<RunningProcess> {
  // It takes what it hears by loopback over IPv6 for another host's, and would probe without end.
  await host.output("sysctl", ["-q", "-w", "net.ipv6.conf.lo.disable_ipv6=1"]);
  const script = join(root, "test/e2e/kit/peers/ciao.mjs");
  const peer = host.spawn(process.execPath, [script, host.link.name]);
  await peer.line(/ready/);
  const register = { name: "Web of ciao", type: "http", port: 80, hostname: host.name };
  peer.write(`${JSON.stringify({ register })}\n`);
  await peer.line(/registered/);
  return peer;
}
