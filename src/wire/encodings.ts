/** Hexadecimal and base64 (RFC 4648 §4, §8), as record data in presentation format uses them. */

const HEXADECIMAL = /^(?:[0-9a-f]{2})*$/i;
const BASE64 = /^(?:[0-9a-z+/]{4})*(?:[0-9a-z+/]{2}==|[0-9a-z+/]{3}=)?$/i;

export function encodeHexadecimal(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}

/** Undefined when the text is no whole number of octets in hexadecimal. */
export function decodeHexadecimal(text: string): Uint8Array | undefined {
  if (!HEXADECIMAL.test(text)) return undefined;
  const octets = new Uint8Array(text.length / 2);
  for (let index = 0; index < octets.length; index++) {
    octets[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  }
  return octets;
}

export function encodeBase64(octets: Uint8Array): string {
  let binary = "";
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary);
}

/** Undefined when the text is not padded base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
