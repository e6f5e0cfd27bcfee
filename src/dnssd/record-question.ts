/** A standing question, and what is known on each link that answers it. */

import type { LinkId } from "../core/link.ts";
import { after, type Instant, seconds } from "../core/time.ts";
import type { DnssdContext } from "./dnssd-context.ts";
import type { QueryEvent, QueryOwner } from "./record-binding.ts";
import type { RecordAnswer, RecordQueryId, RecordQuerySpec } from "./record-port.ts";

/** RFC 6762 §10.1, §10.2: a record that is to go is kept for this long. */
const FAREWELL_TIME = seconds(1);

export class RecordQuestion implements QueryOwner {
  readonly #context: DnssdContext;
  readonly #onChange: (now: Instant) => void;
  readonly #id: RecordQueryId;
  /** Until when a link's owner of the name has no such record. */
  readonly #negatives = new Map<LinkId, Instant>();

  constructor(
    context: DnssdContext,
    spec: RecordQuerySpec,
    onChange: (now: Instant) => void,
    now: Instant,
  ) {
    this.#context = context;
    this.#onChange = onChange;
    this.#id = context.records.startQuery(spec, this, now);
  }

  stop(now: Instant): void {
    this.#context.records.stopQuery(this.#id, now);
  }

  /** The links that something is known of. */
  links(now: Instant): ReadonlySet<LinkId> {
    return new Set(this.#answers(now).map(({ link }) => link));
  }

  /** What is known on the link, but for records on their way out beside others that stay. */
  answersOn(link: LinkId, now: Instant): readonly RecordAnswer[] {
    const answers = this.#answers(now).filter((answer) => answer.link === link);
    const lasting = answers.filter(({ expires }) => expires > after(now, FAREWELL_TIME));
    return lasting.length > 0 ? lasting : answers;
  }

  isDecidedOn(link: LinkId, now: Instant): boolean {
    const negative = this.#negatives.get(link);
    return (negative !== undefined && negative > now) || this.answersOn(link, now).length > 0;
  }

  handleQueryEvent(event: QueryEvent, now: Instant): void {
    if (event.kind === "asked") return;
    if (event.kind === "negative") this.#negatives.set(event.link, event.expires);
    this.#onChange(now);
  }

  #answers(now: Instant): readonly RecordAnswer[] {
    return this.#context.records.port.answers(this.#id, now);
  }
}
