/**
 * Keeps one service instance resolved for as long as somebody watches it: SRV and TXT, and the
 * addresses of whatever host SRV names at the time (RFC 6763 §5).
 *
 * Theory of operation: what is known is read from the standing questions anew whenever an answer came
 * or went, once all that the present input brought has been handled, and told where it differs from
 * what was told. A first resolution waits a little for what belongs to it (TXT, the other family). An
 * instance whose SRV record or addresses stay away may be gone without a goodbye: what leads to it is
 * reconfirmed (RFC 6762 §10.4), so that it disappears from lists too.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { isChosen, type LinkId } from "../core/link.ts";
import { after, earliest, type Instant, NEVER } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import { AddressQuery } from "./address-query.ts";
import { DOUBT_WAIT, HOSTS_A_WATCH_MAX, REST_WAIT } from "./constants.ts";
import type { DnssdContext, Task } from "./dnssd-context.ts";
import { RecordQuestion } from "./record-question.ts";
import { chosenSrv, looksEqual, resolutionOf, type SrvAnswer } from "./resolution.ts";
import { splitInstanceName, typeName } from "./service-type.ts";
import type { Resolution, WatchSpec } from "./types.ts";

export interface WatchOwner {
  handleResolved(resolution: Resolution, now: Instant): void;
  handleUnresolved(link: LinkId, now: Instant): void;
  /** On every link, the owner of the name says that there is no such service. */
  handleDenied(now: Instant): void;
}

/** How the instance stands on one link. */
type Standing =
  /** SRV, or every address, is missing; `told` while what was told may still hold. */
  | {
      readonly state: "missing";
      readonly since: Instant;
      readonly told: Resolution | undefined;
      readonly isDoubted: boolean;
    }
  /** SRV and an address are known, and the rest is waited for. */
  | { readonly state: "partial"; readonly since: Instant; readonly told: undefined }
  | { readonly state: "resolved"; readonly told: Resolution };

export class InstanceWatch {
  readonly spec: WatchSpec;
  readonly #context: DnssdContext;
  readonly #owner: WatchOwner;
  readonly #srv: RecordQuestion;
  readonly #txt: RecordQuestion;
  /** By the key of the host's name; several while links differ. */
  readonly #hosts = new Map<string, AddressQuery>();
  readonly #standings = new Map<LinkId, Standing>();
  #pending: Deadline<Task> | undefined;
  #check: Deadline<Task> | undefined;

  constructor(context: DnssdContext, spec: WatchSpec, owner: WatchOwner, now: Instant) {
    this.spec = spec;
    this.#context = context;
    this.#owner = owner;
    const ask = (type: number): RecordQuestion =>
      new RecordQuestion(context, { ...spec, type }, (then) => this.#markChanged(then), now);
    this.#srv = ask(RecordType.SRV);
    this.#txt = ask(RecordType.TXT);
    this.#markChanged(now);
  }

  /** What is known and has been told. */
  get resolutions(): readonly Resolution[] {
    return [...this.#standings.values()].flatMap(({ told }) => (told === undefined ? [] : [told]));
  }

  stop(now: Instant): void {
    this.#context.cancel(this.#pending);
    this.#context.cancel(this.#check);
    this.#srv.stop(now);
    this.#txt.stop(now);
    for (const host of this.#hosts.values()) host.stop(now);
    this.#hosts.clear();
  }

  /** What leads to the instance seems not to (RFC 6762 §10.4). */
  reconfirm(now: Instant): void {
    const { name } = this.spec;
    const { port } = this.#context.records;
    const parts = splitInstanceName(name);
    if (parts !== undefined) {
      const listing = typeName(parts.type, parts.domain);
      port.reconfirm({ name: listing, type: RecordType.PTR, data: { kind: "PTR", name } }, now);
    }
    port.reconfirm({ name, type: RecordType.SRV }, now);
  }

  handleLinks(now: Instant): void {
    this.#markChanged(now);
  }

  #markChanged(now: Instant): void {
    this.#pending ??= this.#context.schedule(now, { run: (then) => this.#settle(then) });
  }

  #settle(now: Instant): void {
    this.#pending = undefined;
    const links = this.#links();
    const found = new Map(links.map((link) => [link, chosenSrv(this.#srv.answersOn(link, now))]));
    this.#followHosts([...found.values()], now);
    for (const link of this.#standings.keys()) {
      if (!found.has(link)) this.#forget(link, now);
    }
    const doubts = [...found].filter(([link, srv]) => this.#look(link, srv, now) === "doubtful");
    // An instance that is well on one link need not be on all.
    if (doubts.length > 0 && this.resolutions.length === 0) this.reconfirm(now);
    this.#scheduleCheck();
    if (links.length > 0 && links.every((link) => this.#isDeniedOn(link, now))) {
      this.#owner.handleDenied(now);
    }
  }

  #links(): readonly LinkId[] {
    return [...this.#context.links.values()]
      .filter((link) => isChosen(this.spec.links, link))
      .map(({ id }) => id);
  }

  #isDeniedOn(link: LinkId, now: Instant): boolean {
    return this.#srv.answersOn(link, now).length === 0 && this.#srv.isDecidedOn(link, now);
  }

  /** Asks for the addresses of the hosts that the SRV records name, and no longer for others. */
  #followHosts(found: readonly (SrvAnswer | undefined)[], now: Instant): void {
    const wanted = new Map(
      found.flatMap((answer) => (answer ? [[answer.srv.target.key, answer.srv.target]] : [])),
    );
    for (const [key, host] of this.#hosts) {
      if (wanted.has(key)) continue;
      host.stop(now);
      this.#hosts.delete(key);
    }
    for (const [key, host] of wanted) {
      const isAsked = this.#hosts.has(key) || this.#hosts.size >= HOSTS_A_WATCH_MAX;
      if (isAsked || !host.isWithin(Name.LOCAL)) continue;
      const onChange = (then: Instant): void => this.#markChanged(then);
      const query = new AddressQuery(this.#context, host, this.spec.links, onChange, now);
      this.#hosts.set(key, query);
    }
  }

  /** Tells what has changed on the link; `doubtful`: what leads to the instance may be wrong. */
  #look(link: LinkId, srv: SrvAnswer | undefined, now: Instant): "doubtful" | undefined {
    const before = this.#standings.get(link);
    const host = srv && this.#hosts.get(srv.srv.target.key);
    const addresses = host?.addressesOn(link, now) ?? [];
    const isElsewhere = srv !== undefined && !srv.srv.target.isWithin(Name.LOCAL);
    if (srv === undefined || (addresses.length === 0 && !isElsewhere)) {
      return this.#miss(link, before, srv === undefined, now);
    }
    const isWhole = this.#txt.isDecidedOn(link, now) && (host?.isDecidedOn(link, now) ?? true);
    if (before?.told === undefined && !isWhole) {
      const since = before?.state === "partial" ? before.since : now;
      this.#standings.set(link, { state: "partial", since, told: undefined });
      if (after(since, REST_WAIT) > now) return undefined;
    }
    const [txt] = this.#txt.answersOn(link, now);
    const told = resolutionOf(this.spec.name, link, srv, txt, addresses);
    this.#standings.set(link, { state: "resolved", told });
    if (before?.told === undefined || !looksEqual(before.told, told)) {
      this.#owner.handleResolved(told, now);
    }
    return undefined;
  }

  /** A lost SRV record is told at once; the addresses of another host are waited for. */
  #miss(
    link: LinkId,
    before: Standing | undefined,
    isSrvMissing: boolean,
    now: Instant,
  ): "doubtful" | undefined {
    const since = before?.state === "missing" ? before.since : now;
    const wasDoubted = before?.state === "missing" && before.isDoubted;
    const isLate = after(since, DOUBT_WAIT) <= now;
    const isLost = before?.told !== undefined && (isSrvMissing || isLate);
    this.#standings.set(link, {
      state: "missing",
      since,
      told: isLost ? undefined : before?.told,
      isDoubted: wasDoubted || isLost || isLate,
    });
    if (isLost) this.#owner.handleUnresolved(link, now);
    return (isLost || isLate) && !wasDoubted ? "doubtful" : undefined;
  }

  /** The link is gone, or no longer chosen. */
  #forget(link: LinkId, now: Instant): void {
    const isTold = this.#standings.get(link)?.told !== undefined;
    this.#standings.delete(link);
    if (isTold) this.#owner.handleUnresolved(link, now);
  }

  /** Looks again when a wait is over although nothing comes. */
  #scheduleCheck(): void {
    this.#context.cancel(this.#check);
    const next = [...this.#standings.values()].map(checkAt).reduce(earliest, NEVER);
    this.#check =
      next === NEVER
        ? undefined
        : this.#context.schedule(next, { run: (now) => this.#settle(now) });
  }
}

function checkAt(standing: Standing): Instant {
  if (standing.state === "partial") return after(standing.since, REST_WAIT);
  if (standing.state === "missing" && !standing.isDoubted) return after(standing.since, DOUBT_WAIT);
  return NEVER;
}
