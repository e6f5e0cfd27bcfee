/**
 * One question sent to the groups of some links, again and again until it is answered or has been
 * sent often enough (RFC 4795 §2.7), and the responses that come back to its random ports.
 *
 * Theory of operation: each link and family is a target with a socket and an id of its own (RFC 4795
 * §2.1.1, §5.2: both random), both kept over retransmissions. Each transmission waits for a random
 * delay and each is waited for for LLMNR_TIMEOUT, so a question that nobody answers ends after at most
 * three times 200 ms. `stop` ends the sending and goes on listening, since a later response may tell
 * of a conflict; `close` ends both. The holder judges the responses.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { ExchangeId } from "../core/exchange.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { after, type Duration, type Instant } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag } from "../wire/constants.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import {
  GROUPS,
  LLMNR_PORT,
  LLMNR_TIMEOUT,
  PAYLOAD_SIZE_DEFAULT,
  RESPONSES_PER_QUERY_MAX,
  TRANSMISSIONS_MAX,
} from "./constants.ts";
import {
  type ExchangeOwner,
  jitter,
  type LlmnrContext,
  querySource,
  type Task,
} from "./link-context.ts";
import { type ReceivedResponse, readUdpResponse } from "./received-response.ts";

/** Judges what a series brings. */
export interface SeriesListener {
  /** A response to the question; the T bit and the source are not judged yet. */
  handleResponse(response: ReceivedResponse, target: SeriesTarget, now: Instant): void;
  /** The last transmission has been waited for. Not called after `stop`. */
  handleExhausted(now: Instant): void;
}

/** What a holder knows of a target. */
export interface SeriesTarget {
  readonly link: LinkId;
  readonly family: Family;
  /** The own address that the query comes from. */
  readonly from: IpAddress;
}

interface Target extends SeriesTarget {
  readonly id: number;
  readonly exchange: ExchangeId;
  responseCount: number;
}

type Sending =
  | { readonly state: "waiting"; readonly sent: number; readonly deadline: Deadline<Task> }
  /** Listening only. */
  | { readonly state: "stopped" }
  | { readonly state: "closed" };

export class QuerySeries {
  readonly question: Question;
  readonly #context: LlmnrContext;
  readonly #listener: SeriesListener;
  readonly #targets: Target[] = [];
  #sending: Sending = { state: "stopped" };

  constructor(context: LlmnrContext, question: Question, listener: SeriesListener) {
    this.#context = context;
    this.question = question;
    this.#listener = listener;
  }

  get targetCount(): number {
    return this.#targets.length;
  }

  /** Opens a socket on every family of the links and sends after `delay`. */
  begin(links: Iterable<Link>, delay: Duration, now: Instant): void {
    for (const link of links) {
      for (const family of link.families) this.#addTarget(link, family);
    }
    this.#plan(0, after(now, delay));
  }

  /** Sends no more, and goes on listening. */
  stop(): void {
    if (this.#sending.state !== "waiting") return;
    this.#context.cancel(this.#sending.deadline);
    this.#sending = { state: "stopped" };
  }

  close(): void {
    this.stop();
    this.#sending = { state: "closed" };
    for (const { id, exchange } of this.#targets.splice(0)) this.#release(id, exchange);
  }

  /** The link is gone: nothing is expected from it any longer. */
  forgetLink(link: LinkId): void {
    for (const target of this.#targets.filter((own) => own.link === link)) {
      this.#targets.splice(this.#targets.indexOf(target), 1);
      this.#release(target.id, target.exchange);
    }
  }

  /**
   * RFC 4795 §4.2: tells the link and family that several hosts answer. Sent once, by multicast, and
   * nobody responds to it (§2.7, §2.1.1).
   */
  reportConflict(at: SeriesTarget, records: readonly ResourceRecord[]): void {
    const target = this.#targets.find((own) => own.link === at.link && own.family === at.family);
    if (target === undefined) return;
    const id = this.#context.ownQueries.draw(at.link, this.#context.random);
    this.#context.ownQueries.release(id);
    const octets = this.#compose(id, Flag.LLMNR_C, records);
    this.#context.sendOn(target.exchange, octets);
    this.#context.count(at.link, "conflict-queries-sent");
  }

  #addTarget(link: Link, family: Family): void {
    const from = querySource(link, family);
    if (from === undefined) return;
    const spec = {
      transport: "udp",
      destination: { address: GROUPS[family], port: LLMNR_PORT },
      link: link.id,
      from,
      hopLimit: undefined,
    } as const;
    const owner: ExchangeOwner = {
      handleMessage: (octets, source, port, now) =>
        this.#handleMessage(target, octets, source, port, now),
      // Without its socket the target stays silent, as if nobody were there.
      handleEnded: () => {},
    };
    const target: Target = {
      link: link.id,
      family,
      from,
      id: this.#context.ownQueries.draw(link.id, this.#context.random),
      exchange: this.#context.openExchange(spec, owner),
      responseCount: 0,
    };
    this.#targets.push(target);
  }

  #release(id: number, exchange: ExchangeId): void {
    this.#context.ownQueries.release(id);
    this.#context.closeExchange(exchange);
  }

  #plan(sent: number, at: Instant): void {
    const deadline = this.#context.schedule(at, { run: (now) => this.#handleDue(sent, now) });
    this.#sending = { state: "waiting", sent, deadline };
  }

  #handleDue(sent: number, now: Instant): void {
    if (sent === TRANSMISSIONS_MAX) {
      this.#sending = { state: "stopped" };
      this.#listener.handleExhausted(now);
      return;
    }
    for (const target of this.#targets) this.#send(target);
    const count = sent + 1;
    const answered = after(now, LLMNR_TIMEOUT);
    const isLast = count === TRANSMISSIONS_MAX;
    this.#plan(count, isLast ? answered : after(answered, jitter(this.#context.random)));
  }

  #send({ id, exchange, link }: Target): void {
    this.#context.sendOn(exchange, this.#compose(id, 0, []));
    this.#context.count(link, "queries-sent");
  }

  /** RFC 4795 §2.1.1: one question, and every flag clear but those given. */
  #compose(id: number, flags: number, additionals: readonly ResourceRecord[]): Uint8Array {
    const message = { id, flags, questions: [this.question], answers: [], authorities: [] };
    const octets = composeMessage({ ...message, additionals }, "dns", PAYLOAD_SIZE_DEFAULT);
    return octets;
  }

  #handleMessage(
    target: Target,
    octets: Uint8Array,
    source: IpAddress,
    port: number,
    now: Instant,
  ): void {
    const link = this.#context.links.get(target.link);
    if (this.#sending.state === "closed" || link === undefined) return;
    const query = { id: target.id, question: this.question, link, family: target.family };
    const response = readUdpResponse(octets, source, port, query);
    if (typeof response === "string") {
      this.#context.count(target.link, `discarded-${response}`);
    } else if (target.responseCount >= RESPONSES_PER_QUERY_MAX) {
      this.#context.count(target.link, "discarded-responses-overflow");
    } else {
      target.responseCount++;
      this.#context.count(target.link, "responses-received");
      this.#listener.handleResponse(response, target, now);
    }
  }
}
