/** What the daemon says of itself, and who else on this host does the same. */

import { DotlocalError } from "../../core/errors.ts";
import { type Holder, holderName } from "../../net/port-holders.ts";
import type { DaemonStatus } from "../../runtime/daemon-status.ts";
import { type Finding, fine, note, problem, warning } from "./finding.ts";

/** Another program at a port of ours. */
export interface PortUse {
  readonly port: 5353 | 5355;
  readonly protocol: "udp" | "tcp";
  /** Nobody else can use the port beside it. */
  readonly isExclusive: boolean;
  readonly holders: readonly Holder[];
}

/** How to end the programs that are met most often; by the user of a program that is not seen. */
const REMEDIES: Readonly<Record<string, string>> = {
  avahi: "systemctl disable --now avahi-daemon.socket avahi-daemon.service",
  "systemd-resolve": "set MulticastDNS=no and LLMNR=no in /etc/systemd/resolved.conf, restart it",
  mdnsd: "systemctl disable --now mdnsd",
};

const PORT_REMEDY = "end it, or leave both as they are: multicast is shared";

/** A status, or why there is none. */
export function daemonFindings(status: DaemonStatus | DotlocalError): readonly Finding[] {
  if (status instanceof DotlocalError) return [absence(status)];
  const { host, process, warnings } = status;
  const names = host.names.map(({ label, state }) => `${label}.local ${state}`);
  return [
    fine("daemon", `running as process ${process.pid}: ${[...new Set(names)].join(", ")}`),
    ...(host.mdnsMode === "off"
      ? [problem("daemon", "mDNS is switched off (mdns.mode)", "set mdns.mode to full or resolve")]
      : []),
    // Who shares the port is looked at by ourselves, with remedies.
    ...warnings
      .filter((text) => !text.includes("holds UDP port 5353 too"))
      .map((text) => warning("daemon", text, "see dotlocal status and the daemon's log")),
  ];
}

function absence({ code, message }: DotlocalError): Finding {
  if (code === "NO_DAEMON") {
    const what = "no daemon runs: this host has no name on the links, and publishes nothing";
    return warning("daemon", what, 'start one with "dotlocal daemon", or name its --socket');
  }
  const remedy = "ask as root, or as a member of the group that control.group names";
  return warning("daemon", `the daemon does not tell its status: ${message}`, remedy);
}

/** Whether this user may publish. */
export function accessFinding(
  configured: { readonly publish: "group" | "everyone"; readonly group: string },
  mayPublish: boolean,
): Finding {
  if (mayPublish) return fine("access", "you may publish through the daemon");
  const what = `you may look up, and not publish: you are not in the group ${configured.group}`;
  return note("access", what, `usermod --append --groups ${configured.group} USER, or ask as root`);
}

export function portFindings(uses: readonly PortUse[]): readonly Finding[] {
  return uses.flatMap(({ port, protocol, isExclusive, holders }) => {
    const held = `${protocol.toUpperCase()} port ${port}`;
    return holders.map((holder) => {
      const known = remedyOf(holder);
      if (isExclusive) {
        const alone = `${holderName(holder)} holds ${held} for itself alone`;
        return problem("ports", alone, known ?? "end it: mDNS and LLMNR need to share ports");
      }
      const what = `${holderName(holder)} holds ${held} too: ${consequence(port, protocol)}`;
      return warning("ports", what, known ?? PORT_REMEDY);
    });
  });
}

/** Those we see and those the daemon tells of, each once, by whoever knows its program. */
export function mergedHolders(seen: readonly Holder[], told: readonly Holder[]): readonly Holder[] {
  const known = seen.filter(({ pid }) => pid !== null);
  const more = told.filter(({ pid, user }) =>
    known.every((one) => (pid === null ? one.user !== user : one.pid !== pid)),
  );
  const hidden = seen.filter(
    ({ pid, user }) => pid === null && more.every((one) => one.user !== user),
  );
  return [...known, ...more, ...hidden];
}

function remedyOf({ name, user }: Holder): string | undefined {
  const seen = name ?? user;
  const known = Object.entries(REMEDIES).find(([start]) => seen.startsWith(start))?.[1];
  if (name !== null) return known;
  const look = "ask as root to see which program it is";
  return known === undefined ? look : `${look}; if it is the one of that name: ${known}`;
}

function consequence(port: number, protocol: string): string {
  if (port === 5353) return "unicast answers reach only one of the two";
  if (protocol === "tcp") return "long LLMNR answers are its own alone";
  return "it answers LLMNR too";
}

/** What the operating system calls this host. */
export function hostNameFinding(hostName: string): Finding {
  const label = hostName.split(".")[0]!;
  if (label !== "" && !/^localhost$/i.test(label)) return fine("name", `this host is ${label}`);
  const what = `the operating system calls this host "${hostName}", as every other`;
  return warning(
    "name",
    what,
    "set one: hostnamectl set-hostname NAME, or hostname: in dotlocal.yaml",
  );
}
