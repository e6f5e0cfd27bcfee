/**
 * Firewall rules that stop mDNS or LLMNR, from what `nft list ruleset` and `iptables-save` print. A
 * reading of rules, not a simulation: what a rule without a port does is not followed.
 */

import { execFile } from "node:child_process";
import { type Finding, fine, note, problem, warning } from "./finding.ts";

export interface FirewallRules {
  /** What `nft list ruleset` printed; undefined: there is none, or we may not look. */
  readonly nft: string | undefined;
  /** What `iptables-save` and `ip6tables-save` printed. */
  readonly iptables: string | undefined;
  /** A tool is there and refuses to tell. */
  readonly isRefused: boolean;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 5353: "mDNS", 5355: "LLMNR" };

const TOOLS_PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/** Milliseconds for a tool to tell its rules. */
const TOOL_TIMEOUT = 3000;

const OUTPUT_SIZE_MAX = 8_388_608;

/** A rule about a port, or a chain's policy where nothing says otherwise. */
interface Rule {
  readonly verdict: "accept" | "drop";
  readonly direction: "in" | "out";
  readonly text: string;
}

export function firewallFindings(rules: FirewallRules): readonly Finding[] {
  const { nft = "", iptables = "", isRefused } = rules;
  const found = Object.keys(PROTOCOLS).flatMap((port) => {
    const ofPort = [...nftRules(nft, Number(port)), ...iptablesRules(iptables, Number(port))];
    return portFindings(Number(port), ofPort, [...nftPolicies(nft), ...iptablesPolicies(iptables)]);
  });
  if (found.length > 0) return found;
  if (isRefused) {
    return [note("firewall", "the firewall's rules cannot be seen", "run diagnose as root")];
  }
  return [fine("firewall", "no rule stops ports 5353 and 5355")];
}

function portFindings(port: number, rules: readonly Rule[], policies: readonly Rule[]): Finding[] {
  const drop = rules.find(({ verdict }) => verdict === "drop");
  const protocol = `${PROTOCOLS[port]} (UDP port ${port})`;
  const remedy = remedyFor(port);
  if (drop !== undefined) {
    return [problem("firewall", `a rule stops ${protocol}: ${drop.text}`, remedy)];
  }
  return policies
    .filter(({ direction }) => !rules.some((rule) => rule.direction === direction))
    .filter(({ direction }, at, all) => all.findIndex((p) => p.direction === direction) === at)
    .map(({ direction, text }) => {
      const way = direction === "in" ? "comes in" : "goes out";
      return warning(
        "firewall",
        `whatever ${way} is dropped unless a rule allows it, and no rule allows ${protocol}: ${text}`,
        remedy,
      );
    });
}

function remedyFor(port: number): string {
  const service = port === 5353 ? "mdns" : "llmnr";
  return (
    `allow UDP port ${port} (ufw allow ${port}/udp; firewall-cmd --add-service=${service}; ` +
    `nft add rule inet filter input udp dport ${port} accept)`
  );
}

function nftRules(ruleset: string, port: number): Rule[] {
  let direction: Rule["direction"] = "in";
  const rules: Rule[] = [];
  for (const line of ruleset.split("\n").map((text) => text.trim())) {
    direction = nftHook(line) ?? direction;
    const matched = /\b(?:udp|th) (?:dport|sport) (\{[^}]*\}|[^ ]+)/.exec(line);
    const verdict = /\b(accept|drop|reject)\b/.exec(line.replace(/"[^"]*"/g, ""))?.[1];
    if (matched === null || verdict === undefined || !coversPort(matched[1]!, port)) continue;
    rules.push({ verdict: verdict === "accept" ? "accept" : "drop", direction, text: line });
  }
  return rules;
}

function nftPolicies(ruleset: string): Rule[] {
  return ruleset.split("\n").flatMap((line) => {
    const direction = nftHook(line);
    if (direction === undefined || !/\bpolicy drop\b/.test(line)) return [];
    return [{ verdict: "drop", direction, text: line.trim() }] as const;
  });
}

function nftHook(line: string): Rule["direction"] | undefined {
  const hook = /\btype filter hook (input|output)\b/.exec(line)?.[1];
  return hook === undefined ? undefined : hook === "input" ? "in" : "out";
}

function iptablesRules(saved: string, port: number): Rule[] {
  return saved.split("\n").flatMap((line) => {
    const chain = /^-A (\S+)/.exec(line)?.[1];
    const ports = /--(?:dports?|sports?) (\S+)/.exec(line)?.[1];
    const target = /-j (ACCEPT|DROP|REJECT)\b/.exec(line)?.[1];
    if (chain === undefined || ports === undefined || target === undefined) return [];
    if (/-p (?!udp)\S+/.test(line) || !coversPort(ports.replaceAll(":", "-"), port)) return [];
    const direction = /output/i.test(chain) ? "out" : "in";
    return [{ verdict: target === "ACCEPT" ? "accept" : "drop", direction, text: line }] as const;
  });
}

function iptablesPolicies(saved: string): Rule[] {
  return saved.split("\n").flatMap((line) => {
    const chain = /^:(INPUT|OUTPUT) DROP\b/.exec(line)?.[1];
    if (chain === undefined) return [];
    const direction = chain === "INPUT" ? "in" : "out";
    return [{ verdict: "drop", direction, text: `${chain} policy DROP` }] as const;
  });
}

/** `5353`, `{ 53, 5353 }`, `5000-6000`, `mdns`. */
function coversPort(text: string, port: number): boolean {
  return text
    .replace(/[{}]/g, "")
    .split(",")
    .map((part) => part.trim())
    .some((part) => {
      if (part === PROTOCOLS[port]?.toLowerCase()) return true;
      const [first, last = first] = part.split("-").map(Number);
      return first !== undefined && first <= port && port <= last!;
    });
}

/** Asks the tools that are there. */
export async function readFirewallRules(): Promise<FirewallRules> {
  const [nft, ipv4, ipv6] = await Promise.all([
    outputOf("nft", ["list", "ruleset"]),
    outputOf("iptables-save", []),
    outputOf("ip6tables-save", []),
  ]);
  const saved = [ipv4, ipv6].filter((output) => typeof output === "string").join("\n");
  return {
    nft: typeof nft === "string" ? nft : undefined,
    iptables: saved === "" ? undefined : saved,
    isRefused: [nft, ipv4, ipv6].some((output) => output === null),
  };
}

/** undefined: there is no such tool; null: it refuses. */
function outputOf(tool: string, args: readonly string[]): Promise<string | undefined | null> {
  return new Promise((resolve) => {
    const options = {
      ...{ timeout: TOOL_TIMEOUT, maxBuffer: OUTPUT_SIZE_MAX },
      env: { ...process.env, PATH: TOOLS_PATH, LC_ALL: "C" },
    };
    execFile(tool, args, options, (error, output) => {
      if (error === null) resolve(output);
      else resolve((error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : null);
    });
  });
}
