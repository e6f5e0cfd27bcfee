/**
 * How many UDP responses go out a second, to one host and on the link in all: queries with forged
 * source addresses must not make of us a means to flood somebody (RFC 4795 §5.1).
 */

import { BoundedMap } from "../core/bounded.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { after, type Instant, ORIGIN } from "../core/time.ts";
import {
  PACED_HOSTS_MAX,
  RESPONSE_WINDOW,
  RESPONSES_PER_HOST_MAX,
  RESPONSES_PER_LINK_MAX,
} from "./constants.ts";

export class ResponsePace {
  readonly #perHost = new BoundedMap<IpAddress, number>(PACED_HOSTS_MAX);
  #windowEnd: Instant = ORIGIN;
  #count = 0;

  /** Counts a response to the host, or refuses it. */
  admits(host: IpAddress, now: Instant): boolean {
    if (now >= this.#windowEnd) {
      this.#windowEnd = after(now, RESPONSE_WINDOW);
      this.#count = 0;
      this.#perHost.clear();
    }
    const count = this.#perHost.find(host) ?? 0;
    if (count >= RESPONSES_PER_HOST_MAX || this.#count >= RESPONSES_PER_LINK_MAX) return false;
    this.#perHost.set(host, count + 1);
    this.#count++;
    return true;
  }
}
