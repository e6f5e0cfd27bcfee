/** `dotlocal diagnose`: why names do not resolve on this host, each finding with its remedy. */

import { statSync } from "node:fs";
import { hostname } from "node:os";
import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import type { Configuration } from "../config/configuration.ts";
import { DotlocalError, EXIT_DONE, EXIT_NOT_ALLOWED } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { BoundSocket } from "../net/bound-socket.ts";
import { groupId } from "../net/group-id.ts";
import { findHolders, findPortHolders, type Holder } from "../net/port-holders.ts";
import { loadConfiguration } from "../runtime/configuration-source.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import { interfaceSelector } from "../runtime/interface-choice.ts";
import { Name } from "../wire/name.ts";
import {
  accessFinding,
  daemonFindings,
  hostNameFinding,
  mergedHolders,
  type PortUse,
  portFindings,
} from "./diagnosis/daemon-findings.ts";
import type { Finding, Severity } from "./diagnosis/finding.ts";
import { firewallFindings, readFirewallRules } from "./diagnosis/firewall.ts";
import {
  bridgeFindings,
  linkFindings,
  namesakeFindings,
  readBridges,
} from "./diagnosis/link-findings.ts";
import { nameServiceFindings, readNameServiceFacts } from "./diagnosis/name-service.ts";
import { runSelfTest, type Trial } from "./diagnosis/self-test.ts";
import type { LookupOptions } from "./options.ts";

export interface DiagnoseOptions extends LookupOptions {
  /** false: `--no-color`. */
  readonly color?: boolean;
}

/** Milliseconds in which others answer: RFC 6762 §6 lets them wait, and some are slow. */
const WAIT = 2200;

const STATUS_TIMEOUT = 3000;

const COLORS: Readonly<Record<Severity, string>> = {
  problem: "\u001b[31m",
  warning: "\u001b[33m",
  note: "\u001b[36m",
  ok: "\u001b[32m",
};
const RESET = "\u001b[0m";

/** Exit status 3 when a problem was found; warnings are none. */
export async function diagnoseCommand(options: DiagnoseOptions): Promise<number> {
  const findings = await diagnose(options);
  const shown = options.verbose || options.json ? findings : findings.filter(isTelling);
  const write = options.json ? findingJson : findingText(hasColor(options));
  for (const finding of shown) process.stdout.write(`${write(finding)}\n`);
  if (!options.json && shown.length === 0)
    process.stdout.write("nothing found that is in the way\n");
  return findings.some(({ severity }) => severity === "problem") ? EXIT_NOT_ALLOWED : EXIT_DONE;
}

async function diagnose(options: DiagnoseOptions): Promise<readonly Finding[]> {
  const { configuration } = await loadConfiguration(options.config, {
    interfaces: options.interface,
    ipv4Only: options["4"],
    ipv6Only: options["6"],
  });
  const status = await daemonStatus(options);
  const isRunning = !(status instanceof DotlocalError);
  const ports = await portUses(isRunning ? status : undefined);
  const label = (configuration.hostname ?? hostname()).split(".")[0]!;
  const [rules, selfTest] = await Promise.all([
    readFirewallRules(),
    runSelfTest({
      select: interfaceSelector(configuration),
      channels: configuration.llmnr.mode === "off" ? ["mdns"] : ["mdns", "llmnr"],
      hostName: hostNameOf(label),
      wait: options.timeout ?? WAIT,
    }),
  ]);
  const links = [...new Set(selfTest.trials.map(({ link }) => link))];
  return sorted([
    ...daemonFindings(status),
    ...(isRunning ? [accessFinding(configuration.control, mayPublish(configuration))] : []),
    ...linkFindings(selfTest),
    ...bridgeFindings(readBridges(links)),
    ...portFindings(
      ports.map((use) => ({ ...use, isExclusive: isExclusive(use, selfTest.trials) })),
    ),
    ...firewallFindings(rules),
    ...nameServiceFindings(readNameServiceFacts(stubAddresses(configuration, status), isRunning)),
    ...(isRunning ? [] : namesakeFindings(selfTest.trials, `${label}.local`)),
    hostNameFinding(configuration.hostname ?? hostname()),
  ]);
}

async function daemonStatus({ socket }: DiagnoseOptions): Promise<DaemonStatus | DotlocalError> {
  const daemon = new DaemonConnection(findControlSocket(socket));
  try {
    const signal = AbortSignal.timeout(STATUS_TIMEOUT);
    return await daemon.call<DaemonStatus>({ method: "GET", path: "/v1/status", signal });
  } catch (error) {
    if (error instanceof DotlocalError) return error;
    throw error;
  }
}

/** What other programs than the daemon hold. */
async function portUses(
  daemon: DaemonStatus | undefined,
): Promise<readonly Omit<PortUse, "isExclusive">[]> {
  const ports = [
    { port: 5353, protocol: "udp" },
    { port: 5355, protocol: "udp" },
    { port: 5355, protocol: "tcp" },
  ] as const;
  return Promise.all(
    ports.map(async ({ port, protocol }) => {
      const holders = await othersAt(findPortHolders(protocol, port), daemon?.process.pid);
      const told = port === 5353 ? (daemon?.portHolders ?? []) : [];
      return { port, protocol, holders: mergedHolders(holders, told) };
    }),
  );
}

/**
 * Where the daemon's own sockets are not to be seen either, those that may be its own are left out:
 * whom it shares the port with it tells itself.
 */
async function othersAt(
  sockets: readonly BoundSocket[],
  daemon: number | undefined,
): Promise<readonly Holder[]> {
  const all = await findHolders(sockets);
  const others = all.filter(({ pid }) => pid !== daemon);
  if (daemon === undefined || others.length < all.length) return others;
  const users = [0, statSync(`/proc/${daemon}`, { throwIfNoEntry: false })?.uid];
  return findHolders(sockets.filter(({ uid }) => !users.includes(uid)));
}

function isExclusive(
  { port, protocol }: Pick<PortUse, "port" | "protocol">,
  trials: readonly Trial[],
): boolean {
  const channel = port === 5353 ? "mdns" : "llmnr";
  const isRefused = ({ failure }: Trial): boolean => failure?.includes("EADDRINUSE") === true;
  return protocol === "udp" && trials.some((t) => t.channel === channel && isRefused(t));
}

function stubAddresses(
  { resolver }: Configuration,
  status: DaemonStatus | DotlocalError,
): readonly string[] {
  const configured = resolver.stub.listen.map(({ address }) => address);
  if (status instanceof DotlocalError) return configured;
  return [...configured, ...status.stub.places.map(({ address }) => address)];
}

/** As the daemon decides it: its user, root, the group. */
function mayPublish({ control }: Configuration): boolean {
  if (control.publish === "everyone" || process.getuid?.() === 0) return true;
  const group = groupId(control.group);
  return process.getgroups?.().some((own) => own === group) ?? true;
}

function hostNameOf(label: string): Name {
  const name = Name.tryParse(`${label}.local`);
  return typeof name === "string" ? Name.parse("localhost.local") : name;
}

const ORDER: readonly Severity[] = ["problem", "warning", "note", "ok"];

function sorted(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

function isTelling({ severity }: Finding): boolean {
  return severity === "problem" || severity === "warning";
}

function hasColor({ color }: DiagnoseOptions): boolean {
  return process.stdout.isTTY === true && color !== false && process.env["NO_COLOR"] === undefined;
}

function findingJson(finding: Finding): string {
  return JSON.stringify(finding);
}

function findingText(isColored: boolean): (finding: Finding) => string {
  return ({ severity, what, remedy }) => {
    const word = isColored ? `${COLORS[severity]}${severity}${RESET}` : severity;
    const line = `${word}: ${printable(what)}`;
    return remedy === null ? line : `${line}\n  remedy: ${printable(remedy)}`;
  };
}
