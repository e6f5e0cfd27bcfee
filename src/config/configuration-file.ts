/**
 * Reads `dotlocal.yaml` into a `Configuration`: the schema says what may be there, the readers here
 * turn text with a form of its own into typed values, and the defaults fill in the rest. Every
 * problem of the file is reported.
 */

import { failure, type Result } from "../core/errors.ts";
import type { Duration } from "../core/time.ts";
import {
  type Configuration,
  DEFAULT_CONFIGURATION,
  type InterfacesConfiguration,
  type LlmnrConfiguration,
  type MdnsConfiguration,
  type ResolverConfiguration,
  type Route,
} from "./configuration.ts";
import { configurationSchema, type RawConfiguration } from "./configuration-schema.ts";
import { type Diagnostic, DiagnosticList, sortDiagnostics } from "./diagnostic.ts";
import { parseDuration } from "./duration.ts";
import { idleAllowGlobs, idleGlobMessage } from "./interface-filter.ts";
import {
  DNS_PORT,
  parseDomain,
  parseEndpoint,
  parseHostLabel,
  parseNetwork,
  parseUpstream,
  type Upstream,
} from "./network-values.ts";
import { checkAgainstSchema, formatPath } from "./schema-check.ts";
import {
  keyPositionOf,
  positionOf,
  readYaml,
  type YamlNode,
  type YamlPath,
} from "./yaml-document.ts";

export interface ConfigurationOutcome {
  /** undefined when there are errors. */
  readonly configuration: Configuration | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the text of a configuration file; an empty one gives the defaults. */
export function parseConfiguration(text: string, fileName: string): ConfigurationOutcome {
  const diagnostics = new DiagnosticList(fileName);
  const root = readYaml(text, diagnostics);
  const configuration = root && readConfiguration(root, diagnostics);
  return {
    configuration: diagnostics.hasErrors ? undefined : configuration,
    diagnostics: sortDiagnostics(diagnostics.all),
  };
}

function readConfiguration(root: YamlNode, diagnostics: DiagnosticList): Configuration | undefined {
  if (root.kind === "scalar" && root.value === null) return DEFAULT_CONFIGURATION;
  const raw = checkAgainstSchema(configurationSchema, root, diagnostics);
  if (raw === undefined) return undefined;
  return build(raw as RawConfiguration, new TextReader(root, diagnostics));
}

type Parse<Value> = (text: string) => Result<Value, string>;

/** Reads texts into values, reporting those that are none at their place. */
class TextReader {
  readonly #root: YamlNode;
  readonly #diagnostics: DiagnosticList;

  constructor(root: YamlNode, diagnostics: DiagnosticList) {
    this.#root = root;
    this.#diagnostics = diagnostics;
  }

  one<Value>(text: string | null | undefined, path: YamlPath, parse: Parse<Value>) {
    if (text === null || text === undefined) return undefined;
    const result = parse(text);
    if (result.ok) return result.value;
    const message = `${formatPath(path)}: ${result.error}`;
    this.#diagnostics.error(positionOf(this.#root, path), message);
    return undefined;
  }

  list<Value>(texts: readonly string[] | undefined, path: YamlPath, parse: Parse<Value>) {
    return texts?.flatMap((text, index) => {
      const value = this.one(text, [...path, index], (item) => parse(item));
      return value === undefined ? [] : [value];
    });
  }

  warn(path: YamlPath, message: string): void {
    this.#diagnostics.warn(positionOf(this.#root, path), `${formatPath(path)}: ${message}`);
  }

  /** Reports what is wrong with the key at the path. */
  keyError(path: YamlPath, message: string): void {
    this.#diagnostics.error(keyPositionOf(this.#root, path), message);
  }
}

function build(raw: RawConfiguration, read: TextReader): Configuration {
  const defaults = DEFAULT_CONFIGURATION;
  const { control, metrics } = raw;
  return {
    hostname: read.one(raw.hostname, ["hostname"], parseHostLabel),
    aliases: read.list(raw.aliases, ["aliases"], parseHostLabel) ?? defaults.aliases,
    user: raw.user ?? undefined,
    interfaces: buildInterfaces(raw.interfaces, read),
    ipv4: raw.ipv4 ?? defaults.ipv4,
    ipv6: raw.ipv6 ?? defaults.ipv6,
    mdns: buildMdns(raw.mdns, read),
    llmnr: buildLlmnr(raw.llmnr, read),
    resolver: buildResolver(raw.resolver, read),
    services: { ...defaults.services, ...raw.services },
    compat: { ...defaults.compat, ...raw.compat },
    control: { ...defaults.control, ...control, socket: control?.socket ?? undefined },
    stateDirectory: raw.stateDirectory ?? undefined,
    metrics: { listen: read.one(metrics?.listen, ["metrics", "listen"], parseEndpoint) },
    log: { ...defaults.log, ...raw.log },
  };
}

function buildInterfaces(
  raw: RawConfiguration["interfaces"],
  read: TextReader,
): InterfacesConfiguration {
  const interfaces = { ...DEFAULT_CONFIGURATION.interfaces, ...raw };
  for (const glob of idleAllowGlobs(interfaces)) {
    const path = ["interfaces", "allow", interfaces.allow.indexOf(glob)];
    read.warn(path, idleGlobMessage(glob));
  }
  return interfaces;
}

function buildMdns(raw: RawConfiguration["mdns"], read: TextReader): MdnsConfiguration {
  const defaults = DEFAULT_CONFIGURATION.mdns;
  const timeout = read.one(raw?.lookupTimeout, ["mdns", "lookupTimeout"], parsePositiveDuration);
  const domains = read.list(raw?.browseDomains, ["mdns", "browseDomains"], parseDomain);
  return {
    ...defaults,
    ...raw,
    publish: { ...defaults.publish, ...raw?.publish },
    lookupTimeout: timeout ?? defaults.lookupTimeout,
    browseDomains: domains ?? defaults.browseDomains,
  };
}

function buildLlmnr(raw: RawConfiguration["llmnr"], read: TextReader): LlmnrConfiguration {
  const defaults = DEFAULT_CONFIGURATION.llmnr;
  const interval = read.one(raw?.guardInterval, ["llmnr", "guardInterval"], parsePositiveDuration);
  return { ...defaults, ...raw, guardInterval: interval ?? defaults.guardInterval };
}

function buildResolver(raw: RawConfiguration["resolver"], read: TextReader): ResolverConfiguration {
  const defaults = DEFAULT_CONFIGURATION.resolver;
  const { stub, upstreams, search, timeout } = raw ?? {};
  const listen = read.list(stub?.listen, ["resolver", "stub", "listen"], parseStubEndpoint);
  const allow = read.list(stub?.allow, ["resolver", "stub", "allow"], parseNetwork);
  const servers = read.list(listed(upstreams), ["resolver", "upstreams"], parseUpstream);
  const domains = read.list(listed(search), ["resolver", "search"], parseDomain);
  const patience =
    timeout === "auto"
      ? undefined
      : read.one(timeout, ["resolver", "timeout"], parsePositiveDuration);
  return {
    ...defaults,
    ...raw,
    stub: {
      enabled: stub?.enabled ?? defaults.stub.enabled,
      listen: listen ?? defaults.stub.listen,
      allow: allow ?? defaults.stub.allow,
    },
    upstreams: servers ?? "auto",
    search: domains ?? "auto",
    timeout: patience ?? "auto",
    routes: buildRoutes(raw?.routes, read),
    cache: { ...defaults.cache, ...raw?.cache },
  };
}

function listed<Value>(value: "auto" | readonly Value[] | undefined): readonly Value[] | undefined {
  return value === "auto" ? undefined : value;
}

function buildRoutes(
  raw: Readonly<Record<string, readonly string[]>> | undefined,
  read: TextReader,
): readonly Route[] {
  return Object.entries(raw ?? {}).flatMap(([key, servers]) => {
    const path = ["resolver", "routes", key];
    const domain = parseDomain(key);
    const upstreams: readonly Upstream[] = read.list(servers, path, parseUpstream) ?? [];
    if (domain.ok) return [{ domain: domain.value, upstreams }];
    read.keyError(path, `resolver.routes: ${domain.error}`);
    return [];
  });
}

function parseStubEndpoint(text: string) {
  return parseEndpoint(text, DNS_PORT);
}

function parsePositiveDuration(text: string): Result<Duration, string> {
  const duration = parseDuration(text);
  return duration.ok && duration.value === 0 ? failure(`${text} is too short`) : duration;
}
