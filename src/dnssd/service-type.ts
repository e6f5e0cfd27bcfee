/**
 * Names of services (RFC 6763 §4.1, §7; RFC 6335 §5.1): types, subtypes, and the whole names of
 * instances, put together and taken apart as labels.
 */

import { DotlocalError } from "../core/errors.ts";
import { Name } from "../wire/name.ts";
import { formatLabel } from "../wire/name-text.ts";

/** RFC 6763 §9: below it, a PTR record for each type that there is. */
const TYPE_ENUMERATION = ["_services", "_dns-sd", "_udp"] as const;

/** RFC 6763 §7.1: between a subtype and its type. */
const SUBTYPE_MARK = "_sub";

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

const TRANSPORT = /^_(tcp|udp)$/i;

/** An underscore, then what peers put in service names, strict or not. */
const SERVICE = /^_[A-Za-z0-9_-]+$/;

/** `_http._tcp` with the domain. Throws INVALID_NAME. */
export function typeName(type: string, domain: Name): Name {
  const labels = type.split(".");
  const [service = "", transport = ""] = labels;
  if (labels.length !== 2 || !SERVICE.test(service) || !TRANSPORT.test(transport)) {
    throw new DotlocalError("INVALID_NAME", `expected a type such as _http._tcp, not "${type}"`);
  }
  return Name.of(service, transport, ...domain.labels);
}

/** The name that instances of a subtype are listed under. Throws INVALID_NAME. */
export function subtypeName(subtype: string, type: Name): Name {
  return type.prepend(SUBTYPE_MARK).prepend(subtype);
}

/** RFC 6763 §9: the name that types are listed under. */
export function enumerationName(domain: Name): Name {
  return Name.of(...TYPE_ENUMERATION, ...domain.labels);
}

/**
 * The name to browse: `_http._tcp`, or a subtype in full, as `_printer._sub._http._tcp`. Throws
 * INVALID_NAME.
 */
export function browseName(type: string, domain: Name): Name {
  const parsed = Name.tryParse(type);
  const labels = typeof parsed === "string" ? [] : parsed.labels;
  const name = Name.of(...labels, ...domain.labels);
  if (labels.length === 2 && isType(name, domain)) return name;
  const isSubtype =
    labels.length === 4 &&
    formatLabel(labels[1]!).toLowerCase() === SUBTYPE_MARK &&
    isType(typeOfSubtype(name), domain);
  if (isSubtype) return name;
  throw new DotlocalError(
    "INVALID_NAME",
    `expected a type such as _http._tcp or _printer._sub._http._tcp, not "${type}"`,
  );
}

/** The type whose instances may be listed under the name: itself, or that of a subtype. */
export function listedType(name: Name, domain: Name): Name {
  return name.labelCount === domain.labelCount + 4 ? typeOfSubtype(name) : name;
}

/** Whether the name is a type in the domain; what peers list as types (RFC 6763 §9) may be none. */
export function isType(name: Name, domain: Name): boolean {
  if (!name.isWithin(domain) || name.labelCount !== domain.labelCount + 2) return false;
  const [service, transport] = name.labels;
  return SERVICE.test(formatLabel(service!)) && TRANSPORT.test(formatLabel(transport!));
}

export interface InstanceParts {
  /** What stands before the type as text, neither escaped nor shortened. */
  readonly instance: string;
  /** `_http._tcp`. */
  readonly type: string;
  readonly domain: Name;
}

/**
 * Whether the name may be an instance's of the type. Departs from RFC 6763 §4.1.1, where an instance
 * is one label: python-zeroconf, ciao and systemd-resolved publish `Web 1.2` as two.
 */
export function isInstanceOf(name: Name, type: Name): boolean {
  const size = name.labelCount - type.labelCount;
  if (size < 1 || !name.isWithin(type)) return false;
  return size < 2 || formatLabel(name.labels[size - 1]!).toLowerCase() !== SUBTYPE_MARK;
}

/** What the name that was split last is below: those of a list have one type. */
let latest: { readonly typed: Name; readonly type: string; readonly domain: Name } | undefined;

/** RFC 6763 §4.1: `<Instance>.<Service>.<Domain>`; undefined where the name is no instance's. */
export function splitInstanceName(name: Name): InstanceParts | undefined {
  if (latest !== undefined && isLabelBefore(name, latest.typed)) {
    return { instance: name.firstLabel, type: latest.type, domain: latest.domain };
  }
  let typed = name.parent;
  for (let size = 1; typed.labelCount > 2; size++) {
    const domain = typed.parent.parent;
    if (isType(typed, domain)) {
      if (!isInstanceOf(name, typed)) return undefined;
      const instance = name.labels.slice(0, size).map((label) => textDecoder.decode(label));
      const [service, transport] = typed.labels;
      const type = `${formatLabel(service!)}.${formatLabel(transport!)}`;
      latest = { typed, type, domain };
      return { instance: instance.join("."), type, domain };
    }
    typed = typed.parent;
  }
  return undefined;
}

/** Whether the name is one label and then `typed`, letter for letter. */
function isLabelBefore(name: Name, typed: Name): boolean {
  const size = name.text.charCodeAt(0) + 1;
  return name.text.length === size + typed.text.length && name.text.endsWith(typed.text);
}

function typeOfSubtype(name: Name): Name {
  return name.parent.parent;
}
