/**
 * Instance names: one label of UTF-8 that people read (RFC 6763 §4.1.1), and what becomes of one that
 * is taken: `Name` becomes `Name (2)`, then `Name (3)` (RFC 6763 Appendix D).
 *
 * The number is ours and never the user's: `Web (2)` becomes `Web (2) (2)`.
 */

import { DotlocalError } from "../core/errors.ts";
import { type Numbering, REMEMBERED_NUMBER_MAX } from "../core/rename-plan.ts";
import { hasControl, truncateText } from "../core/text.ts";
import { LABEL_SIZE_MAX } from "../wire/name.ts";

const textEncoder = new TextEncoder();

/** The name in Net-Unicode (RFC 6763 §4.1.1: precomposed). Throws INVALID_NAME. */
export function checkedInstance(text: string): string {
  const name = text.normalize("NFC");
  const size = textEncoder.encode(name).length;
  if (size === 0) throw new DotlocalError("INVALID_NAME", "the instance name is empty");
  if (size > LABEL_SIZE_MAX) {
    const limit = `an instance name has at most ${LABEL_SIZE_MAX}`;
    throw new DotlocalError("INVALID_NAME", `"${name}" has ${size} octets; ${limit}`);
  }
  // RFC 6763 §4.1.1: no ASCII control characters.
  if (hasControl(name)) {
    const shown = JSON.stringify(name);
    throw new DotlocalError("INVALID_NAME", `the instance name ${shown} holds a control character`);
  }
  return name;
}

/**
 * The original name with a number: none for 1, ` (2)` for 2, and so on. Shortened before the number,
 * between characters, where the whole would be over 63 octets.
 */
export function numberedInstance(original: string, number: number): string {
  if (number === 1) return original;
  const suffix = ` (${number})`;
  return truncateText(original, LABEL_SIZE_MAX - suffix.length).trimEnd() + suffix;
}

/** Which number gave the name; 1 where none did (the original was another then). */
export function numberOf(original: string, instance: string): number {
  const number = Number(/ \(([2-9]|[1-9]\d)\)$/.exec(instance)?.[1] ?? 1);
  if (number > REMEMBERED_NUMBER_MAX) return 1;
  return numberedInstance(original, number) === instance ? number : 1;
}

export const INSTANCE_NUMBERING: Numbering = { nameOf: numberedInstance, numberOf };
