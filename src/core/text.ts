/**
 * Text that people see, and text as octets of UTF-8 where its size is limited in octets.
 *
 * What may come from the network or from a file is never shown raw: controls (C0 and C1) would give a
 * terminal orders, and formatting characters (overrides of the direction among them) would hide or
 * reorder what stands beside them.
 */

const textEncoder = new TextEncoder();

const PRINTABLE_ASCII = /^[ -~]*$/;

/** Fit for a terminal: what must not be shown raw comes out as `\DDD`, one for each octet of it. */
export function printable(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(unprintable(), (character) =>
    Array.from(textEncoder.encode(character), decimalEscape).join(""),
  );
}

/**
 * Controls, separators, formatting characters, and what is no assigned character at all. Such a
 * pattern takes long to make; what never needs it starts sooner.
 */
function unprintable(): RegExp {
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
}

/** Whether a control character is in it (C0, C1 or delete), found without Unicode's tables. */
export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

/** RFC 1035 §5.1: an octet as `\DDD`. */
export function decimalEscape(octet: number): string {
  return `\\${octet.toString().padStart(3, "0")}`;
}

/** The longest beginning of the text that has at most `sizeMax` octets of whole characters. */
export function truncateText(text: string, sizeMax: number): string {
  let size = 0;
  let length = 0;
  for (const character of text) {
    size += textEncoder.encode(character).length;
    if (size > sizeMax) break;
    length += character.length;
  }
  return text.slice(0, length);
}
