/**
 * One question of look-ups put to the links by Multicast DNS: a name, with one type or with A and AAAA
 * together so that they share a packet. Look-ups of the same name share the inquiry, and it stays for
 * a moment after the last of them, since callers tend to ask for one family after the other.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { isChosen, type LinkFilter, type LinkId } from "../core/link.ts";
import { after, type Instant } from "../core/time.ts";
import type { Answer, QueryId } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { INQUIRIES_MAX, INQUIRY_LINGER } from "./constants.ts";
import type { HostContext, Task } from "./host-context.ts";
import type { QueryEvent, QueryOwner } from "./mdns-binding.ts";

/** Called when something of the inquiry has changed. */
export type Listener = (now: Instant) => void;

interface Asked {
  readonly type: number;
  readonly query: QueryId;
  /** When the question first went out. */
  at: Instant | undefined;
  /** When its first answer came. */
  answeredAt: Instant | undefined;
}

export class Inquiry implements QueryOwner {
  /** Identifies name, types and links. */
  readonly key: string;
  readonly name: Name;
  readonly #context: HostContext;
  readonly #asked: Asked[] = [];
  readonly #listeners = new Set<Listener>();
  #heardAt: Instant | undefined;
  #lastHeardAt: Instant | undefined;

  constructor(context: HostContext, key: string, name: Name) {
    this.#context = context;
    this.key = key;
    this.name = name;
  }

  /** When anything of the name was first heard of, a negative answer included. */
  get heardAt(): Instant | undefined {
    return this.#heardAt;
  }

  get lastHeardAt(): Instant | undefined {
    return this.#lastHeardAt;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  begin(types: readonly number[], links: "all" | readonly LinkId[], now: Instant): void {
    for (const type of types) {
      const spec = { name: this.name, type, links, mode: "one-shot" } as const;
      const query = this.#context.mdns.startQuery(spec, this, now);
      const asked: Asked = { type, query, at: undefined, answeredAt: undefined };
      this.#asked.push(asked);
      const isKnown = this.#answersTo(asked, now).length > 0;
      if (isKnown) asked.answeredAt = now;
      if (isKnown || this.#context.mdns.isNegative(query, now)) this.#hear(now);
    }
  }

  end(now: Instant): void {
    for (const { query } of this.#asked) this.#context.mdns.stopQuery(query, now);
    this.#asked.length = 0;
  }

  listen(listener: Listener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Records of the type itself; CNAMEs are `aliases`. */
  answers(type: number, now: Instant): readonly Answer[] {
    const asked = this.#find(type);
    if (asked === undefined) return [];
    const answers = this.#answersTo(asked, now);
    return type === RecordType.ANY ? answers : answers.filter(({ record }) => record.type === type);
  }

  /** CNAME records of the name. */
  aliases(now: Instant): readonly Answer[] {
    const all = this.#asked.flatMap((asked) => this.#answersTo(asked, now));
    return all.filter(({ record }) => record.data.kind === "CNAME");
  }

  /** The name's owner says that it has no such record (RFC 6762 §6.1). */
  isNegative(type: number, now: Instant): boolean {
    const asked = this.#find(type);
    return asked !== undefined && this.#context.mdns.isNegative(asked.query, now);
  }

  askedAt(type: number): Instant | undefined {
    return this.#find(type)?.at;
  }

  answeredAt(type: number): Instant | undefined {
    return this.#find(type)?.answeredAt;
  }

  handleQueryEvent(event: QueryEvent, now: Instant): void {
    const asked = this.#asked.find(({ query }) => query === event.query);
    if (asked === undefined) return;
    if (event.kind === "asked") asked.at ??= now;
    else this.#hear(now);
    if (event.kind === "answer-added") asked.answeredAt ??= now;
    for (const listener of this.#listeners) listener(now);
  }

  #find(type: number): Asked | undefined {
    return this.#asked.find((asked) => asked.type === type);
  }

  #answersTo({ query }: Asked, now: Instant): readonly Answer[] {
    return this.#context.mdns.answers(query, now);
  }

  #hear(now: Instant): void {
    this.#heardAt ??= now;
    this.#lastHeardAt = now;
  }
}

/** The inquiries under way, shared by the look-ups. */
export class Inquiries {
  readonly #context: HostContext;
  readonly #all = new Map<string, Inquiry>();
  /** When those that linger end. */
  readonly #endings = new Map<Inquiry, Deadline<Task>>();

  constructor(context: HostContext) {
    this.#context = context;
  }

  /** The key under which an inquiry is shared: the same name, types and links. */
  keyOf(name: Name, types: readonly number[], links: LinkFilter): string {
    return `${name.key} ${types.join()} ${this.#linksOf(links)}`;
  }

  /** Joins the inquiry, or begins it. The listener is not called before this returns. */
  open(
    name: Name,
    types: readonly number[],
    links: LinkFilter,
    listener: Listener,
    now: Instant,
  ): Inquiry {
    const key = this.keyOf(name, types, links);
    let inquiry = this.#all.get(key);
    if (inquiry === undefined) {
      inquiry = new Inquiry(this.#context, key, name);
      this.#all.set(key, inquiry);
      inquiry.begin(types, this.#linksOf(links), now);
    }
    inquiry.listen(listener);
    this.#context.cancel(this.#endings.get(inquiry));
    this.#endings.delete(inquiry);
    return inquiry;
  }

  /** Leaves the inquiry. One that was answered lingers; one that nobody answered ends. */
  close(inquiry: Inquiry, listener: Listener, now: Instant): void {
    inquiry.unlisten(listener);
    if (inquiry.listenerCount > 0) return;
    const lingers = inquiry.heardAt !== undefined && this.#all.size <= INQUIRIES_MAX;
    if (lingers) this.#endLater(inquiry, now);
    else this.#end(inquiry, now);
  }

  #endLater(inquiry: Inquiry, now: Instant): void {
    const at = after(now, INQUIRY_LINGER);
    const deadline = this.#context.schedule(at, { run: (then) => this.#end(inquiry, then) });
    this.#endings.set(inquiry, deadline);
  }

  #end(inquiry: Inquiry, now: Instant): void {
    this.#endings.delete(inquiry);
    this.#all.delete(inquiry.key);
    inquiry.end(now);
  }

  #linksOf(filter: LinkFilter): "all" | readonly LinkId[] {
    if (filter === "all") return "all";
    return [...this.#context.links.values()]
      .filter((link) => isChosen(filter, link))
      .map(({ id }) => id);
  }
}
