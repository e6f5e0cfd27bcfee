/**
 * The sentinel: from time to time it asks for a name that nobody has, by LLMNR and by Multicast DNS. A
 * host that answers would answer anything, to draw connections to itself (Responder, Inveigh and their
 * like): it is told of, and its LLMNR answers for single labels are ignored for an hour. Its Multicast
 * DNS answers are not, since whoever forges an address could silence its owner with that.
 */

import { BoundedMap } from "../core/bounded.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { isOwnAddress, type LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { after, type Duration, type Instant, milliseconds } from "../core/time.ts";
import type { LlmnrLookupId } from "../llmnr/types.ts";
import type { QueryId } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import {
  DISTRUST_TIME,
  POISONERS_MAX,
  SENTINEL_FIRST_MAX,
  SENTINEL_LABEL_MAX,
  SENTINEL_LABEL_MIN,
  SENTINEL_MDNS_WAIT,
} from "./constants.ts";
import type { HostContext, Task } from "./host-context.ts";
import type { LlmnrOutcome, LlmnrOwner } from "./llmnr-binding.ts";
import type { QueryEvent, QueryOwner } from "./mdns-binding.ts";
import type { PoisonerSnapshot } from "./types.ts";

type SentinelProtocol = PoisonerSnapshot["protocols"][number];

interface Poisoner {
  readonly link: LinkId;
  readonly address: IpAddress;
  readonly protocols: ReadonlySet<SentinelProtocol>;
  readonly until: Instant;
}

/** A question under way by both protocols, and who has answered it. */
interface Watch {
  readonly judgement: Deadline<Task>;
  llmnr: LlmnrLookupId | undefined;
  mdns: QueryId | undefined;
  readonly found: Map<string, { link: LinkId; address: IpAddress; by: Set<SentinelProtocol> }>;
}

/** In the order in which they are told. */
const PROTOCOLS: readonly SentinelProtocol[] = ["llmnr", "mdns"];

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export class Guard implements LlmnrOwner, QueryOwner {
  readonly #host: HostContext;
  readonly #random: Random;
  readonly #poisoners = new BoundedMap<string, Poisoner>(POISONERS_MAX);
  #plan: { readonly interval: Duration; readonly deadline: Deadline<Task> } | undefined;
  #watch: Watch | undefined;

  constructor(host: HostContext, random: Random) {
    this.#host = host;
    this.#random = random;
  }

  /** The settings may have changed. */
  refresh(now: Instant): void {
    const { llmnrMode, llmnrGuard, llmnrGuardInterval: interval } = this.#host.settings;
    if (llmnrMode === "off" || !llmnrGuard) this.stop(now);
    else if (this.#plan?.interval !== interval) {
      this.stop(now);
      const first = this.#random.integer(0, Math.min(SENTINEL_FIRST_MAX, interval));
      this.#planNext(after(now, milliseconds(first)), interval);
    }
  }

  stop(now: Instant): void {
    this.#host.cancel(this.#plan?.deadline);
    this.#plan = undefined;
    this.#endWatch(now);
  }

  /** Those that were found within the last hour. */
  poisoners(now: Instant): PoisonerSnapshot[] {
    return [...this.#poisoners.values()]
      .filter(({ until }) => until > now)
      .map(({ link, address, protocols, until }) => ({
        link,
        linkName: this.#host.links.get(link)?.name ?? "",
        address,
        protocols: PROTOCOLS.filter((protocol) => protocols.has(protocol)),
        until,
      }));
  }

  handleLlmnr(outcome: LlmnrOutcome): void {
    if (outcome.kind !== "sentinel-done" || this.#watch === undefined) return;
    this.#watch.llmnr = undefined;
    for (const { link, address } of outcome.responders) this.#note(link, address, "llmnr");
  }

  handleQueryEvent(event: QueryEvent): void {
    if (event.kind !== "answer-added") return;
    const { link, source } = event.answer;
    if (source !== undefined) this.#note(link, source, "mdns");
  }

  #planNext(at: Instant, interval: Duration): void {
    const deadline = this.#host.schedule(at, { run: (now) => this.#ask(now) });
    this.#plan = { interval, deadline };
  }

  /** At uneven intervals, under names without a pattern: a poisoner is not to know which they are. */
  #ask(now: Instant): void {
    const { interval } = this.#plan!;
    const wait = this.#random.integer(Math.ceil(interval / 2), Math.floor(interval * 1.5));
    this.#planNext(after(now, milliseconds(wait)), interval);
    // Where the interval is that short, the question under way goes on in place of another.
    if (this.#watch !== undefined) return;
    const label = this.#label();
    const judgement = this.#host.schedule(after(now, SENTINEL_MDNS_WAIT), {
      run: (then) => this.#judge(then),
    });
    this.#watch = { judgement, llmnr: undefined, mdns: undefined, found: new Map() };
    this.#watch.llmnr = this.#host.llmnr.sentinel(Name.of(label), this, now);
    if (this.#host.settings.mdnsMode !== "off") {
      const name = Name.LOCAL.prepend(label);
      const spec = { name, type: RecordType.A, links: "all", mode: "one-shot" } as const;
      this.#watch.mdns = this.#host.mdns.startQuery(spec, this, now);
    }
  }

  #label(): string {
    const length = this.#random.integer(SENTINEL_LABEL_MIN, SENTINEL_LABEL_MAX);
    let label = "";
    while (label.length < length) label += LETTERS[this.#random.integer(0, LETTERS.length - 1)];
    return label;
  }

  #note(link: LinkId, address: IpAddress, by: SentinelProtocol): void {
    if (this.#watch === undefined || this.#isOwn(address)) return;
    const key = keyOf(link, address);
    const found = this.#watch.found.get(key) ?? { link, address, by: new Set() };
    found.by.add(by);
    this.#watch.found.set(key, found);
  }

  /** A host has an address of each family; all that answered on a link are told of together. */
  #judge(now: Instant): void {
    const found = [...(this.#watch?.found.values() ?? [])];
    this.#endWatch(now);
    const until = after(now, DISTRUST_TIME);
    const fresh = found.filter(({ link, address }) => !this.#isKnown(link, address, now));
    for (const { link, address, by: protocols } of found) {
      this.#poisoners.set(keyOf(link, address), { link, address, protocols, until });
      this.#host.llmnr.distrust(link, address, until);
    }
    for (const link of new Set(fresh.map((one) => one.link))) {
      const here = fresh.filter((one) => one.link === link);
      const addresses = here.map(({ address }) => address);
      const protocols = PROTOCOLS.filter((protocol) => here.some(({ by }) => by.has(protocol)));
      this.#host.emit({ kind: "poisoner-found", link, addresses, protocols, until });
    }
  }

  #isKnown(link: LinkId, address: IpAddress, now: Instant): boolean {
    const known = this.#poisoners.peek(keyOf(link, address));
    return known !== undefined && known.until > now;
  }

  #isOwn(address: IpAddress): boolean {
    return [...this.#host.links.values()].some((link) => isOwnAddress(link, address));
  }

  #endWatch(now: Instant): void {
    const watch = this.#watch;
    this.#watch = undefined;
    this.#host.cancel(watch?.judgement);
    if (watch?.llmnr !== undefined) this.#host.llmnr.cancel(watch.llmnr, now);
    if (watch?.mdns !== undefined) this.#host.mdns.stopQuery(watch.mdns, now);
  }
}

function keyOf(link: LinkId, address: IpAddress): string {
  return `${link} ${address}`;
}
