/**
 * Names and character-strings as fields of master-file format (RFC 1035 §5.1). What comes out is
 * printable and on one line whatever the octets are, and reads back to the same octets.
 */

import type { Name } from "./name.ts";
import { formatText } from "./name-text.ts";

/** What would end a field, or start a comment or a quoted string. */
const FIELD_SPECIAL = /[";()]/g;

/** With the final dot, so that it reads as absolute everywhere. */
export function formatName(name: Name): string {
  if (name.isRoot) return ".";
  const text = name.toString().replaceAll(" ", "\\032").replace(FIELD_SPECIAL, "\\$&");
  return `${text}.`;
}

const QUOTED_SPECIAL = /["\\]/g;

/** In quotation marks. */
export function formatCharacterString(octets: Uint8Array): string {
  return `"${formatText(octets, QUOTED_SPECIAL)}"`;
}
