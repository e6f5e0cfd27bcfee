/** What a link's querier tells of itself: plain data for `status`, the metrics and the checkers. */

import { between, type Duration, type Instant } from "../core/time.ts";
import type { ActiveQuestions } from "./active-questions.ts";
import type { RecordCache } from "./cache.ts";
import type { QueryScheduler } from "./query-scheduler.ts";
import type { Question, SeriesState } from "./question.ts";

export interface QuestionSnapshot {
  /** Presentation format. */
  readonly name: string;
  readonly type: number;
  /** Queries that share it. */
  readonly subscribers: number;
  readonly state: SeriesState;
  /** Since it last went out; undefined when it has not. */
  readonly sinceAsked: Duration | undefined;
  /** Until it must go out next; undefined when nothing is planned. */
  readonly untilNext: Duration | undefined;
}

export interface QuerierSnapshot {
  readonly questions: readonly QuestionSnapshot[];
  /** Questions for which there is no place yet among those to be sent. */
  readonly questionsWaiting: number;
  readonly reconfirmations: number;
  readonly cache: {
    readonly records: number;
    readonly names: number;
    readonly evictions: number;
  };
}

export interface SnapshotParts {
  readonly questions: ActiveQuestions;
  readonly cache: RecordCache;
  readonly scheduler: QueryScheduler;
  readonly reconfirmations: number;
}

export function querierSnapshot(parts: SnapshotParts, now: Instant): QuerierSnapshot {
  const { questions, cache, scheduler, reconfirmations } = parts;
  return {
    questions: Array.from(questions, (question) => questionSnapshot(question, now)),
    questionsWaiting: scheduler.counts.waiting,
    reconfirmations,
    cache: { records: cache.size, names: cache.nameCount, evictions: cache.evictions },
  };
}

function questionSnapshot(question: Question, now: Instant): QuestionSnapshot {
  const { name, type, subscriptions, state, lastAsked, window } = question;
  return {
    name: name.toString(),
    type,
    subscribers: subscriptions.size,
    state,
    sinceAsked: lastAsked === undefined ? undefined : between(lastAsked, now),
    untilNext: window === undefined ? undefined : between(now, window.latest),
  };
}
