/**
 * A question for a name that nobody has: whoever answers it with an address answers anything, and is
 * there to draw others' connections to itself. Nothing in it tells it from a person's question.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { jitter, type LlmnrContext } from "./link-context.ts";
import { QuerySeries, type SeriesListener } from "./query-series.ts";
import type { ReceivedResponse } from "./received-response.ts";

interface Responder {
  readonly link: LinkId;
  readonly address: IpAddress;
}

export class Sentinel implements SeriesListener {
  readonly #context: LlmnrContext;
  readonly #series: QuerySeries;
  readonly #done: (responders: readonly Responder[], now: Instant) => void;
  readonly #responders = new Map<string, Responder>();

  constructor(
    context: LlmnrContext,
    name: Name,
    done: (responders: readonly Responder[], now: Instant) => void,
  ) {
    this.#context = context;
    this.#done = done;
    const question = { name, type: RecordType.A, class: RecordClass.IN, unicastResponse: false };
    this.#series = new QuerySeries(context, question, this);
  }

  begin(now: Instant): void {
    const links = [...this.#context.links.values()].filter(({ loopback }) => !loopback);
    this.#series.begin(links, jitter(this.#context.random), now);
  }

  close(): void {
    this.#series.close();
  }

  forgetLink(link: LinkId): void {
    this.#series.forgetLink(link);
  }

  handleResponse({ link, source, answers, isTruncated }: ReceivedResponse): void {
    if (this.#context.isOwnAddress(source)) return;
    if (answers.length === 0 && !isTruncated) return;
    this.#responders.set(`${link} ${source}`, { link, address: source });
  }

  handleExhausted(now: Instant): void {
    this.close();
    this.#done([...this.#responders.values()], now);
  }
}
