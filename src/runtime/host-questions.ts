/**
 * Questions of the DNS stub answered by an engine in this process: what `servers/stub` calls its
 * question answerer.
 */

import { DotlocalError } from "../core/errors.ts";
import type { HostEngine } from "../host/host-engine.ts";
import { emptyReply } from "../host/question-reply.ts";
import type { CachedReply } from "../host/questions.ts";
import type { HostEvent, QuestionId, QuestionReply, QuestionSpec } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";
import { ResponseCode } from "../wire/constants.ts";
import { PendingAnswers } from "./pending-answers.ts";

export class HostQuestions {
  readonly #driver: Driver<HostEvent, HostEngine>;
  readonly #pending: PendingAnswers<QuestionId, QuestionReply>;

  constructor(driver: Driver<HostEvent, HostEngine>) {
    this.#driver = driver;
    this.#pending = new PendingAnswers(driver, (engine, id, now) => engine.cancelQuestion(id, now));
  }

  /** Another number when replies that were given before may no longer be right. */
  get epoch(): number {
    return this.#driver.engine.replyEpoch;
  }

  /** So many replies of `replyFromCache` were given again. */
  countRepeated(count: number): void {
    this.#driver.engine.countRepeatedReplies(count);
  }

  /** The fast way: a finished reply to a query's octets; undefined: use `answer`. */
  replyFromCache(
    query: Uint8Array,
    flags: Pick<QuestionSpec, "dnssecOk" | "checkingDisabled">,
  ): CachedReply | undefined {
    return this.#driver.engine.replyFromCache(query, flags, this.#driver.now());
  }

  /**
   * Always an answer: SERVFAIL where there is none to be had, or too much is under way.
   * @throws DotlocalError ABORTED when the signal is.
   */
  async answer(question: QuestionSpec, signal?: AbortSignal): Promise<QuestionReply> {
    try {
      return await this.#pending.run((engine, now) => engine.answerQuestion(question, now), signal);
    } catch (error) {
      const isFull = error instanceof DotlocalError && error.code === "LIMIT_REACHED";
      if (isFull) return emptyReply(ResponseCode.SERVFAIL);
      throw error;
    }
  }

  handleDone(id: QuestionId, reply: QuestionReply): void {
    this.#pending.handleDone(id, reply);
  }

  close(): void {
    this.#pending.close();
  }
}
