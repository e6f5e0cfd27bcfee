/**
 * What holds for every service definition, whatever format it was written in: names and types
 * (RFC 6763 §4.1, §7; RFC 6335 §5.1), subtypes (RFC 6763 §7.1), TXT records (RFC 6763 §6).
 *
 * What cannot be published is an error; what peers may stumble over is a warning.
 */

import { hasControl } from "../core/text.ts";
import { SERVICE_NAME_SIZE_MAX, TXT_SIZE_MAX, TXT_STRING_SIZE_MAX } from "../dnssd/constants.ts";
import { LABEL_SIZE_MAX } from "../wire/name.ts";
import { type DiagnosticList, type Position, quote, type Severity } from "./diagnostic.ts";
import { dependsOnHostLabel } from "./expand.ts";
import { utf8 } from "./octets.ts";
import type { NameTemplate, TxtEntry } from "./service-definition.ts";

/** RFC 6763 §6.4: octets in a key that "SHOULD" not be exceeded. */
const TXT_KEY_SIZE_RECOMMENDED = 9;

/** RFC 6763 §6.2: octets in a TXT record that fit a message of 512 octets beside the rest. */
const TXT_SIZE_RECOMMENDED = 400;

/** RFC 6763 §6.2: octets in a TXT record that fit one Ethernet packet. */
const TXT_SIZE_PACKET = 1300;

/** Octets that most host names get by with: those that NetBIOS allowed them. */
const HOST_LABEL_ROOM = 15;

/** Longer than recommended, yet what CUPS and every printer have always sent. */
const CUSTOMARY_LONG_KEYS = new Set(["Transparent", "printer-type", "printer-state"]);

const TYPE_EXAMPLE = "_http._tcp";

/** Two labels: the service name and the transport (RFC 6763 §7). */
export function checkType(type: string, position: Position, diagnostics: DiagnosticList): void {
  const labels = type.split(".");
  const [service = "", transport = ""] = labels;
  const subtype = /^(.+)\._sub\.(_[^.]+\._(?:tcp|udp))/i.exec(type);
  if (subtype !== null) {
    const remedy = `write ${subtype[2]} here and ${subtype[1]} as its subtype`;
    diagnostics.error(position, `${quote(type)} is a subtype`, remedy);
  } else if (labels.length === 3 && /^_[^.]+\._(tcp|udp)\.(local)?$/i.test(type)) {
    diagnostics.error(
      position,
      `the type ${quote(type)} carries a domain`,
      `write ${service}.${transport}`,
    );
  } else if (labels.length !== 2 || !/^_(tcp|udp)$/i.test(transport)) {
    const hint = "the second label is _tcp, or _udp for everything else";
    diagnostics.error(
      position,
      `expected a type such as ${TYPE_EXAMPLE}, not ${quote(type)}`,
      hint,
    );
  } else {
    checkServiceName(service, position, diagnostics);
  }
}

/** RFC 6335 §5.1: letters, digits and single hyphens inside, a letter among them. */
function checkServiceName(label: string, position: Position, diagnostics: DiagnosticList): void {
  const name = label.slice(1);
  if (!/^_[A-Za-z0-9_-]+$/.test(label) || label.length > LABEL_SIZE_MAX) {
    const expected = "expected an underscore, then letters, digits and hyphens";
    diagnostics.error(position, `${expected}, not ${quote(label)}`);
  } else if (name.includes("_")) {
    const allowed = "only letters, digits and hyphens may";
    const message = `the service name ${quote(name)} holds an underscore; ${allowed}`;
    diagnostics.warn(position, `${message} (RFC 6335 §5.1)`);
  } else if (!/[A-Za-z]/.test(name) || /^-|-$|--/.test(name)) {
    const message = `the service name ${quote(name)} breaks RFC 6335 §5.1`;
    diagnostics.warn(position, message, "a letter, and hyphens only between other characters");
  } else if (name.length > SERVICE_NAME_SIZE_MAX) {
    const message = `the service name ${quote(name)} has ${name.length} characters`;
    diagnostics.warn(position, `${message}; RFC 6335 §5.1 allows ${SERVICE_NAME_SIZE_MAX}`);
  }
}

/** RFC 6763 §7.1: a label, by custom with an underscore where it stands for a type. */
export function checkSubtype(
  subtype: string,
  position: Position,
  diagnostics: DiagnosticList,
): void {
  const size = utf8(subtype).length;
  if (size === 0 || subtype.includes(".")) {
    const message = `expected one label such as _printer, not ${quote(subtype)}`;
    diagnostics.error(position, message, "._sub and the type are put after it");
  } else if (size > LABEL_SIZE_MAX) {
    const message = `the subtype ${quote(subtype)} has ${size} octets`;
    diagnostics.error(position, `${message}; a label has at most ${LABEL_SIZE_MAX}`);
  } else if (!/^_[A-Za-z0-9-]+$/.test(subtype)) {
    const expected = "an underscore, then letters, digits and hyphens";
    const message = `the subtype ${quote(subtype)} is not ${expected}`;
    diagnostics.warn(position, message);
  }
}

/** RFC 6763 §4.1.1: a label of 1 to 63 octets of UTF-8 without control characters. */
export function checkName(
  template: NameTemplate,
  position: Position,
  diagnostics: DiagnosticList,
  onControlCharacter: Severity = "error",
): void {
  const literal = template.filter((part) => typeof part === "string").join("");
  const size = utf8(literal).length;
  if (template.length === 0) {
    diagnostics.error(position, "the name is empty");
  } else if (size > LABEL_SIZE_MAX) {
    const message = `the name has ${size} octets; an instance name has at most ${LABEL_SIZE_MAX}`;
    diagnostics.error(position, message);
  } else if (dependsOnHostLabel(template) && size > LABEL_SIZE_MAX - HOST_LABEL_ROOM) {
    const room = `only ${LABEL_SIZE_MAX - size} of ${LABEL_SIZE_MAX} octets`;
    diagnostics.warn(position, `${room} are left for the host name; a longer one is cut off`);
  }
  if (hasControl(literal)) {
    const message = "the name holds a control character or line break (RFC 6763 §4.1.1)";
    if (onControlCharacter === "error") diagnostics.error(position, message);
    else diagnostics.warn(position, message);
  }
}

/** A TXT string and the place where it was written. */
export interface PlacedTxtEntry {
  readonly entry: TxtEntry;
  readonly position: Position;
}

/** The strings of one TXT record (RFC 6763 §6). */
export function checkTxtRecord(
  placed: readonly PlacedTxtEntry[],
  diagnostics: DiagnosticList,
): void {
  const seen = new Set<string>();
  let total = 0;
  for (const { entry, position } of placed) {
    const key = keyText(entry);
    checkTxtKey(key, entry, position, diagnostics);
    if (seen.has(key.toLowerCase())) {
      const message = `the TXT key ${quote(key)} occurs before; peers ignore it here`;
      diagnostics.warn(position, `${message} (RFC 6763 §6.4)`);
    }
    seen.add(key.toLowerCase());
    const size = txtEntrySize(entry);
    if (size > TXT_STRING_SIZE_MAX) {
      const message = `the TXT entry ${quote(key)} has ${size} octets`;
      diagnostics.error(position, `${message}; the limit is ${TXT_STRING_SIZE_MAX}`);
    }
    total += 1 + size;
  }
  if (placed[0] !== undefined) checkTxtSize(total, placed[0].position, diagnostics);
}

/** RFC 6763 §6.4: at least one printable ASCII character, no `=`, nine or fewer of them. */
function checkTxtKey(
  key: string,
  entry: TxtEntry,
  position: Position,
  diagnostics: DiagnosticList,
): void {
  if (entry.key.length === 0) {
    diagnostics.warn(position, "a TXT entry without a key is left out (RFC 6763 §6.4)");
  } else if (entry.key.some((octet) => octet < 0x20 || octet > 0x7e || octet === EQUALS_SIGN)) {
    const expected = 'printable ASCII characters other than "="';
    diagnostics.error(position, `expected a TXT key of ${expected}, not ${JSON.stringify(key)}`);
  } else if (key.length > TXT_KEY_SIZE_RECOMMENDED && !CUSTOMARY_LONG_KEYS.has(key)) {
    const message = `the TXT key ${quote(key)} has ${key.length} characters`;
    diagnostics.warn(position, `${message}; RFC 6763 §6.4 recommends at most nine`);
  }
}

const EQUALS_SIGN = 0x3d;

function checkTxtSize(total: number, position: Position, diagnostics: DiagnosticList): void {
  const message = `the TXT record has ${total} octets`;
  if (total > TXT_SIZE_MAX) {
    diagnostics.error(position, `${message}; the limit is ${TXT_SIZE_MAX}`);
  } else if (total > TXT_SIZE_PACKET) {
    diagnostics.warn(position, `${message} and does not fit one packet (RFC 6763 §6.2)`);
  } else if (total > TXT_SIZE_RECOMMENDED) {
    const limit = `RFC 6763 §6.2 recommends at most ${TXT_SIZE_RECOMMENDED}`;
    diagnostics.warn(position, `${message}; ${limit}`);
  }
}

function txtEntrySize({ key, value }: TxtEntry): number {
  return key.length + (value === undefined ? 0 : 1 + value.length);
}

const textDecoder = new TextDecoder();

function keyText(entry: TxtEntry): string {
  return textDecoder.decode(entry.key);
}

/** Splits text at its first `=`; without one, the whole is a key without value. */
export function splitTxtEntry(octets: Uint8Array): TxtEntry {
  const at = octets.indexOf(EQUALS_SIGN);
  if (at < 0) return { key: octets, value: undefined };
  return { key: octets.subarray(0, at), value: octets.subarray(at + 1) };
}
