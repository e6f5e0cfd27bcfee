/**
 * Reads our own service definitions, in YAML or JSON: one service, or several under one name.
 */

import { failure, type Result, success } from "../core/errors.ts";
import { type Duration, seconds } from "../core/time.ts";
import { Name } from "../wire/name.ts";
import { DiagnosticList, type Position, quote } from "./diagnostic.ts";
import { parseDuration } from "./duration.ts";
import { OWN_SPECIFIERS, readTemplate } from "./name-template.ts";
import { parseDomain, parseHostName, parsePort, splitHostAndPort } from "./network-values.ts";
import { parseBase64, parseHex, utf8 } from "./octets.ts";
import { checkAgainstSchema } from "./schema-check.ts";
import type { Condition, NameTemplate, ServiceDefinition, TxtEntry } from "./service-definition.ts";
import {
  SERVICE_DEFAULTS,
  type ServiceFileOutcome,
  serviceFileOutcome,
} from "./service-reading.ts";
import {
  checkName,
  checkSubtype,
  checkTxtRecord,
  checkType,
  type PlacedTxtEntry,
} from "./service-rules.ts";
import {
  groupSchema,
  type RawCondition,
  type RawGroup,
  type RawService,
  singleSchema,
} from "./service-schema.ts";
import { descend, positionOf, readYaml, type YamlEntry, type YamlNode } from "./yaml-document.ts";

/** How often a condition is looked at, and how long its answer is waited for. */
const EVERY_DEFAULT = seconds(10);
const TIMEOUT_DEFAULT = seconds(2);

/** Looking more often would be a load of its own. */
const EVERY_MIN = seconds(1);

const LOOPBACK = "127.0.0.1";

/** Reads the text of a `*.yaml` or `*.json` file. */
export function parseYamlServices(text: string, fileName: string): ServiceFileOutcome {
  const diagnostics = new DiagnosticList(fileName);
  const root = readYaml(text, diagnostics);
  if (root === undefined) return serviceFileOutcome(undefined, diagnostics);
  const reader = new YamlServiceReader(root, diagnostics);
  const isGroup = hasKey(root, "services");
  const raw = checkAgainstSchema(isGroup ? groupSchema : singleSchema, root, diagnostics);
  if (raw === undefined) return serviceFileOutcome(undefined, diagnostics);
  const name = reader.name((raw as Partial<RawGroup>).name);
  const services = isGroup
    ? ((raw as Partial<RawGroup>).services ?? []).map((service, index) =>
        reader.service(service, ["services", index]),
      )
    : [reader.service(raw as RawService, [])];
  const source = { file: fileName, line: root.position.line };
  return serviceFileOutcome({ name, services, format: "dotlocal", source }, diagnostics);
}

function hasKey(node: YamlNode, key: string): boolean {
  return node.kind === "mapping" && node.entries.some((entry) => entry.key === key);
}

type Path = readonly (string | number)[];

/** Any key may be missing where the schema check has found it wrong, and has reported it. */
type Checked<Raw> = { readonly [Key in keyof Raw]?: Raw[Key] | undefined };

class YamlServiceReader {
  readonly #root: YamlNode;
  readonly #diagnostics: DiagnosticList;

  constructor(root: YamlNode, diagnostics: DiagnosticList) {
    this.#root = root;
    this.#diagnostics = diagnostics;
  }

  name(text: string | undefined): NameTemplate {
    if (text === undefined) return [];
    const position = this.#positionOf(["name"]);
    const { template, unknown } = readTemplate(text, OWN_SPECIFIERS);
    for (const specifier of unknown) {
      const hint = "%h is this host's label, %% a per cent sign";
      this.#diagnostics.error(position, `unknown specifier ${specifier} in the name`, hint);
    }
    checkName(template, position, this.#diagnostics);
    return template;
  }

  service(raw: Checked<RawService>, path: Path): ServiceDefinition {
    const { type = "", subtypes = [], host, domain, when } = raw;
    if (raw.type !== undefined) {
      checkType(type, this.#positionOf([...path, "type"]), this.#diagnostics);
    }
    subtypes.forEach((subtype, index) => {
      checkSubtype(subtype, this.#positionOf([...path, "subtypes", index]), this.#diagnostics);
    });
    return {
      ...SERVICE_DEFAULTS,
      type,
      subtypes,
      port: raw.port ?? 0,
      txt: this.#txt([...path, "txt"]),
      host: this.#name(host, [...path, "host"], parseHostName),
      domain: this.#name(domain, [...path, "domain"], parseDomain) ?? Name.LOCAL,
      priority: raw.priority ?? 0,
      weight: raw.weight ?? 0,
      interfaces: raw.interfaces,
      protocol: raw.protocol ?? "any",
      when: when && this.#condition(when, [...path, "when"]),
      line: this.#positionOf(path).line,
    };
  }

  /** From the nodes, because plain objects put keys that are numbers first. */
  #txt(path: Path): readonly TxtEntry[] {
    const node = descend(this.#root, path);
    const entries = hasPath(this.#root, path) && node.kind === "mapping" ? node.entries : [];
    const placed = entries.map((entry) => this.#txtEntry(entry));
    checkTxtRecord(placed, this.#diagnostics);
    return placed.map(({ entry }) => entry);
  }

  #txtEntry({ key, keyPosition, node }: YamlEntry): PlacedTxtEntry {
    const value = node.kind === "scalar" ? scalarOctets(node) : this.#encodedOctets(node);
    return { entry: { key: utf8(key), value }, position: keyPosition };
  }

  #encodedOctets(node: YamlNode): Uint8Array | undefined {
    const entry = node.kind === "mapping" ? node.entries[0] : undefined;
    if (entry?.node.kind !== "scalar" || typeof entry.node.value !== "string") return undefined;
    const { key, node: encoded } = entry;
    if (key !== "hex" && key !== "base64") return undefined;
    const octets = key === "hex" ? parseHex(entry.node.value) : parseBase64(entry.node.value);
    if (octets === undefined) {
      const expected =
        key === "hex" ? "two hexadecimal digits an octet" : "base64 with its padding";
      this.#diagnostics.error(
        encoded.position,
        `expected ${expected}, not ${quote(entry.node.value)}`,
      );
    }
    return octets;
  }

  #condition(raw: Checked<RawCondition>, path: Path): Condition | undefined {
    const every = this.#duration(raw.every, [...path, "every"], EVERY_MIN) ?? EVERY_DEFAULT;
    const timeout = this.#duration(raw.timeout, [...path, "timeout"], 1) ?? TIMEOUT_DEFAULT;
    if ("tcp" in raw && raw.tcp !== undefined) {
      const target = this.#read(parseTcpTarget(raw.tcp), [...path, "tcp"]);
      return target && { kind: "tcp", ...target, every, timeout };
    }
    if ("http" in raw && raw.http !== undefined) {
      const url = this.#read(parseHttpUrl(raw.http), [...path, "http"]);
      return url === undefined
        ? undefined
        : { kind: "http", url, status: raw.status, every, timeout };
    }
    return undefined;
  }

  #duration(text: string | undefined, path: Path, min: number): Duration | undefined {
    if (text === undefined) return undefined;
    const duration = this.#read(parseDuration(text), path);
    if (duration === undefined || duration >= min) return duration;
    const message = `${text} is too short; the least is ${min === EVERY_MIN ? "1s" : "1ms"}`;
    this.#diagnostics.error(this.#positionOf(path), message);
    return undefined;
  }

  #name(
    text: string | undefined,
    path: Path,
    parse: (text: string) => Result<Name, string>,
  ): Name | undefined {
    return text === undefined ? undefined : this.#read(parse(text), path);
  }

  #read<Value>(result: Result<Value, string>, path: Path): Value | undefined {
    if (result.ok) return result.value;
    this.#diagnostics.error(this.#positionOf(path), result.error);
    return undefined;
  }

  #positionOf(path: Path): Position {
    return positionOf(this.#root, path);
  }
}

function hasPath(root: YamlNode, path: Path): boolean {
  return hasKey(descend(root, path.slice(0, -1)), String(path.at(-1)));
}

/** A number keeps the digits it was written with: `1.0` is not `1`. */
function scalarOctets(node: YamlNode & { kind: "scalar" }): Uint8Array | undefined {
  if (node.value === true) return undefined;
  return utf8(typeof node.value === "string" ? node.value : node.source);
}

/** `8080`, `127.0.0.1:8080`, `[::1]:8080`, `nas.local:80`. */
function parseTcpTarget(target: number | string): Result<{ host: string; port: number }, string> {
  if (typeof target === "number") return success({ host: LOOPBACK, port: target });
  const parts = splitHostAndPort(target);
  const port = parts?.port === undefined ? undefined : parsePort(parts.port);
  if (parts === undefined || parts.host === "" || port === undefined) {
    return failure(
      `expected a port, or a host and a port such as 127.0.0.1:8080, not ${quote(target)}`,
    );
  }
  return success({ host: parts.host, port });
}

function parseHttpUrl(text: string): Result<string, string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  return isHttp
    ? success(text)
    : failure(`expected a URL such as http://127.0.0.1:8080/, not ${quote(text)}`);
}
