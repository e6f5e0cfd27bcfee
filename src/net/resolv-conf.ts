/**
 * The format of /etc/resolv.conf (resolv.conf(5)): text to values as glibc reads it, and values to
 * text for the file that points at our own stub. Pure; the files themselves are read and kept by
 * `upstream-discovery.ts` and `resolv-conf-keeper.ts`.
 *
 * Departs from glibc in taking more than three name servers, and in nothing else: what it ignores is
 * ignored here.
 */

import { type IpAddress, parseIpAddress } from "../core/ip-address.ts";
import { type Duration, seconds } from "../core/time.ts";

export interface ResolvConfServer {
  readonly address: IpAddress;
  /** What stands behind `%`: the name or the index of an interface. */
  readonly scope: string | undefined;
}

export interface ResolvConfOptions {
  readonly ndots: number;
  readonly timeout: Duration;
  readonly attempts: number;
  readonly rotate: boolean;
  readonly useVc: boolean;
  readonly edns0: boolean;
  readonly trustAd: boolean;
  readonly noTldQuery: boolean;
  readonly noReload: boolean;
  readonly noAaaa: boolean;
  readonly singleRequest: boolean;
  readonly singleRequestReopen: boolean;
  readonly noCheckNames: boolean;
  readonly inet6: boolean;
  readonly debug: boolean;
}

export interface ResolvConf {
  readonly servers: readonly ResolvConfServer[];
  /** Domains as they are written; undefined where the file says nothing of them. */
  readonly search: readonly string[] | undefined;
  /** Address and netmask pairs as they are written. */
  readonly sortlist: readonly string[];
  readonly options: ResolvConfOptions;
  /** The options as they are written, unknown ones included. */
  readonly optionTexts: readonly string[];
}

/** The variables by which a process has it its own way. */
export interface ResolverEnvironment {
  readonly LOCALDOMAIN?: string | undefined;
  readonly RES_OPTIONS?: string | undefined;
}

/** resolv.conf(5): bounds to which values are silently capped. */
const NDOTS_MAX = 15;
const TIMEOUT_MAX = 30;
const ATTEMPTS_MAX = 5;

export const DEFAULT_RESOLV_CONF_OPTIONS: ResolvConfOptions = {
  ndots: 1,
  timeout: seconds(5),
  attempts: 2,
  rotate: false,
  useVc: false,
  edns0: false,
  trustAd: false,
  noTldQuery: false,
  noReload: false,
  noAaaa: false,
  singleRequest: false,
  singleRequestReopen: false,
  noCheckNames: false,
  inet6: false,
  debug: false,
};

const FLAGS: Readonly<Record<string, keyof ResolvConfOptions>> = {
  rotate: "rotate",
  "use-vc": "useVc",
  edns0: "edns0",
  "trust-ad": "trustAd",
  "no-tld-query": "noTldQuery",
  "no-reload": "noReload",
  "no-aaaa": "noAaaa",
  "single-request": "singleRequest",
  "single-request-reopen": "singleRequestReopen",
  "no-check-names": "noCheckNames",
  inet6: "inet6",
  debug: "debug",
};

/** Reads the text of a resolv.conf. Lines that make no sense are skipped, as glibc does. */
export function parseResolvConf(text: string, environment: ResolverEnvironment = {}): ResolvConf {
  const servers: ResolvConfServer[] = [];
  let search: readonly string[] | undefined;
  let sortlist: readonly string[] = [];
  const optionTexts: string[] = [];
  for (const line of text.split("\n")) {
    // A keyword stands at the very start of its line, and so do the marks of a comment.
    const match = /^([a-z]+)[ \t]+(.*?)[ \t\r]*$/.exec(line);
    if (match === null) continue;
    const words = match[2]!.split(/[ \t]+/).filter((word) => word !== "");
    switch (match[1]) {
      case "nameserver":
        servers.push(...serverOf(words[0]));
        break;
      case "domain":
        search = words.slice(0, 1);
        break;
      case "search":
        search = words;
        break;
      case "sortlist":
        sortlist = words;
        break;
      case "options":
        optionTexts.push(...words);
        break;
    }
  }
  const { LOCALDOMAIN, RES_OPTIONS } = environment;
  if (LOCALDOMAIN !== undefined) search = wordsOf(LOCALDOMAIN);
  if (RES_OPTIONS !== undefined) optionTexts.push(...wordsOf(RES_OPTIONS));
  const options = optionTexts.reduce(withOption, DEFAULT_RESOLV_CONF_OPTIONS);
  return { servers: withoutDuplicates(servers), search, sortlist, options, optionTexts };
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

function serverOf(word: string | undefined): readonly ResolvConfServer[] {
  if (word === undefined) return [];
  const [bare, scope] = word.split("%", 2) as [string, string | undefined];
  const address = parseIpAddress(bare);
  if (address === undefined || scope === "") return [];
  return [{ address: ANY_ADDRESS[address] ?? address, scope }];
}

/** To connect to no address in particular is to connect to this host. */
const ANY_ADDRESS: Readonly<Record<string, IpAddress>> = {
  "0.0.0.0": "127.0.0.1" as IpAddress,
  "::": "::1" as IpAddress,
};

function withoutDuplicates(servers: readonly ResolvConfServer[]): readonly ResolvConfServer[] {
  return [...new Map(servers.map((server) => [formatServer(server), server])).values()];
}

function withOption(options: ResolvConfOptions, text: string): ResolvConfOptions {
  const flag = FLAGS[text];
  if (flag !== undefined) return { ...options, [flag]: true };
  const match = /^(ndots|timeout|attempts):(\d+)/.exec(text);
  if (match === null) return options;
  const value = Number(match[2]);
  switch (match[1]) {
    case "ndots":
      return { ...options, ndots: Math.min(value, NDOTS_MAX) };
    case "timeout":
      return { ...options, timeout: seconds(Math.min(Math.max(value, 1), TIMEOUT_MAX)) };
    default:
      return { ...options, attempts: Math.min(Math.max(value, 1), ATTEMPTS_MAX) };
  }
}

function formatServer({ address, scope }: ResolvConfServer): string {
  return scope === undefined ? address : `${address}%${scope}`;
}

/** The first line of every file that we write: by it we know our own. */
const MARK = "# Managed by dotlocal:";

/** Options that concern the servers behind the stub and not the stub. */
const SERVER_OPTIONS = new Set(["rotate", "use-vc", "edns0"]);

/**
 * The file that points at our stub. Search list and options stay those of the original, since the C
 * library of each process goes by them.
 */
export function composeResolvConf(stub: IpAddress, original: ResolvConf): string {
  const kept = original.optionTexts.filter((text) => !SERVER_OPTIONS.has(text));
  const search = original.search ?? [];
  return [
    `${MARK} it answers at this address, and puts the original file back when it stops.`,
    `nameserver ${stub}`,
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...(original.sortlist.length > 0 ? [`sortlist ${original.sortlist.join(" ")}`] : []),
    `options ${["edns0", ...new Set(kept)].join(" ")}`,
    "",
  ].join("\n");
}

/** Whether a file is one that `composeResolvConf` made. */
export function isManagedResolvConf(text: string): boolean {
  return text.startsWith(MARK);
}
