/**
 * A link of virtual time around one querier. Records, queries and events go in and come out as
 * lines of text in presentation format.
 */

import { Counters } from "../../src/core/counters.ts";
import { type Deadline, DeadlineQueue } from "../../src/core/deadline-queue.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { type Instant, instant } from "../../src/core/time.ts";
import { MDNS_PORT } from "../../src/mdns/constants.ts";
import type { LinkContext, Received, Target, Task } from "../../src/mdns/link-context.ts";
import { Querier } from "../../src/mdns/querier.ts";
import type { MdnsCounter, MdnsEvent, MdnsSettings, QueryId } from "../../src/mdns/types.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import {
  formatQuestion,
  formatRecord,
  parseQuestion,
  parseRecord,
} from "../../src/wire/presentation.ts";
import type { Question, ResourceRecord } from "../../src/wire/record.ts";
import { sameRecord } from "../../src/wire/record-order.ts";

export function record(text: string): ResourceRecord {
  const parsed = parseRecord(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}

function question(text: string): Question {
  const parsed = parseQuestion(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.value;
}

export interface SentQuery {
  readonly at: number;
  readonly message: Message;
  readonly target: Target;
}

const LINK: Link = {
  id: 1 as LinkId,
  name: "eth0",
  mtu: 1500,
  addresses: [{ family: "ipv4", address: "192.0.2.1" as IpAddress, prefixLength: 24 }],
  families: ["ipv4", "ipv6"],
  loopback: false,
  incarnation: 1,
  sharesPort: false,
};

const SETTINGS: MdnsSettings = {
  announcements: 2,
  cacheSizeMax: 100_000,
  cacheTtlMax: 86_400,
  packetsPerSecondMax: 200,
};

export class QuerierLink implements LinkContext {
  link: Link = LINK;
  readonly settings: MdnsSettings;
  readonly counters = new Counters<MdnsCounter>();
  readonly querier: Querier;
  readonly sent: SentQuery[] = [];
  now = 0 as Instant;
  /** What we publish; the querier is not told by a change of it alone. */
  own: readonly ResourceRecord[] = [];
  /** Where in its range each random number lies: 0 lowest, 1 highest. */
  chance = 0.5;
  readonly random = {
    integer: (min: number, max: number) => min + Math.floor((max - min) * this.chance),
  };
  readonly #deadlines = new DeadlineQueue<Task>();
  #events: string[] = [];
  #lastId = 0;

  constructor(settings: Partial<MdnsSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
    this.querier = new Querier(this, (name, type) =>
      this.own.filter(
        (own) => own.name.equals(name) && (type === RecordType.ANY || own.type === type),
      ),
    );
  }

  schedule(at: Instant, task: Task): Deadline<Task> {
    return this.#deadlines.schedule(at, task);
  }

  cancel(deadline: Deadline<Task> | undefined): void {
    this.#deadlines.cancel(deadline);
  }

  emit(event: MdnsEvent): void {
    this.#events.push(formatEvent(event));
  }

  send(message: Message, target: Target, counter: MdnsCounter): void {
    this.counters.add(counter);
    this.sent.push({ at: this.now, message, target });
  }

  ownRecordsChanged(): void {}

  isOurs(candidate: ResourceRecord): boolean {
    return this.own.some((own) => sameRecord(own, candidate));
  }

  /** Deadlines that are pending. */
  get pending(): number {
    return this.#deadlines.size;
  }

  /** Lets time pass up to `at`, in milliseconds, doing all that falls due in between. */
  runTo(at: number): void {
    while (this.#deadlines.next <= at) {
      this.now = this.#deadlines.next;
      this.#deadlines.pop(this.now)?.run(this.now);
    }
    this.now = instant(at);
  }

  run(duration: number): void {
    this.runTo(this.now + duration);
  }

  /** Starts a query, e.g. of `printer.local. A`. */
  start(text: string, mode: "continuous" | "one-shot" = "continuous"): QueryId {
    const { name, type } = question(text);
    const id = ++this.#lastId as QueryId;
    this.querier.start(id, { name, type, links: "all", mode }, this.now);
    return id;
  }

  stop(id: QueryId): void {
    this.querier.stop(id, this.now);
  }

  answers(id: QueryId): string[] {
    return this.querier.answers(id, this.now).map((answer) => formatRecord(answer.record));
  }

  /** A response to the group with these answers. */
  respond(...answers: string[]): void {
    this.receiveResponse({ answers });
  }

  receiveResponse(options: {
    answers?: readonly string[];
    additionals?: readonly string[];
    unicast?: boolean;
    source?: string;
  }): void {
    this.querier.handleResponse(
      received({
        flags: Flag.QR | Flag.AA,
        answers: (options.answers ?? []).map(record),
        additionals: (options.additionals ?? []).map(record),
        unicast: options.unicast ?? false,
        source: options.source ?? "192.0.2.7",
      }),
      this.now,
    );
  }

  /** A response to the group, for those who have its records already. */
  receiveRecords(answers: readonly ResourceRecord[]): void {
    this.querier.handleResponse(
      received({ answers, unicast: false, source: "192.0.2.7" }),
      this.now,
    );
  }

  /** Another host's query to the group. */
  overhear(
    questions: readonly string[],
    options: {
      knownAnswers?: readonly string[];
      proposed?: readonly string[];
      port?: number;
      unicast?: boolean;
      isTruncated?: boolean;
    } = {},
  ): void {
    this.querier.handleQuery(
      received({
        flags: options.isTruncated === true ? Flag.TC : 0,
        questions: questions.map(question),
        answers: (options.knownAnswers ?? []).map(record),
        authorities: (options.proposed ?? []).map(record),
        port: options.port ?? MDNS_PORT,
        unicast: options.unicast ?? false,
        source: "192.0.2.9",
      }),
      this.now,
    );
  }

  publish(...texts: string[]): void {
    const added = texts.map(record);
    this.own = [...this.own, ...added];
    this.querier.handleOwnRecords(added, [], this.now);
  }

  withdraw(...texts: string[]): void {
    const removed = texts.map(record);
    this.own = this.own.filter((own) => !removed.some((each) => sameRecord(each, own)));
    this.querier.handleOwnRecords([], removed, this.now);
  }

  /** What queries' owners were told since last asked for. */
  takeEvents(): string[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Queries sent since last asked for: `MILLISECONDS: QUESTION, ...`. */
  takeQueries(): string[] {
    return this.sent
      .splice(0)
      .map(({ at, message }) => `${at}: ${message.questions.map(formatQuestion).join(", ")}`);
  }

  cached(): string[] {
    return Array.from(this.querier.cached(this.now), (cached) => formatRecord(cached.record));
  }
}

function received(
  options: Partial<Message> & { port?: number; unicast: boolean; source: string },
): Received {
  const { port, unicast, source, ...message } = options;
  return {
    message: {
      id: 0,
      flags: 0,
      questions: [],
      answers: [],
      authorities: [],
      additionals: [],
      ...message,
    },
    source: { address: source as IpAddress, port: port ?? MDNS_PORT },
    family: "ipv4",
    arrival: unicast ? { to: "unicast", address: "192.0.2.1" as IpAddress } : { to: "group" },
    fromThisHost: false,
  };
}

/** `+ ID RECORD`, `- ID RECORD`, `negative ID`, `asked ID`; own answers with `own` at the end. */
function formatEvent(event: MdnsEvent): string {
  switch (event.kind) {
    case "answer-added":
    case "answer-removed": {
      const sign = event.kind === "answer-added" ? "+" : "-";
      const own = event.answer.own ? " own" : "";
      return `${sign} ${event.query} ${formatRecord(event.answer.record)}${own}`;
    }
    case "negative":
    case "asked":
      return `${event.kind} ${event.query}`;
    default:
      throw new Error(`a querier does not say ${event.kind}`);
  }
}

export function name(text: string): Name {
  return Name.parse(text);
}
