/**
 * Octets as text of one character an octet: what is kept for long is kept so, since a short string
 * takes a quarter of the memory of a short array, and is a key at once.
 */

/** Octets made into text in one call. */
const CHUNK = 1024;

export function textOfOctets(octets: Uint8Array, start = 0, end = octets.length): string {
  if (end - start <= CHUNK) return textOfChunk(octets, start, end);
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    text += textOfChunk(octets, at, Math.min(at + CHUNK, end));
  }
  return text;
}

function textOfChunk(octets: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>(end - start);
  for (let index = 0; index < codes.length; index++) codes[index] = octets[start + index]!;
  return String.fromCharCode.apply(null, codes);
}

export function octetsOfText(text: string, start = 0, end = text.length): Uint8Array {
  const octets = new Uint8Array(end - start);
  for (let index = 0; index < octets.length; index++)
    octets[index] = text.charCodeAt(start + index);
  return octets;
}
