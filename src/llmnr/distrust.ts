/**
 * Hosts whose answers for single labels are ignored for a time, since they answered for a name that
 * nobody has. No RFC: LLMNR has no defence of its own against them (RFC 4795 §5.2).
 */

import { BoundedMap } from "../core/bounded.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import { DISTRUSTED_HOSTS_MAX } from "./constants.ts";

export class Distrust {
  readonly #until = new BoundedMap<string, Instant>(DISTRUSTED_HOSTS_MAX);

  add(link: LinkId, address: IpAddress, until: Instant): void {
    this.#until.set(keyOf(link, address), until);
  }

  /** Whether what the host says of the name is to be ignored. */
  concerns(name: Name, link: LinkId, address: IpAddress, now: Instant): boolean {
    if (name.labelCount !== 1) return false;
    const key = keyOf(link, address);
    const until = this.#until.peek(key);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#until.delete(key);
    return false;
  }
}

function keyOf(link: LinkId, address: IpAddress): string {
  return `${link} ${address}`;
}
