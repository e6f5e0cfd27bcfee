/** Whether the links can be used, and whether multicast passes on them. */

import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { NetworkInterface } from "../../net/network-interface.ts";
import { type Finding, fine, note, problem, warning } from "./finding.ts";
import type { SelfTest, Trial } from "./self-test.ts";

const PROTOCOLS = { mdns: "mDNS", llmnr: "LLMNR" } as const;
const PORTS = { mdns: 5353, llmnr: 5355 } as const;
const FAMILY_NAMES = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** How a bridge between this host and the link treats multicast. */
export interface Bridge {
  readonly link: string;
  readonly bridge: string;
  readonly hasSnooping: boolean;
  readonly hasQuerier: boolean;
}

export function linkFindings({ interfaces, trials }: SelfTest): readonly Finding[] {
  if (trials.length === 0) return [withoutLink(interfaces)];
  const links = [...new Set(trials.map(({ link }) => link))];
  return [
    fine("links", `using ${links.join(", ")}`),
    ...trials.flatMap(trialFindings),
    ...links.map((link) =>
      audience(
        link,
        trials.filter((trial) => trial.link === link),
      ),
    ),
  ];
}

function withoutLink(interfaces: readonly NetworkInterface[]): Finding {
  const others = interfaces.filter(({ loopback }) => !loopback);
  const seen = others.map(({ name, ...rest }) => `${name} ${shortcoming(rest)}`).join(", ");
  const what = `no usable link: ${seen === "" ? "this host has loopback alone" : seen}`;
  return problem("links", what, "bring an interface up, or name it in interfaces.allow");
}

function shortcoming(candidate: Omit<NetworkInterface, "name">): string {
  if (!candidate.up) return "is down";
  if (!candidate.carrier) return "has no carrier";
  if (candidate.addresses.length === 0) return "has no address";
  if (!candidate.multicast) return "takes no multicast";
  return "is denied by the configuration";
}

function trialFindings(trial: Trial): readonly Finding[] {
  const { channel, link, family, failure, cameBack } = trial;
  const what = `${PROTOCOLS[channel]} on ${link} (${FAMILY_NAMES[family]})`;
  if (failure !== undefined) {
    return [sendProblem(trial, `${what}: the test packet cannot be sent or heard: ${failure}`)];
  }
  if (cameBack) return [fine("multicast", `${what}: the test packet left and came back`)];
  const remedy =
    `look for a firewall that drops UDP port ${PORTS[channel]}, in or out ` +
    "(diagnose as root shows its rules)";
  const sentence = `${what}: the test packet did not come back`;
  return [channel === "mdns" ? problem("multicast", sentence, remedy) : notHeard(sentence, remedy)];
}

/** LLMNR only helps where mDNS does not do. */
function notHeard(what: string, remedy: string): Finding {
  return warning("multicast", what, remedy);
}

function sendProblem({ channel, failure }: Trial, what: string): Finding {
  const isHeld = failure?.includes("EADDRINUSE");
  const remedy = isHeld
    ? `end the program that holds UDP port ${PORTS[channel]} for itself alone (ss -ulpn)`
    : failure === "EPERM"
      ? "a firewall rule forbids it: allow it"
      : "see that the interface has multicast and a route for it";
  return problem("multicast", what, remedy);
}

/** Who else is there: silence is no fault, and often the first sign of one. */
function audience(link: string, trials: readonly Trial[]): Finding {
  const answerers = new Set(trials.flatMap((trial) => trial.answerers));
  if (answerers.size > 0) return fine("others", `${answerers.size} addresses answered on ${link}`);
  const remedy = existsSync(`/sys/class/net/${link}/wireless`)
    ? "if there should be others: access points often keep multicast from wireless clients (client " +
      "isolation, multicast filtering)"
    : "if there should be others: see whether a switch or a virtual network drops multicast";
  return note("others", `nobody else answered on ${link}`, remedy);
}

/** Hosts that have this host's name; with a daemon, its own status tells. */
export function namesakeFindings(trials: readonly Trial[], hostName: string): readonly Finding[] {
  const rivals = new Set(trials.flatMap(({ namesakes }) => namesakes));
  if (rivals.size === 0) return [];
  const what = `${hostName} belongs to ${[...rivals].join(", ")} on the link`;
  return [warning("name", what, "give one of the hosts another name (hostname)")];
}

/** RFC 4541: snooping forgets groups that nobody asks about. */
export function bridgeFindings(bridges: readonly Bridge[]): readonly Finding[] {
  return bridges
    .filter(({ hasSnooping, hasQuerier }) => hasSnooping && !hasQuerier)
    .map(({ link, bridge }) =>
      note(
        "bridge",
        `the bridge ${bridge} (${link}) filters multicast by IGMP snooping and has no querier of its own`,
        "without one elsewhere it may forget groups after some minutes: ip link set " +
          `${bridge} type bridge mcast_querier 1`,
      ),
    );
}

export function readBridges(links: readonly string[]): readonly Bridge[] {
  return links.flatMap((link) => {
    const folder = `/sys/class/net/${link}`;
    const bridge = existsSync(`${folder}/bridge`) ? link : bridgeOf(folder);
    if (bridge === undefined) return [];
    const setting = (name: string): boolean =>
      readFlag(`/sys/class/net/${bridge}/bridge/multicast_${name}`);
    return [{ link, bridge, hasSnooping: setting("snooping"), hasQuerier: setting("querier") }];
  });
}

function bridgeOf(folder: string): string | undefined {
  try {
    return basename(readlinkSync(`${folder}/brport/bridge`));
  } catch {
    return undefined;
  }
}

function readFlag(path: string): boolean {
  try {
    return readFileSync(path, "utf8").trim() === "1";
  } catch {
    return false;
  }
}
