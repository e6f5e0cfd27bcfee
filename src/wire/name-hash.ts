/**
 * A cheap hash of names for the tables of this module: of each label its length and five octets, among
 * them the last three, in which names differ that are numbered. Names that share a hash only cost a
 * comparison more.
 */

/** The hash of the root, and of a name before its first label. */
export const NAME_HASH_SEED = 0x811c9dc5 | 0;

const PRIME = 0x01000193;

/** `hash` with the label at `offset` taken in; `length` is that of the label, at least one. */
export function hashLabel(
  hash: number,
  octets: Uint8Array,
  offset: number,
  length: number,
): number {
  const end = offset + length;
  const first = octets[offset + 1]!;
  const middle = octets[offset + ((length + 1) >> 1)]!;
  const last = octets[end]!;
  const before = length > 2 ? octets[end - 1]! | (octets[end - 2]! << 8) : 0;
  const mixed = Math.imul(hash ^ (first | (middle << 8) | (last << 16)), PRIME) ^ length;
  const whole = Math.imul(mixed ^ before, PRIME);
  return Math.imul(whole ^ (whole >>> 15), PRIME);
}
