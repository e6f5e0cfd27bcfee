/**
 * Look-ups at name servers: the resolver asks and decides (`unicast/`); here its answers become the
 * look-up's outcome. A host's addresses of both families are asked for together (RFC 8305 §3).
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, NEVER } from "../core/time.ts";
import type { Answer, DnsEvent, Failure, TransactionId } from "../unicast/types.ts";
import { Flag, RecordClass, RecordType, ResponseCode } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { inAddressOrder } from "./address-order.ts";
import { OTHER_FAMILY_WAIT } from "./constants.ts";
import type { HostContext, Task } from "./host-context.ts";
import {
  type AliasOutcome,
  aliasOf,
  type Finish,
  type Lookup,
  type StepOutcome,
} from "./lookup-context.ts";
import type { FoundAddress, FoundRecord, LookupFailure } from "./types.ts";
import type { UnicastOwner } from "./unicast-binding.ts";

export interface UnicastQuestion {
  readonly name: Name;
  readonly types: readonly number[];
  /** What the outcome is to be made of. */
  readonly wanted: "addresses" | "records";
  /** When the caller's patience ends; undefined: when the resolver's does. */
  readonly until: Instant | undefined;
  /** Which names that an alias leads to are not for name servers. */
  readonly isElsewhere: (name: Name) => boolean;
}

export class UnicastLookup implements Lookup, UnicastOwner {
  readonly #host: HostContext;
  readonly #question: UnicastQuestion;
  readonly #finish: Finish;
  readonly #asked = new Set<TransactionId>();
  readonly #answers: Answer[] = [];
  readonly #failures: Failure[] = [];
  #deadline: Deadline<Task> | undefined;

  constructor(host: HostContext, question: UnicastQuestion, finish: Finish) {
    this.#host = host;
    this.#question = question;
    this.#finish = finish;
  }

  begin(now: Instant): void {
    const { name, types, until } = this.#question;
    this.#deadline = this.#host.schedule(until ?? NEVER, {
      run: (then) => this.#end({ kind: "timed-out" }, then),
    });
    for (const type of types) {
      const spec = { name, type, class: RecordClass.IN };
      this.#asked.add(this.#host.unicast.resolve(spec, this, now));
    }
  }

  cancel(_now: Instant): void {
    this.#host.cancel(this.#deadline);
    for (const id of this.#asked) this.#host.unicast.cancel(id);
    this.#asked.clear();
  }

  handleUnicast(event: DnsEvent, now: Instant): void {
    this.#asked.delete(event.id);
    if (event.kind === "answered") this.#answers.push(event.answer);
    else this.#failures.push(event.failure);
    if (this.#asked.size === 0) this.#end(this.#outcome(), now);
    else if (this.#tellsMuch()) this.#waitForOther(now);
  }

  #tellsMuch(): boolean {
    return this.#addresses().length > 0 || this.#asAlias() !== undefined;
  }

  /** The other family is a moment late at most, or is left out. */
  #waitForOther(now: Instant): void {
    const { until } = this.#question;
    const at = after(now, OTHER_FAMILY_WAIT);
    if (until !== undefined && until <= at) return;
    this.#host.cancel(this.#deadline);
    this.#deadline = this.#host.schedule(at, { run: (then) => this.#end(this.#outcome(), then) });
  }

  #end(outcome: StepOutcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
  }

  #outcome(): StepOutcome {
    const found = this.#question.wanted === "addresses" ? this.#asAddresses() : this.#asRecords();
    return found ?? this.#asAlias() ?? this.#failure();
  }

  #asAddresses(): StepOutcome | undefined {
    const found = this.#addresses();
    if (found.length === 0) return undefined;
    const addresses = inAddressOrder(found, this.#host.links.values());
    return { kind: "addresses", canonicalName: this.#canonicalName(), addresses };
  }

  #asRecords(): StepOutcome | undefined {
    const { types } = this.#question;
    const records = this.#answers.flatMap(foundRecords);
    const isAnswer = ({ record: { type } }: FoundRecord) =>
      types.includes(type) || types.includes(RecordType.ANY);
    return records.some(isAnswer) ? { kind: "records", records } : undefined;
  }

  #asAlias(): AliasOutcome | undefined {
    const { name, isElsewhere } = this.#question;
    for (const answer of this.#answers) {
      const alias = aliasOf(name, foundRecords(answer));
      if (alias !== undefined && isElsewhere(alias.target)) return alias;
    }
    return undefined;
  }

  #addresses(): FoundAddress[] {
    const found = this.#answers.flatMap(foundRecords).flatMap(addressOf);
    return [...new Map(found.map((one) => [one.address, one])).values()];
  }

  #canonicalName(): Name {
    const records = this.#answers.flatMap(({ message }) => message.answers);
    return records.find(isAddress)?.name ?? this.#question.name;
  }

  #failure(): LookupFailure {
    if (this.#answers.some(isNameError)) return { kind: "no-such-name" };
    const [failure] = this.#failures;
    return failure === undefined ? { kind: "no-data" } : failureOf(failure);
  }
}

function isNameError({ message }: Answer): boolean {
  return (message.flags & Flag.RCODE) === ResponseCode.NXDOMAIN;
}

function failureOf({ reason, responseCode }: Failure): LookupFailure {
  if (reason === "no-servers") return { kind: "unavailable", protocols: ["unicast"] };
  return { kind: "failed", reason, responseCode };
}

function isAddress({ data }: ResourceRecord): boolean {
  return data.kind === "A" || data.kind === "AAAA";
}

function foundRecords(answer: Answer): FoundRecord[] {
  return answer.message.answers.map((record) => foundRecord(record, answer));
}

function foundRecord(record: ResourceRecord, { server: { address } }: Answer): FoundRecord {
  return { record, link: undefined, ttl: record.ttl, protocol: "unicast", source: address };
}

function addressOf({ record, ...found }: FoundRecord): FoundAddress[] {
  const { data } = record;
  return data.kind === "A" || data.kind === "AAAA" ? [{ address: data.address, ...found }] : [];
}
