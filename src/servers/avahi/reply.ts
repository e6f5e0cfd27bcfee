/**
 * Answers of Avahi's simple protocol, as text of one character an octet. Each is one line, and short
 * enough for the buffer that nss-mdns reads it into.
 */

import { type Family, familyOf, type IpAddress } from "../../core/ip-address.ts";
import type { Found } from "../../runtime/directory.ts";
import { Name } from "../../wire/name.ts";
import { AvahiError, PROTOCOL_NUMBER, REPLY_SIZE_MAX } from "./constants.ts";

/** Tells the index of an interface; 0: there is none of that name. */
export type InterfaceIndex = (name: string) => number;

/** E.g. `+ 2 0 printer.local 192.0.2.7`. */
export function hostLine(index: number, family: Family, name: string, address: string): string {
  return nameLine(`+ ${index} ${PROTOCOL_NUMBER[family]} ${escapeName(name)} ${address}\n`);
}

/** E.g. `+ 2 0 printer.local`. */
export function addressLine(index: number, family: Family, name: string): string {
  return nameLine(`+ ${index} ${PROTOCOL_NUMBER[family]} ${escapeName(name)}\n`);
}

/** E.g. `-15 Timeout reached`. */
export function failureLine(code: number, message: string): string {
  const sizeMax = REPLY_SIZE_MAX - `${code} \n`.length - 1;
  return `${code} ${message.slice(0, sizeMax)}\n`;
}

export function errorLine({ code, text }: (typeof AvahiError)[keyof typeof AvahiError]): string {
  return failureLine(code, text);
}

/** The transport that an answer arrived on; of this host's own, that of the address it is about. */
export function transportOf({ source }: Found, subject: string): Family {
  return familyOf((source ?? subject) as IpAddress);
}

/** A name that does not fit would reach the client cut, and so as another one. */
function nameLine(line: string): string {
  return line.length < REPLY_SIZE_MAX ? line : errorLine(AvahiError.INVALID_HOST_NAME);
}

/** As Avahi escapes labels: all but letters, digits, `_` and `-`, octet by octet. */
function escapeName(text: string): string {
  const name = Name.tryParse(text);
  if (typeof name === "string") return "";
  return name.labels.map((label) => Array.from(label, escapeOctet).join("")).join(".");
}

function escapeOctet(octet: number): string {
  const character = String.fromCharCode(octet);
  if (/[\w-]/.test(character)) return character;
  if (/[.\\]/.test(character)) return `\\${character}`;
  return `\\${octet.toString().padStart(3, "0")}`;
}
