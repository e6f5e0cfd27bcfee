/**
 * The responder of a link (RFC 4795 §2.3): its names, and what is answered for them by UDP and by TCP.
 *
 * A name that is ours alone is answered for at once; while that is not certain, or when others answer
 * too, the response waits for a random delay (§2.7).
 */

import type { Endpoint } from "../core/datagram.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import { after, type Instant } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag, RecordClass, ResponseCode } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";
import type { Question } from "../wire/record.ts";
import { NAMES_MAX, RESPONSES_PENDING_MAX } from "./constants.ts";
import { jitter, type LlmnrContext } from "./link-context.ts";
import { OwnName } from "./own-name.ts";
import { composeUdp, errorOf, errorResponse, responseTo, truncatedError } from "./response.ts";
import { ResponsePace } from "./response-pace.ts";
import type { HostedName, NameState } from "./types.ts";

/** Whom a UDP query came from. */
export interface Asker {
  readonly source: Endpoint;
  readonly family: Family;
}

export class Responder {
  readonly #context: LlmnrContext;
  readonly #link: LinkId;
  readonly #names = new Map<string, OwnName>();
  readonly #pace = new ResponsePace();
  #pending = 0;
  /** Another of this host's links is the same one (RFC 4795 §4.1). */
  #reach: "one-interface" | "several-interfaces" = "one-interface";

  constructor(context: LlmnrContext, link: LinkId) {
    this.#context = context;
    this.#link = link;
  }

  get names(): ReadonlyMap<string, { readonly hosted: HostedName; readonly state: NameState }> {
    return this.#names;
  }

  /** The whole of this host's names on the link; those that are new are verified. */
  publish(hosted: readonly HostedName[], now: Instant): void {
    const wanted = new Map(hosted.slice(0, NAMES_MAX).map((one) => [one.name.key, one]));
    for (const [key, own] of this.#names) {
      const kept = wanted.get(key);
      if (kept?.ownership === own.hosted.ownership) own.hosted = kept;
      else this.#drop(key, own);
    }
    for (const [key, one] of wanted) {
      if (this.#names.has(key)) continue;
      const own = new OwnName(this.#context, this.#link, one);
      this.#names.set(key, own);
      own.verify(now);
    }
  }

  /** RFC 4795 §4.1: the link, or what it reaches, may be another one. */
  verifyAll(now: Instant): void {
    this.#reach = "one-interface";
    for (const own of this.#names.values()) own.verify(now);
  }

  /** RFC 4795 §4.1: responses by either interface must not be taken for a conflict. */
  noticeSeveralInterfaces(): void {
    this.#reach = "several-interfaces";
  }

  close(): void {
    for (const [key, own] of this.#names) this.#drop(key, own);
  }

  /**
   * RFC 4795 §2.1.1: never answered; a reason to look whether there is a conflict. Told of as often as
   * it is looked for, since anybody can send any number of them.
   */
  handleConflictQuery(query: Message, reporter: IpAddress, now: Instant): void {
    const [question] = query.questions as [Question];
    const own = this.#find(question);
    if (own === undefined || !own.check(question.type, now)) return;
    const { name } = question;
    const records = query.additionals.filter((record) => record.name.equals(name));
    this.#context.emit({ kind: "conflict-reported", link: this.#link, name, reporter, records });
  }

  handleUdpQuery(query: Message, asker: Asker, now: Instant): void {
    const own = this.#answering(query);
    if (own === undefined) {
      this.#context.count(this.#link, "queries-of-others");
      return;
    }
    if (!this.#pace.admits(asker.source.address, now)) {
      this.#context.count(this.#link, "responses-held-back");
      return;
    }
    this.#respondInTime(own, now, () => this.#sendUdp(query, own, asker));
  }

  /** False where nothing will be answered. */
  handleTcpQuery(
    query: Message,
    source: IpAddress,
    send: (octets: Uint8Array) => void,
    now: Instant,
  ): boolean {
    const own = this.#answering(query);
    if (own === undefined) {
      this.#context.count(this.#link, "queries-of-others");
      return false;
    }
    this.#respondInTime(own, now, () => {
      this.#context.count(this.#link, "tcp-responses-sent");
      send(composeMessage(this.#tcpResponse(query, own, source), "dns"));
    });
    return true;
  }

  #drop(key: string, own: OwnName): void {
    this.#names.delete(key);
    own.close();
  }

  #find({ name, class: asked }: Question): OwnName | undefined {
    if (asked !== RecordClass.IN && asked !== RecordClass.ANY) return undefined;
    return this.#names.get(name.key);
  }

  /** RFC 4795 §2.3 (c), (d), §4.2: the name, where this host answers for it. */
  #answering(query: Message): OwnName | undefined {
    const own = this.#find(query.questions[0]!);
    return own?.state.state === "conflicted" ? undefined : own;
  }

  #respondInTime(own: OwnName, now: Instant, respond: () => void): void {
    if (own.state.state === "unique" || own.hosted.ownership === "known-unique") {
      respond();
      return;
    }
    if (this.#pending >= RESPONSES_PENDING_MAX) {
      this.#context.count(this.#link, "responses-held-back");
      return;
    }
    this.#pending++;
    this.#context.schedule(after(now, jitter(this.#context.random)), {
      run: () => {
        this.#pending--;
        if (this.#isStillOurs(own.hosted.name, own)) respond();
      },
    });
  }

  #isStillOurs(name: Name, own: OwnName): boolean {
    return this.#names.get(name.key) === own && own.state.state !== "conflicted";
  }

  #sendUdp(query: Message, own: OwnName, { source, family }: Asker): void {
    const link = this.#context.links.get(this.#link);
    if (link === undefined) return;
    const hasError = errorOf(query) !== ResponseCode.NOERROR;
    const response = hasError ? truncatedError(query) : this.#response(query, own, source.address);
    const { octets, isTruncated } = composeUdp(response, query, link, family);
    this.#context.transmit({
      channel: "llmnr",
      octets,
      link: link.id,
      family,
      destination: source,
      from: undefined,
    });
    this.#context.count(link.id, "responses-sent");
    if (isTruncated) this.#context.count(link.id, "truncated-responses-sent");
    if ((response.flags & Flag.LLMNR_T) !== 0) {
      this.#context.count(link.id, "tentative-responses-sent");
    }
  }

  #tcpResponse(query: Message, own: OwnName, source: IpAddress): Message {
    const error = errorOf(query);
    return error === ResponseCode.NOERROR
      ? this.#response(query, own, source)
      : errorResponse(query, error);
  }

  #response(query: Message, { hosted, state }: OwnName, source: IpAddress): Message {
    const isShared = hosted.ownership === "shared" || this.#reach === "several-interfaces";
    return responseTo(
      query,
      hosted,
      { isTentative: state.state === "verifying", isShared },
      source,
    );
  }
}
