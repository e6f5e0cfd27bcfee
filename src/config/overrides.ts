/**
 * Options of the command line that override the configuration. A wrong one is reported like a
 * problem of the file, with the option in the place of the file.
 */

import { failure, type Result, success } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { Configuration, LogFormat, LogLevel, Mode } from "./configuration.ts";
import type { ConfigurationOutcome } from "./configuration-file.ts";
import { type Diagnostic, hasErrors, quote, type Severity } from "./diagnostic.ts";
import { idleAllowGlobs, idleGlobMessage } from "./interface-filter.ts";
import { nearestOf } from "./nearest.ts";
import { DNS_PORT, parseEndpoint, parseHostLabel } from "./network-values.ts";

/** As given, unread; undefined or empty: not given. */
export interface Overrides {
  /** `--hostname LABEL` */
  readonly hostname?: string | undefined;
  /** `--service-defs DIR`, in the place of `services.directories` */
  readonly serviceDefs?: readonly string[] | undefined;
  /** `--stub ADDRESS:PORT`, in the place of `resolver.stub.listen` */
  readonly stub?: readonly string[] | undefined;
  /** `--no-stub` */
  readonly noStub?: boolean | undefined;
  /** `--llmnr full|resolve|off` */
  readonly llmnr?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly logFormat?: string | undefined;
  /** `-i PATTERN`, in the place of `interfaces.allow` */
  readonly interfaces?: readonly string[] | undefined;
  /** `-4` */
  readonly ipv4Only?: boolean | undefined;
  /** `-6` */
  readonly ipv6Only?: boolean | undefined;
}

const MODES: readonly Mode[] = ["full", "resolve", "off"];

const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
];

const LOG_FORMATS: readonly LogFormat[] = ["auto", "pretty", "json"];

/** The configuration with the options put over it; undefined when an option is wrong. */
export function applyOverrides(
  configuration: Configuration,
  overrides: Overrides,
): ConfigurationOutcome {
  const read = new OptionReader();
  const { resolver, services, interfaces, llmnr, log } = configuration;
  const stub = read.list("--stub", overrides.stub, parseStubEndpoint);
  read.exclusive("--stub", stub !== undefined, "--no-stub", overrides.noStub);
  read.exclusive("-4", overrides.ipv4Only, "-6", overrides.ipv6Only);
  const allow = read.list("--interface", overrides.interfaces, parseFilled);
  const directories = read.list("--service-defs", overrides.serviceDefs, parseFilled);
  const result: Configuration = {
    ...configuration,
    hostname: read.one("--hostname", overrides.hostname, parseHostLabel) ?? configuration.hostname,
    interfaces: { ...interfaces, allow: allow ?? interfaces.allow },
    ipv4: configuration.ipv4 && !overrides.ipv6Only,
    ipv6: configuration.ipv6 && !overrides.ipv4Only,
    llmnr: { ...llmnr, mode: read.one("--llmnr", overrides.llmnr, choiceOf(MODES)) ?? llmnr.mode },
    resolver: {
      ...resolver,
      stub: {
        ...resolver.stub,
        enabled: stub !== undefined || (resolver.stub.enabled && !overrides.noStub),
        listen: stub ?? resolver.stub.listen,
      },
    },
    services: { ...services, directories: directories ?? services.directories },
    log: {
      level: read.one("--log-level", overrides.logLevel, choiceOf(LOG_LEVELS)) ?? log.level,
      format: read.one("--log-format", overrides.logFormat, choiceOf(LOG_FORMATS)) ?? log.format,
    },
  };
  for (const glob of allow === undefined ? [] : idleAllowGlobs(result.interfaces)) {
    read.warn("--interface", idleGlobMessage(glob));
  }
  const { diagnostics } = read;
  return { configuration: hasErrors(diagnostics) ? undefined : result, diagnostics };
}

class OptionReader {
  readonly diagnostics: Diagnostic[] = [];

  one<Value>(
    option: string,
    text: string | undefined,
    parse: (text: string) => Result<Value, string>,
  ): Value | undefined {
    if (text === undefined) return undefined;
    const result = parse(text);
    if (result.ok) return result.value;
    this.#report(option, result.error);
    return undefined;
  }

  /** undefined when the option was not given. */
  list<Value>(
    option: string,
    texts: readonly string[] | undefined,
    parse: (text: string) => Result<Value, string>,
  ): readonly Value[] | undefined {
    if (texts === undefined || texts.length === 0) return undefined;
    return texts.flatMap((text) => this.one(option, text, parse) ?? []);
  }

  exclusive(
    first: string,
    isFirstGiven: boolean | undefined,
    second: string,
    isSecondGiven: boolean | undefined,
  ): void {
    if (isFirstGiven && isSecondGiven)
      this.#report(second, `cannot be used together with ${first}`);
  }

  warn(option: string, message: string): void {
    this.#report(option, message, "warning");
  }

  #report(file: string, message: string, severity: Severity = "error"): void {
    this.diagnostics.push({ file, line: 0, column: 0, severity, message: printable(message) });
  }
}

function parseStubEndpoint(text: string) {
  return parseEndpoint(text, DNS_PORT);
}

function parseFilled(text: string): Result<string, string> {
  return text === "" ? failure("expected a value, not an empty one") : success(text);
}

function choiceOf<Choice extends string>(choices: readonly Choice[]) {
  return (text: string): Result<Choice, string> => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return success(choice);
    const nearest = nearestOf(text, choices);
    const remedy = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    return failure(`expected ${choices.join(", ")}, not ${quote(text)}${remedy}`);
  };
}
