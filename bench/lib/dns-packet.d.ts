/** dns-packet ships no types; the little of it that is compared with. */
declare module "dns-packet" {
  export function decode(octets: Uint8Array): unknown;
  export function encode(message: unknown): Uint8Array;
}
