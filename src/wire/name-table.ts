/**
 * The names seen lately, so that a name that comes again costs no allocation and brings its folded
 * key with it. Traffic on a link repeats a few hundred names all the time.
 *
 * A direct-mapped table: a name takes the place of whichever had its slot, so memory is bounded and
 * no sequence of names makes a look-up slow. Which object a name is given never changes what it
 * equals, so the table is no state that a caller could see.
 */

import { Name } from "./name.ts";

/** A power of two. With a slot's octets and its name, about half a mebibyte at worst. */
const SLOT_COUNT = 1024;

/** More than the octets of a name. */
const SLOT_SIZE = 256;

const slots = new Array<Name | undefined>(SLOT_COUNT).fill(undefined);

/** The octets of each slot's name, which compare faster than its text. */
const slotOctets = new Uint8Array(SLOT_COUNT * SLOT_SIZE);

/**
 * The name in the first `size` octets of `octets`, which are a valid uncompressed name with `hash`.
 * The octets are copied.
 */
export function internName(octets: Uint8Array, size: number, hash: number): Name {
  const slot = (hash ^ (hash >>> 15)) & (SLOT_COUNT - 1);
  const start = slot * SLOT_SIZE;
  const known = slots[slot];
  if (known !== undefined && known.text.length === size && isSame(start, octets, size))
    return known;
  const name = Name.fromWire(octets, size);
  slots[slot] = name;
  for (let index = 0; index < size; index++) slotOctets[start + index] = octets[index]!;
  return name;
}

function isSame(start: number, octets: Uint8Array, size: number): boolean {
  for (let index = 0; index < size; index++) {
    if (slotOctets[start + index] !== octets[index]) return false;
  }
  return true;
}
