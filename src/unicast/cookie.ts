/**
 * The cookies of one server (RFC 7873, RFC 9018): ours is random, differs for each server and is
 * renewed with the network (RFC 9018 §3); the server's is whichever it gave last, since the
 * instances behind an anycast address may each give their own (RFC 7873 §6).
 */

import type { Random } from "../core/random.ts";
import { after, type Instant } from "../core/time.ts";
import { type Cookie, cookieOf, type Edns } from "../wire/edns.ts";
import { CLIENT_COOKIE_LIFE, CLIENT_COOKIE_SIZE } from "./constants.ts";

/** `missing`: the server has given cookies before, and this reply has none. */
export type CookieVerdict = "sound" | "wrong" | "missing";

export class CookieJar {
  readonly #random: Random;
  #client: { readonly octets: Uint8Array; readonly until: Instant } | undefined;
  #server: Uint8Array | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  get hasServerCookie(): boolean {
    return this.#server !== undefined;
  }

  /** For the next query. */
  current(now: Instant): Cookie {
    if (this.#client === undefined || this.#client.until <= now) this.#renew(now);
    return { client: this.#client!.octets, server: this.#server };
  }

  /** The network has changed, or the server does without: nothing is expected of it. */
  forget(): void {
    this.#client = undefined;
    this.#server = undefined;
  }

  /** Judges a reply to a query that had the cookie `sent`, and takes the server's part from it. */
  judge(sent: Cookie, edns: Edns | "absent"): CookieVerdict {
    const cookie = edns === "absent" ? "absent" : cookieOf(edns);
    if (cookie === "absent") return this.#server === undefined ? "sound" : "missing";
    // RFC 7873 §5.3: an illegal length or a wrong client cookie is discarded.
    if (cookie === "invalid" || !isSame(cookie.client, sent.client)) return "wrong";
    const isCurrent = this.#client !== undefined && isSame(cookie.client, this.#client.octets);
    if (cookie.server !== undefined && isCurrent) this.#server = cookie.server;
    return "sound";
  }

  #renew(now: Instant): void {
    const octets = new Uint8Array(CLIENT_COOKIE_SIZE);
    for (let at = 0; at < octets.length; at++) octets[at] = this.#random.integer(0, 0xff);
    this.#client = { octets, until: after(now, CLIENT_COOKIE_LIFE) };
    this.#server = undefined;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
