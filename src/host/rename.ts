/**
 * How a host is called when its name is somebody else's (RFC 6762 §9).
 *
 * The suffix is ours and never the user's digits: `node-1` becomes `node-1-2`, then `node-1-3`, and
 * never `node-2`, which is the name of another machine.
 */

import { type Numbering, REMEMBERED_NUMBER_MAX } from "../core/rename-plan.ts";
import { truncateText } from "../core/text.ts";
import { LABEL_SIZE_MAX } from "../wire/name.ts";

/**
 * The original label with the suffix of the `attempt`: none for 1, `-2` for 2, and so on. Shortened
 * before the suffix, between characters, where the whole would be over 63 octets.
 */
export function suffixedLabel(original: string, attempt: number): string {
  if (attempt === 1) return original;
  const suffix = `-${attempt}`;
  const kept = truncateText(original, LABEL_SIZE_MAX - suffix.length).replace(/-+$/, "");
  return kept + suffix;
}

/** Which attempt gave the label; undefined where none did (the original was another then). */
export function attemptOf(original: string, label: string): number | undefined {
  const suffix = /-([2-9]|[1-9]\d)$/.exec(label);
  if (suffix === null) return undefined;
  const attempt = Number(suffix[1]);
  if (attempt > REMEMBERED_NUMBER_MAX) return undefined;
  const expected = suffixedLabel(original, attempt);
  return expected.toLowerCase() === label.toLowerCase() ? attempt : undefined;
}

export const LABEL_NUMBERING: Numbering = { nameOf: suffixedLabel, numberOf: attemptOf };
