/**
 * How this host's programs look names up: the line `hosts:` of /etc/nsswitch.conf with the modules it
 * names, and /etc/resolv.conf.
 */

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isManagedResolvConf, parseResolvConf } from "../../net/resolv-conf.ts";
import { type Finding, fine, note, problem, warning } from "./finding.ts";

export interface NameServiceFacts {
  /** The text of /etc/nsswitch.conf; undefined: there is none. */
  readonly nsswitch: string | undefined;
  /** The text of /etc/resolv.conf; undefined: it cannot be read. */
  readonly resolvConf: string | undefined;
  /** Where /etc/resolv.conf points, if it is a symbolic link. */
  readonly resolvConfTarget: string | undefined;
  /** Modules of the C library that are installed: `mdns4_minimal`. */
  readonly modules: ReadonlySet<string>;
  /** Sockets that modules speak to and that are there. */
  readonly sockets: ReadonlySet<string>;
  /** Addresses that the stub listens at, or would. */
  readonly stubAddresses: readonly string[];
  readonly isDaemonRunning: boolean;
}

const NSSWITCH = "/etc/nsswitch.conf";
const RESOLV_CONF = "/etc/resolv.conf";

/** The modules that ask the link, and the socket each asks at. */
const AVAHI_SOCKET = "/run/avahi-daemon/socket";
const RESOLVED_SOCKET = "/run/systemd/resolve/io.systemd.Resolve";

const MODULE_FOLDERS = ["/lib", "/usr/lib", "/lib64", "/usr/lib64"];

const PROPER_LINE = "hosts: files mdns4_minimal [NOTFOUND=return] dns";

const WAYS =
  `install libnss-mdns and write "${PROPER_LINE}" in ${NSSWITCH}, or let programs ask the stub ` +
  "(resolver.resolvConf: manage)";

/** What stands in the line `hosts:`: a source, and what ends the search after it. */
interface Source {
  readonly name: string;
  /** `[NOTFOUND=return]` or `[!UNAVAIL=return]` follows: later sources are not asked for a missing name. */
  readonly endsSearch: boolean;
}

export function nameServiceFindings(facts: NameServiceFacts): readonly Finding[] {
  return [...nsswitchFindings(facts), ...resolvConfFindings(facts)];
}

function nsswitchFindings(facts: NameServiceFacts): readonly Finding[] {
  const sources = hostsSources(facts.nsswitch);
  const asking = sources.find(({ name }) => socketOf(name) !== undefined);
  if (asking === undefined) return [wayByStub(sources, facts)];
  const socket = socketOf(asking.name)!;
  const findings: Finding[] = [];
  if (!facts.modules.has(asking.name)) {
    const remedy = `install ${socket === AVAHI_SOCKET ? "libnss-mdns" : "libnss-resolve"}`;
    const what = `${NSSWITCH} names ${asking.name}, which is not installed`;
    findings.push(problem("nsswitch", what, remedy));
  }
  if (!facts.sockets.has(socket)) {
    const setting = socket === AVAHI_SOCKET ? "avahi" : "resolved";
    const what = `nothing serves ${asking.name}: there is no ${socket}`;
    const remedy = `start "dotlocal daemon" with compat.${setting} auto or on`;
    findings.push(problem("nsswitch", what, remedy));
  }
  const before = sources.slice(0, sources.indexOf(asking)).find(({ endsSearch }) => endsSearch);
  if (before !== undefined) {
    const what = `${NSSWITCH} ends the search after ${before.name}: ${asking.name} is not asked`;
    findings.push(problem("nsswitch", what, `write "${PROPER_LINE}"`));
  }
  if (findings.length > 0) return findings;
  if (/^mdns4/.test(asking.name)) {
    const what = `${asking.name} looks up IPv4 addresses alone`;
    return [note("nsswitch", what, "mdns_minimal looks up IPv6 addresses too")];
  }
  return [fine("nsswitch", `programs ask the link through ${asking.name}`)];
}

/** Without a module for it, only the stub brings the link's names to programs. */
function wayByStub(sources: readonly Source[], facts: NameServiceFacts): Finding {
  const servers = parseResolvConf(facts.resolvConf ?? "").servers;
  const asksStub = servers.some(({ address }) => facts.stubAddresses.includes(address));
  const asksDns = facts.nsswitch === undefined || sources.some(({ name }) => name === "dns");
  if (asksStub && asksDns) return fine("nsswitch", "programs ask the link through the stub");
  const line = facts.nsswitch === undefined ? "is missing" : `says "${hostsLine(facts.nsswitch)}"`;
  const what = `programs other than dotlocal do not ask the link for names: ${NSSWITCH} ${line}`;
  return problem("nsswitch", what, WAYS);
}

function resolvConfFindings(facts: NameServiceFacts): readonly Finding[] {
  const { resolvConf, resolvConfTarget, stubAddresses, isDaemonRunning } = facts;
  if (resolvConf === undefined) {
    const dangling = `${RESOLV_CONF} points to ${resolvConfTarget}, which is not there`;
    const what = resolvConfTarget === undefined ? `there is no ${RESOLV_CONF}` : dangling;
    return [problem("resolv.conf", what, "write one with a name server, or restore what made it")];
  }
  const { servers, search = [] } = parseResolvConf(resolvConf);
  const findings: Finding[] = [];
  const atStub = servers.find(({ address }) => stubAddresses.includes(address));
  if (atStub !== undefined && !isDaemonRunning) {
    const back = isManagedResolvConf(resolvConf) ? ", which also puts the original back" : "";
    const what = `${RESOLV_CONF} points at dotlocal's stub (${atStub.address}), and no daemon runs`;
    findings.push(problem("resolv.conf", what, `start "dotlocal daemon"${back}`));
  }
  if (servers.length === 0) {
    const what = `${RESOLV_CONF} names no name server: names outside the link are not found`;
    findings.push(warning("resolv.conf", what, "add a line nameserver ADDRESS"));
  }
  if (search.some((domain) => /^local\.?$/i.test(domain))) {
    const what = `${RESOLV_CONF} searches the domain local, which name servers do not have`;
    findings.push(warning("resolv.conf", what, "take local out of the line search or domain"));
  }
  if (findings.length > 0) return findings;
  return [fine("resolv.conf", `name servers: ${servers.map(({ address }) => address).join(", ")}`)];
}

function hostsLine(nsswitch: string): string {
  const lines = nsswitch.split("\n").map((line) => line.replace(/#.*/, "").trim());
  return (lines.find((line) => /^hosts\s*:/.test(line)) ?? "hosts:").replace(/\s+/g, " ");
}

function hostsSources(nsswitch: string | undefined): readonly Source[] {
  if (nsswitch === undefined) return [];
  const sources: Source[] = [];
  const text = hostsLine(nsswitch).replace(/^hosts\s*:/, "");
  for (const [token] of text.matchAll(/\[[^\]]*\]|[^\s[]+/g)) {
    const last = sources.at(-1);
    if (!token.startsWith("[")) sources.push({ name: token, endsSearch: false });
    else if (last !== undefined && endsSearch(token)) {
      sources[sources.length - 1] = { ...last, endsSearch: true };
    }
  }
  return sources;
}

/** nsswitch.conf(5): every status but those excepted, or NOTFOUND by name. */
function endsSearch(action: string): boolean {
  return /(?:NOTFOUND|!(?:UNAVAIL|TRYAGAIN|SUCCESS))\s*=\s*return/i.test(action);
}

function socketOf(source: string): string | undefined {
  if (/^mdns[46]?(_minimal)?$/.test(source)) return AVAHI_SOCKET;
  return source === "resolve" ? RESOLVED_SOCKET : undefined;
}

/** Reads this host's files. */
export function readNameServiceFacts(
  stubAddresses: readonly string[],
  isDaemonRunning: boolean,
): NameServiceFacts {
  return {
    nsswitch: readText(NSSWITCH),
    resolvConf: readText(RESOLV_CONF),
    resolvConfTarget: linkTarget(RESOLV_CONF),
    modules: installedModules(),
    sockets: new Set([AVAHI_SOCKET, RESOLVED_SOCKET].filter((path) => existsSync(path))),
    stubAddresses,
    isDaemonRunning,
  };
}

/** From files such as `libnss_mdns4_minimal.so.2`, also those one folder down (Debian). */
function installedModules(): ReadonlySet<string> {
  const folders = MODULE_FOLDERS.flatMap((folder) => [
    folder,
    ...list(folder)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => `${folder}/${name}`),
  ]);
  const names = folders.flatMap(list).map((name) => /^libnss_(.+)\.so\.2$/.exec(name)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
