/**
 * When our questions leave (RFC 6762 §5.3): as soon as one must go, all that may go leave with it in
 * one message, with the answers that are known to them (§7.1). Repeats of a look-up that nobody has
 * answered leave in a message each.
 */

import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import { RecordClass } from "../wire/constants.ts";
import type { Question as WireQuestion } from "../wire/record.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { ACTIVE_QUESTIONS_MAX, LONE_QUESTIONS_MAX } from "./constants.ts";
import { knownAnswerList } from "./known-answer-list.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { Question, Window } from "./question.ts";

export interface SchedulerPort {
  /** The cached records that answer the question. */
  answersTo(question: Question, now: Instant): Iterable<CacheEntry>;
  handleAsked(question: Question, now: Instant): void;
}

interface Plan {
  readonly window: Window;
  readonly opening: Deadline<Question>;
  readonly closing: Deadline<Task>;
}

export class QueryScheduler implements Task {
  readonly #context: LinkContext;
  readonly #port: SchedulerPort;
  readonly #plans = new Map<Question, Plan>();
  /** By the instant from which each may be sent. */
  readonly #openings = new DeadlineQueue<Question>();

  /** Those beyond `ACTIVE_QUESTIONS_MAX`, which get their turn when others have been sent. */
  readonly #waiting = new Set<Question>();

  constructor(context: LinkContext, port: SchedulerPort) {
    this.#context = context;
    this.#port = port;
  }

  /** Questions that are to be sent at some time, and those that wait for a place among them. */
  get counts(): { readonly planned: number; readonly waiting: number } {
    return { planned: this.#plans.size, waiting: this.#waiting.size };
  }

  /** To be called whenever a question's window may have changed. */
  plan(question: Question): void {
    const { window } = question;
    const current = this.#plans.get(question);
    if (window === undefined) {
      this.drop(question);
    } else if (current !== undefined) {
      if (isSameWindow(current.window, window)) return;
      this.#cancel(current);
      this.#schedule(question, window);
    } else if (this.#plans.size < ACTIVE_QUESTIONS_MAX) {
      this.#schedule(question, window);
    } else {
      this.#waiting.add(question);
    }
  }

  /** The question is not to be sent any more. */
  drop(question: Question): void {
    this.#waiting.delete(question);
    const plan = this.#plans.get(question);
    if (plan === undefined) return;
    this.#cancel(plan);
    this.#plans.delete(question);
    this.#admitWaiting();
  }

  #admitWaiting(): void {
    for (const question of this.#waiting) {
      if (this.#plans.size >= ACTIVE_QUESTIONS_MAX) return;
      this.#waiting.delete(question);
      this.plan(question);
    }
  }

  #schedule(question: Question, window: Window): void {
    this.#plans.set(question, {
      window,
      opening: this.#openings.schedule(window.earliest, question),
      closing: this.#context.schedule(window.latest, this),
    });
  }

  #cancel(plan: Plan): void {
    this.#openings.cancel(plan.opening);
    this.#context.cancel(plan.closing);
  }

  /** A question must go: sends all that may. */
  run(now: Instant): void {
    const questions = this.#takeOpen(now);
    if (questions.length === 0) return;
    for (const message of messagesOf(questions)) this.#send(message, now);
    this.#admitWaiting();
    for (const question of questions) this.plan(question);
  }

  #takeOpen(now: Instant): readonly Question[] {
    const questions: Question[] = [];
    for (;;) {
      const question = this.#openings.pop(now);
      if (question === undefined) return questions;
      this.#context.cancel(this.#plans.get(question)?.closing);
      this.#plans.delete(question);
      questions.push(question);
    }
  }

  #send(questions: readonly Question[], now: Instant): void {
    const { sharesPort } = this.#context.link;
    const known = knownAnswerList(this.#answersTo(questions, now), now);
    const message = {
      // RFC 6762 §18.1: the query id is zero.
      id: 0,
      flags: 0,
      questions: questions.map((question) => onTheWire(question, sharesPort)),
      answers: known,
      authorities: [],
      additionals: [],
    };
    this.#context.send(message, "groups", "queries-sent", now);
    for (const question of questions) {
      question.noteAsked(asksUnicast(question, sharesPort), now);
      this.#port.handleAsked(question, now);
    }
  }

  *#answersTo(questions: readonly Question[], now: Instant): IterableIterator<CacheEntry> {
    for (const question of questions) yield* this.#port.answersTo(question, now);
  }
}

/** The questions of each message. */
function messagesOf(questions: readonly Question[]): readonly (readonly Question[])[] {
  const alone = questions.filter((question) => question.goesAlone);
  if (alone.length === 0 || alone.length > LONE_QUESTIONS_MAX) return [questions];
  const together = questions.filter((question) => !question.goesAlone);
  const lone = alone.map((question) => [question]);
  return together.length === 0 ? lone : [together, ...lone];
}

/** RFC 6762 §15.1: while the port is shared a unicast response may reach another process. */
function asksUnicast(question: Question, sharesPort: boolean): boolean {
  return question.prefersUnicast && !sharesPort;
}

function onTheWire(question: Question, sharesPort: boolean): WireQuestion {
  const { name, type } = question;
  const unicastResponse = asksUnicast(question, sharesPort);
  return { name, type, class: RecordClass.IN, unicastResponse };
}

function isSameWindow(a: Window, b: Window): boolean {
  return a.earliest === b.earliest && a.latest === b.latest;
}
