/**
 * One message as several packets of a bounded size (RFC 6762 §7.2, §17, §18.5).
 *
 * - A response's answers go into as many packets as they need, in order and without TC. Additional
 *   records go along in the last as far as they fit.
 * - A query whose known answers do not fit: the questions with as many as fit, then packets of
 *   known answers only; TC on all but the last.
 * - Questions that do not fit in one packet, and probes: the questions of one name stay together
 *   with its known answers and its proposed records, since tiebreaking compares the whole set
 *   (RFC 6762 §8.2).
 * - A record too large for a packet goes in one of its own, which the network fragments, up to a
 *   second bound (RFC 6762 §17); beyond that it is left out and counted.
 */

import { composeWhole } from "./compose.ts";
import { Flag } from "./constants.ts";
import { type Dialect, isResponse, type Message } from "./message.ts";
import { MessageWriter, type RecordSection } from "./message-writer.ts";
import type { Question, ResourceRecord } from "./record.ts";

/** Octets of a message, without the headers of UDP and IP. */
export interface SplitLimits {
  readonly sizeMax: number;
  /** For a packet that holds a single record. */
  readonly singleRecordMax: number;
}

export interface SplitMessage {
  readonly packets: readonly Uint8Array[];
  /** Questions, answers and authority records that no packet could take. */
  readonly omitted: number;
}

/** Throws `DotlocalError` INVALID_DATA for a message that cannot be composed. */
export function splitMessage(
  message: Message,
  dialect: Dialect,
  limits: SplitLimits,
): SplitMessage {
  const whole = composeWhole(message, dialect, limits.sizeMax);
  if (whole !== undefined) return { packets: [whole], omitted: 0 };
  const splitter = new Splitter(message, dialect, limits);
  if (isResponse(message)) splitter.splitResponse();
  else splitter.splitQuery();
  return splitter;
}

/** RFC 1035 §4.1.1: where the header holds TC. */
const TC_OFFSET = 2;

/** What a query says about one name. */
interface NameGroup {
  readonly questions: Question[];
  readonly answers: ResourceRecord[];
  readonly authorities: ResourceRecord[];
}

class Splitter implements SplitMessage {
  readonly packets: Uint8Array[] = [];
  omitted = 0;
  readonly #message: Message;
  readonly #dialect: Dialect;
  readonly #limits: SplitLimits;
  readonly #writer: MessageWriter;

  constructor(message: Message, dialect: Dialect, limits: SplitLimits) {
    this.#message = message;
    this.#dialect = dialect;
    this.#limits = limits;
    this.#writer = new MessageWriter(dialect);
  }

  splitResponse(): void {
    this.#open();
    for (const question of this.#message.questions) this.#addQuestion(question);
    for (const record of this.#message.answers) this.#addRecord("answers", record);
    for (const record of this.#message.authorities) this.#addRecord("authorities", record);
    this.#closeLast();
  }

  splitQuery(): void {
    const { questions, answers, authorities } = this.#message;
    if (authorities.length === 0 && this.#fits([{ questions, answers: [], authorities }])) {
      this.#addKnownAnswers(answers);
    } else {
      this.#splitByName();
    }
    this.#closeLast();
  }

  /** As many names to a packet as fit whole. */
  #splitByName(): void {
    let pending: NameGroup[] = [];
    for (const group of groupByName(this.#message)) {
      if (this.#fits([...pending, group])) {
        pending.push(group);
        continue;
      }
      if (this.#fits(pending)) this.#close();
      pending = this.#fits([group]) ? [group] : [];
      if (pending.length === 0) this.#splitGroup(group);
    }
    this.#fits(pending);
  }

  /** A name whose known answers or proposed records do not fit in one packet. */
  #splitGroup(group: NameGroup): void {
    this.#open();
    for (const question of group.questions) this.#addQuestion(question);
    if (group.authorities.length === 0) {
      this.#addKnownAnswers(group.answers);
    } else {
      this.omitted += group.answers.length;
      if (group.authorities.length === 1) this.#writer.sizeMax = this.#limits.singleRecordMax;
      for (const record of group.authorities) {
        if (!this.#writer.tryAdd("authorities", record)) this.omitted++;
      }
    }
    this.#close();
  }

  /** Opens a packet with these; false when they pass the bound, and the packet is then of no use. */
  #fits(
    groups: readonly Readonly<Pick<Message, "questions" | "answers" | "authorities">>[],
  ): boolean {
    this.#open();
    const writer = this.#writer;
    return (
      groups.every((group) => group.questions.every((entry) => writer.tryAddQuestion(entry))) &&
      groups.every((group) => writer.tryAddAll("answers", group.answers)) &&
      groups.every((group) => writer.tryAddAll("authorities", group.authorities))
    );
  }

  #addQuestion(question: Question): void {
    if (!this.#writer.tryAddQuestion(question)) this.omitted++;
  }

  /** Adds the known answers to the packet and to others after it (RFC 6762 §7.2). */
  #addKnownAnswers(answers: readonly ResourceRecord[]): void {
    const first = this.packets.length;
    for (const record of answers) this.#addRecord("answers", record);
    const isLastOpen = this.#writer.count > 0;
    const end = this.packets.length - (isLastOpen ? 0 : 1);
    for (let index = first; index < end; index++) {
      this.packets[index]![TC_OFFSET]! |= Flag.TC >> 8;
    }
  }

  /** Adds to the packet, or to another after it. */
  #addRecord(section: RecordSection, record: ResourceRecord): void {
    if (this.#writer.tryAdd(section, record)) return;
    this.#close();
    if (this.#writer.tryAdd(section, record)) return;
    this.#writer.sizeMax = this.#limits.singleRecordMax;
    if (!this.#writer.tryAdd(section, record)) this.omitted++;
    this.#writer.sizeMax = this.#limits.sizeMax;
  }

  #open(): void {
    this.#writer.clear(this.#dialect, this.#limits.sizeMax);
    this.#writer.id = this.#message.id;
    this.#writer.flags = this.#message.flags;
  }

  /** Ends the packet, unless it is empty, and opens another. */
  #close(): void {
    if (this.#writer.count === 0) return;
    this.packets.push(this.#writer.finish());
    this.#open();
  }

  #closeLast(): void {
    if (this.#writer.count > 0 && this.#writer.size <= this.#limits.sizeMax) {
      for (const record of this.#message.additionals) this.#writer.tryAdd("additionals", record);
    }
    this.#close();
  }
}

/** In the order in which the names first come. */
function groupByName(message: Message): Iterable<NameGroup> {
  const groups = new Map<string, NameGroup>();
  const groupOf = (entry: Question | ResourceRecord): NameGroup => {
    const known = groups.get(entry.name.key);
    if (known !== undefined) return known;
    const group: NameGroup = { questions: [], answers: [], authorities: [] };
    groups.set(entry.name.key, group);
    return group;
  };
  for (const question of message.questions) groupOf(question).questions.push(question);
  for (const record of message.answers) groupOf(record).answers.push(record);
  for (const record of message.authorities) groupOf(record).authorities.push(record);
  return groups.values();
}
