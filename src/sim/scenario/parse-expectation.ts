/** Events and states that a scenario expects. */

import { parseRecordPattern } from "./parse-record.ts";
import {
  isServiceState,
  parseServiceEvent,
  parseServiceState,
  SERVICE_EVENT_KINDS,
  SERVICE_STATE_WORDS,
} from "./parse-service.ts";
import { parseHowMany } from "./parse-window.ts";
import type { EventPattern, NumberPattern, StatePattern } from "./syntax.ts";
import type { Words } from "./words.ts";

const EVENT_KINDS = [
  "registered",
  "conflicted",
  "ceded",
  "reclaimed",
  "answer-added",
  "answer-removed",
  "negative",
  "asked",
  // Those of LLMNR hosts.
  "verified",
  "defended",
  "reported",
  "answers-differ",
  "answered",
  "no-data",
  "silent",
  "disputed",
  "sentinel-clear",
  "sentinel-alarm",
  ...SERVICE_EVENT_KINDS,
] as const;

/** Kinds that are about one type of a look-up. */
const OUTCOME_KINDS: readonly string[] = ["no-data", "silent", "disputed"];

/** `registered [NAME]`, `conflicted [NAME] [rival ADDRESS]`, `answer-added RECORD`, `asked NAME TYPE`. */
export function parseEventPattern(words: Words): EventPattern {
  const kind = words.oneOf(EVENT_KINDS, "the kind of event");
  const none: EventPattern = {
    kind,
    name: undefined,
    type: undefined,
    record: undefined,
    rival: undefined,
    service: undefined,
  };
  const service = SERVICE_EVENT_KINDS.find((known) => known === kind);
  if (service !== undefined) return { ...none, ...parseServiceEvent(words, service) };
  if (OUTCOME_KINDS.includes(kind)) {
    return words.isAtEnd ? none : { ...none, type: words.type() };
  }
  if (kind === "answer-added" || kind === "answer-removed" || kind === "answered") {
    return words.isAtEnd ? none : { ...none, record: parseRecordPattern(words) };
  }
  const name = words.isAtEnd || words.next === "rival" ? undefined : words.name();
  const hasType = (kind === "negative" || kind === "asked") && !words.isAtEnd;
  const type = hasType ? words.type() : undefined;
  const rival = words.skip("rival") ? words.address() : undefined;
  return { ...none, name, type, rival };
}

const STATE_WORDS = [
  ...(["sees", "caches", "registration", "counts"] as const),
  ...SERVICE_STATE_WORDS,
] as const;

export function isAtState(words: Words): boolean {
  return STATE_WORDS.some((word) => word === words.next);
}

/** `sees|caches [no|N] RECORD`, `registration [ID] STATE`, `counts COUNTER>=N`, those of services. */
export function parseStatePattern(words: Words): StatePattern {
  const kind = words.oneOf(STATE_WORDS, "the state");
  if (kind === "registration") return parseRegistrationState(words);
  if (kind === "counts") return parseCounter(words);
  if (isServiceState(kind)) return parseServiceState(words, kind);
  return { kind, ...parseHowMany(words), record: parseRecordPattern(words) };
}

function parseRegistrationState(words: Words): StatePattern {
  const states = [
    ...(["probing", "registered", "conflicted"] as const),
    ...(["verifying", "unique", "unverified"] as const),
  ] as const;
  const isNamed = !states.some((state) => state === words.next);
  const id = isNamed ? words.take("the registration") : undefined;
  return { kind: "registration", id, state: words.oneOf(states, "the state") };
}

function parseCounter(words: Words): StatePattern {
  const match = words.takeMatch(/^([a-z-]+)(<=|>=|!=|=|<|>)(\d+)$/);
  if (match === undefined) words.fail("a counter is expected, e.g. conflicts>=1");
  const comparison = match[2] as NumberPattern["comparison"];
  return { kind: "counter", counter: match[1]!, value: { comparison, value: Number(match[3]) } };
}
