/**
 * The name of an address, asked of the host that has it, by TCP (RFC 4795 §2.4). On several links at
 * once where the address may be on any of them, as a link-local one may.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { Distrust } from "./distrust.ts";
import type { LlmnrContext } from "./link-context.ts";
import type { ReceivedResponse } from "./received-response.ts";
import { TcpQuery } from "./tcp-query.ts";
import type { LlmnrAnswer, TypeOutcome } from "./types.ts";

const TYPE = RecordType.PTR;

export interface ReverseLookupOptions {
  readonly name: Name;
  readonly address: IpAddress;
  readonly links: readonly Link[];
  readonly distrust: Distrust;
}

export class ReverseLookup {
  readonly #context: LlmnrContext;
  readonly #options: ReverseLookupOptions;
  readonly #done: (outcome: TypeOutcome, now: Instant) => void;
  readonly #queries = new Map<LinkId, TcpQuery>();
  #state: "silent" | "no-data" = "silent";

  constructor(
    context: LlmnrContext,
    options: ReverseLookupOptions,
    done: (outcome: TypeOutcome, now: Instant) => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#done = done;
  }

  begin(now: Instant): void {
    const { name, address, links } = this.#options;
    const question = { name, type: TYPE, class: RecordClass.IN, unicastResponse: false };
    for (const link of links) {
      const query = new TcpQuery(
        this.#context,
        { link, address, question },
        (response, at) => this.#handleAnswer(link.id, response, at),
        now,
      );
      this.#queries.set(link.id, query);
    }
    if (links.length === 0) this.#done({ state: "silent", type: TYPE }, now);
  }

  close(): void {
    for (const query of this.#queries.values()) query.cancel();
    this.#queries.clear();
  }

  /** Its exchange ends by itself, as its link is gone. */
  forgetLink(): void {}

  #handleAnswer(link: LinkId, response: ReceivedResponse | undefined, now: Instant): void {
    this.#queries.delete(link);
    const answers = response === undefined ? [] : this.#answersIn(response);
    if (response !== undefined) this.#state = "no-data";
    if (answers.length > 0) {
      this.close();
      this.#done({ state: "answered", type: TYPE, answers }, now);
    } else if (this.#queries.size === 0) {
      this.#done({ state: this.#state, type: TYPE }, now);
    }
  }

  #answersIn({ answers, link, source }: ReceivedResponse): LlmnrAnswer[] {
    const { name } = this.#options;
    return answers
      .filter((record) => record.type === TYPE && record.name.equals(name))
      .map((record) => ({ record, link, source }));
  }
}
