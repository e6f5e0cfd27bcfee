/**
 * A name that this host answers for on a link, and whether it may (RFC 4795 §4).
 *
 * Theory of operation: a unique name is verified before it is this host's: the question for all its
 * records goes to the link, and is answered for with the T bit meanwhile. Silence makes the name ours.
 * A response without the T bit loses it; one with the T bit loses it where its source is the smaller
 * of the two addresses. From then on a query with the C bit has the name checked by a question of our
 * own while we go on using it, and any response loses it where its source is the smaller. A name that
 * is lost is silent, and verified again when the conflicting record's TTL is over: twice as late each
 * time, so that two hosts with one name do not quarrel forever.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { type IpAddress, ipAddressOctets } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import { after, type Duration, type Instant, milliseconds, seconds } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Question } from "../wire/record.ts";
import { compareOctets } from "../wire/record-order.ts";
import {
  CHECK_INTERVAL_MIN,
  RECORD_TTL,
  RETRY_SPREAD,
  RETRY_WAIT_MAX,
  RETRY_WAIT_MIN,
} from "./constants.ts";
import { jitter, type LlmnrContext, type Task } from "./link-context.ts";
import { QuerySeries, type SeriesListener, type SeriesTarget } from "./query-series.ts";
import type { ReceivedResponse } from "./received-response.ts";
import type { HostedName, NameState, Rival } from "./types.ts";

/** Losses beyond which the wait grows no more. */
const LOSSES_COUNTED_MAX = 16;

type Claim =
  | { readonly state: "verifying"; readonly series: QuerySeries }
  | {
      readonly state: "unique";
      readonly since: Instant;
      /** Under way after a query with the C bit. */
      readonly check: QuerySeries | undefined;
    }
  | {
      readonly state: "conflicted";
      readonly rival: Rival;
      readonly retryAt: Instant;
      readonly retry: Deadline<Task>;
    }
  | { readonly state: "unverified" };

export class OwnName implements SeriesListener {
  readonly #context: LlmnrContext;
  readonly #link: LinkId;
  #hosted: HostedName;
  #claim: Claim = { state: "unverified" };
  /** Losses one after the other. */
  #losses = 0;
  #checkedAt: Instant | undefined;
  /** Whom the check under way has found and who are to give way. */
  readonly #defendedFrom = new Set<IpAddress>();

  constructor(context: LlmnrContext, link: LinkId, hosted: HostedName) {
    this.#context = context;
    this.#link = link;
    this.#hosted = hosted;
  }

  get hosted(): HostedName {
    return this.#hosted;
  }

  /** Other records of the same name. */
  set hosted(hosted: HostedName) {
    this.#hosted = hosted;
  }

  get state(): NameState {
    const claim = this.#claim;
    switch (claim.state) {
      case "unique":
        return { state: "unique", since: claim.since };
      case "conflicted":
        return { state: "conflicted", rival: claim.rival, retryAt: claim.retryAt };
      default:
        return { state: claim.state };
    }
  }

  /** RFC 4795 §4.1: at start, on a new link or address, after sleep, when its turn comes again. */
  verify(now: Instant): void {
    if (this.#hosted.ownership !== "unique") return;
    this.#leave();
    const series = this.#ask(RecordType.ANY, now);
    this.#claim = { state: "verifying", series };
    // A host that cannot ask anybody has nobody to conflict with.
    if (series.targetCount === 0) this.handleExhausted(now);
  }

  /**
   * RFC 4795 §4.2: somebody says that several hosts answer for the name; we see for ourselves. False
   * where that is not to be done, or has just been.
   */
  check(type: number, now: Instant): boolean {
    const claim = this.#claim;
    if (claim.state !== "unique" || claim.check !== undefined) return false;
    if (this.#checkedAt !== undefined && now < after(this.#checkedAt, CHECK_INTERVAL_MIN)) {
      return false;
    }
    this.#checkedAt = now;
    this.#defendedFrom.clear();
    this.#claim = { ...claim, check: this.#ask(type, now) };
    return true;
  }

  /** The name is no longer this host's. */
  close(): void {
    this.#leave();
    this.#claim = { state: "unverified" };
  }

  handleResponse(response: ReceivedResponse, target: SeriesTarget, now: Instant): void {
    // RFC 4795 §4.1: this host, by another of its interfaces or processes.
    if (this.#context.isOwnAddress(response.source)) return;
    const isSmaller = compareAddresses(response.source, target.from) < 0;
    const rival = { address: response.source, records: response.answers };
    if (this.#claim.state === "verifying") {
      // RFC 4795 §4.1: the address decides only where the other is not sure of the name either.
      if (!response.isTentative || isSmaller) this.#lose(rival, now);
    } else if (this.#claim.state === "unique") {
      if (isSmaller) this.#lose(rival, now);
      else this.#defend(rival);
    }
  }

  handleExhausted(now: Instant): void {
    const claim = this.#claim;
    if (claim.state === "verifying") {
      claim.series.close();
      this.#losses = 0;
      this.#claim = { state: "unique", since: now, check: undefined };
      this.#context.emit({ kind: "name-verified", link: this.#link, name: this.#hosted.name });
    } else if (claim.state === "unique") {
      claim.check?.close();
      this.#claim = { ...claim, check: undefined };
    }
  }

  #ask(type: number, now: Instant): QuerySeries {
    const question: Question = {
      name: this.#hosted.name,
      type,
      class: RecordClass.IN,
      unicastResponse: false,
    };
    const series = new QuerySeries(this.#context, question, this);
    const link = this.#context.links.get(this.#link);
    series.begin(link === undefined ? [] : [link], jitter(this.#context.random), now);
    return series;
  }

  #lose(rival: Rival, now: Instant): void {
    this.#leave();
    this.#losses++;
    const retryAt = after(now, this.#retryWait(rival));
    const retry = this.#context.schedule(retryAt, { run: (at) => this.verify(at) });
    this.#claim = { state: "conflicted", rival, retryAt, retry };
    this.#context.count(this.#link, "conflicts");
    const { name } = this.#hosted;
    this.#context.emit({ kind: "name-conflicted", link: this.#link, name, rival, retryAt });
  }

  /** RFC 4795 §4.2: a conflict is not ignored, even where the other is the one to give way. */
  #defend(rival: Rival): void {
    if (this.#defendedFrom.has(rival.address)) return;
    this.#defendedFrom.add(rival.address);
    this.#context.count(this.#link, "conflicts");
    const { name } = this.#hosted;
    this.#context.emit({ kind: "name-defended", link: this.#link, name, rival });
  }

  #retryWait({ records }: Rival): Duration {
    const ttls = records.map(({ ttl }) => ttl);
    const ttl = ttls.length === 0 ? RECORD_TTL : Math.min(...ttls);
    const shortest = Math.min(Math.max(seconds(ttl), RETRY_WAIT_MIN), RETRY_WAIT_MAX);
    const wait = Math.min(
      shortest * 2 ** Math.min(this.#losses - 1, LOSSES_COUNTED_MAX),
      RETRY_WAIT_MAX,
    );
    return milliseconds(wait + this.#context.random.integer(0, RETRY_SPREAD));
  }

  #leave(): void {
    const claim = this.#claim;
    if (claim.state === "verifying") claim.series.close();
    else if (claim.state === "unique") claim.check?.close();
    else if (claim.state === "conflicted") this.#context.cancel(claim.retry);
  }
}

/** RFC 4795 §4.1: lexicographically, octet by octet. */
function compareAddresses(a: IpAddress, b: IpAddress): number {
  return compareOctets(ipAddressOctets(a), ipAddressOctets(b));
}
