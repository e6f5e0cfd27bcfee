/** Text as octets of UTF-8, where its size is limited in octets. */

const textEncoder = new TextEncoder();

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
