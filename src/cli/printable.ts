/** Text that may come from the network, made fit for a terminal. */

/** Control and formatting characters: never written raw. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const encoder = new TextEncoder();

/** Control characters come out as `\DDD`, an escape for each octet of their UTF-8. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    Array.from(encoder.encode(character), (octet) => `\\${String(octet).padStart(3, "0")}`).join(
      "",
    ),
  );
}
