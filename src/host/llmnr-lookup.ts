/**
 * Look-ups by LLMNR (RFC 4795 §2.2): the engine asks and decides; here its outcome becomes the
 * look-up's. RFC 4795 §2.6 (c) has a responder name only what the link can resolve: an alias that comes
 * without an address is followed by whoever answers for the name.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Family } from "../core/ip-address.ts";
import { isChosen, type LinkFilter, type LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { LlmnrAnswer, LlmnrLookupId, TypeOutcome } from "../llmnr/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { distinctAddresses, inAddressOrder } from "./address-order.ts";
import type { HostContext, Task } from "./host-context.ts";
import type { LlmnrOutcome, LlmnrOwner } from "./llmnr-binding.ts";
import { aliasOf, type Finish, type Lookup, silence, type TimeLimit } from "./lookup-context.ts";
import type { FoundAddress, FoundRecord, LookupOutcome } from "./types.ts";

/** The types that are asked for the addresses of a family, or of both together. */
export function addressTypes(family: "any" | Family): readonly number[] {
  if (family === "ipv4") return [RecordType.A];
  return family === "ipv6" ? [RecordType.AAAA] : [RecordType.A, RecordType.AAAA];
}

export interface LlmnrQuestion {
  readonly name: Name;
  readonly types: readonly number[];
  readonly links: LinkFilter;
  /** What the outcome is to be made of. */
  readonly wanted: "addresses" | "records";
}

export class LlmnrLookup implements Lookup, LlmnrOwner {
  readonly #host: HostContext;
  readonly #question: LlmnrQuestion;
  readonly #limit: TimeLimit;
  readonly #finish: Finish;
  #id: LlmnrLookupId | undefined;
  #deadline: Deadline<Task> | undefined;

  constructor(host: HostContext, question: LlmnrQuestion, limit: TimeLimit, finish: Finish) {
    this.#host = host;
    this.#question = question;
    this.#limit = limit;
    this.#finish = finish;
  }

  begin(now: Instant): void {
    const { name, types, links } = this.#question;
    this.#id = this.#host.llmnr.lookup({ name, types, links: this.#linksOf(links) }, this, now);
    this.#deadline = this.#host.schedule(this.#limit.at, {
      run: (then) => {
        this.cancel(then);
        this.#finish(silence(this.#limit));
      },
    });
  }

  cancel(now: Instant): void {
    this.#host.cancel(this.#deadline);
    if (this.#id !== undefined) this.#host.llmnr.cancel(this.#id, now);
    this.#id = undefined;
  }

  handleLlmnr(outcome: LlmnrOutcome): void {
    if (outcome.kind !== "lookup-done") return;
    this.#id = undefined;
    this.#host.cancel(this.#deadline);
    const answers = outcome.outcomes.flatMap((one) =>
      one.state === "answered" ? one.answers : [],
    );
    const { name } = this.#question;
    this.#finish(
      this.#found(answers) ??
        aliasOf(name, answers.map(foundRecord)) ??
        failureOf(outcome.outcomes),
    );
  }

  #found(answers: readonly LlmnrAnswer[]): LookupOutcome | undefined {
    return this.#question.wanted === "records"
      ? this.#asRecords(answers)
      : this.#asAddresses(answers);
  }

  #asRecords(answers: readonly LlmnrAnswer[]): LookupOutcome | undefined {
    const { types } = this.#question;
    const isAnswer = ({ record: { type } }: LlmnrAnswer) =>
      types.includes(type) || types.includes(RecordType.ANY);
    if (!answers.some(isAnswer)) return undefined;
    return { kind: "records", records: answers.map(foundRecord) };
  }

  #asAddresses(answers: readonly LlmnrAnswer[]): LookupOutcome | undefined {
    const addresses = distinctAddresses(answers.flatMap(foundAddress));
    if (addresses.length === 0) return undefined;
    const ordered = inAddressOrder(addresses, this.#host.links.values());
    return { kind: "addresses", canonicalName: this.#canonicalName(answers), addresses: ordered };
  }

  #canonicalName(answers: readonly LlmnrAnswer[]): Name {
    const withAddress = answers.find(({ record }) => record.type !== RecordType.CNAME);
    return withAddress?.record.name ?? this.#question.name;
  }

  #linksOf(filter: LinkFilter): "all" | readonly LinkId[] {
    if (filter === "all") return "all";
    const chosen = [...this.#host.links.values()].filter((link) => isChosen(filter, link));
    return chosen.map(({ id }) => id);
  }
}

/** Different answers are none: which of them were true cannot be known. */
function failureOf(outcomes: readonly TypeOutcome[]): LookupOutcome {
  const isKnown = outcomes.some(({ state }) => state === "no-data");
  return { kind: isKnown ? "no-data" : "no-such-name" };
}

function foundRecord({ record, link, source }: LlmnrAnswer): FoundRecord {
  return { record, ttl: record.ttl, link, protocol: "llmnr", source };
}

function foundAddress(answer: LlmnrAnswer): FoundAddress[] {
  const { data } = answer.record;
  if (data.kind !== "A" && data.kind !== "AAAA") return [];
  const { ttl, link, protocol, source } = foundRecord(answer);
  return [{ address: data.address, ttl, link, protocol, source }];
}
