/** The questions that are asked on one link, by what they ask for and by who asks. */

import type { Name } from "../wire/name.ts";
import { Question } from "./question.ts";
import type { Subscription } from "./subscription.ts";
import type { QueryId } from "./types.ts";

const NONE: readonly Question[] = [];

export class ActiveQuestions {
  /** By the name's key; few types are asked of one name. */
  readonly #byName = new Map<string, Question[]>();
  readonly #byQuery = new Map<QueryId, Question>();

  /** All questions about the name. */
  about(name: Name): readonly Question[] {
    return this.#byName.get(name.key) ?? NONE;
  }

  find(name: Name, type: number): Question | undefined {
    return this.about(name).find((question) => question.type === type);
  }

  /** The question for that name and type, made where there is none. */
  open(name: Name, type: number): Question {
    const known = this.find(name, type);
    if (known !== undefined) return known;
    const question = new Question(name, type);
    const questions = this.#byName.get(name.key);
    if (questions === undefined) this.#byName.set(name.key, [question]);
    else questions.push(question);
    return question;
  }

  /** Forgets the question when nobody uses it any more; returns whether it did. */
  close(question: Question): boolean {
    if (question.isUsed) return false;
    const { key } = question.name;
    const others = this.about(question.name).filter((other) => other !== question);
    if (others.length === 0) this.#byName.delete(key);
    else this.#byName.set(key, others);
    return true;
  }

  questionOf(id: QueryId): Question | undefined {
    return this.#byQuery.get(id);
  }

  subscribe(question: Question, subscription: Subscription): void {
    question.subscriptions.set(subscription.id, subscription);
    this.#byQuery.set(subscription.id, question);
  }

  /** Ends the query; returns the question it had, which may be in use still. */
  unsubscribe(id: QueryId): Question | undefined {
    const question = this.#byQuery.get(id);
    if (question === undefined) return undefined;
    this.#byQuery.delete(id);
    question.subscriptions.delete(id);
    question.handleUnsubscribed();
    return question;
  }

  *[Symbol.iterator](): IterableIterator<Question> {
    for (const questions of this.#byName.values()) yield* questions;
  }
}
