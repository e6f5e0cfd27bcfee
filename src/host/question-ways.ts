/**
 * How a question of a stub's clients is answered by each protocol: with whole answers, under the name
 * that was asked for. A bare label that the link knows as `label.local` is an alias of that.
 */

import type { Instant } from "../core/time.ts";
import type { DnsEvent, TransactionId } from "../unicast/types.ts";
import { Flag, RecordType, ResponseCode } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { chainFrom } from "./alias-lookup.ts";
import { PASSED_TTL_MAX } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import type { Lookup, LookupContext, StepOutcome } from "./lookup-context.ts";
import type { Ways } from "./lookup-router.ts";
import { isOffServers, recordWays } from "./lookup-ways.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { aliasRecord } from "./plain-records.ts";
import { answerReply, failureReply, replyOf, withShortDenial } from "./question-reply.ts";
import type { Entrant } from "./ranked-lookup.ts";
import { askedName } from "./routing.ts";
import { servedReply, withDenialProof } from "./served-zones.ts";
import type { QuestionReply, QuestionSpec } from "./types.ts";
import type { UnicastOwner } from "./unicast-binding.ts";

/** Who else may know the name, beside name servers. */
export type Company = "alone" | "with-links";

/** A reply, perhaps of nothing but aliases that lead to a name of another protocol. */
export interface QuestionStep {
  readonly reply: QuestionReply;
  readonly target: Name | undefined;
}

/** What says more about a name that was not found, first. */
const FAILURE_RANK: readonly number[] = [
  ResponseCode.NOERROR,
  ResponseCode.SERVFAIL,
  ResponseCode.NXDOMAIN,
];

export function questionWays(
  context: LookupContext,
  question: QuestionSpec,
  company: Company,
): Ways<QuestionStep> {
  const { name, type } = question;
  const records = recordWays(context, { name, type, links: "all" });
  return {
    isFound: ({ reply }) => reply.answers.length > 0,
    failureRank: ({ reply: { responseCode } }) =>
      (FAILURE_RANK.indexOf(responseCode) + FAILURE_RANK.length) % FAILURE_RANK.length,
    failed: (failure) => stepOf(failure, (reply) => servedReply(question, reply)),
    own: () => {
      const outcome = records.own();
      return outcome && stepOf(outcome, (reply) => withDenialProof(authoritative(reply), name));
    },
    hosts: () => {
      const outcome = records.hosts();
      return outcome && stepOf(outcome);
    },
    mdns: (reach, limit) =>
      stepping(records.mdns(reach, limit), (reply) =>
        reach === "this-host" ? authoritative(reply) : named(name, reply),
      ),
    llmnr: (limit) => stepping(records.llmnr(limit), (reply) => reply),
    // A bare label is never put to name servers: its clients' search lists have been by now.
    unicast: () =>
      company === "with-links" && name.labelCount === 1
        ? undefined
        : (finish) => serverLookup(context, question, company, finish),
  };
}

/** The question put to name servers. */
export function serverLookup(
  { host, own }: LookupContext,
  question: QuestionSpec,
  company: Company,
  finish: (step: QuestionStep) => void,
): Lookup {
  return new ServerQuestion(host, question, company, (reply) =>
    finish({ reply, target: targetIn(reply, question, own) }),
  );
}

function stepOf(
  outcome: StepOutcome,
  change: (reply: QuestionReply) => QuestionReply = (reply) => reply,
): QuestionStep {
  const target = outcome.kind === "alias" ? outcome.target : undefined;
  return { reply: change(replyOf(outcome)), target };
}

/** Where an answer of name servers leads without saying more: to the link, or to this host. */
function targetIn(
  { answers }: QuestionReply,
  { name, type }: QuestionSpec,
  own: OwnAnswers,
): Name | undefined {
  if (type === RecordType.CNAME || type === RecordType.ANY) return undefined;
  const { end, aliases } = chainFrom(name, answers);
  const isData = (record: ResourceRecord) => record.type === type && record.name.equals(end);
  const isOpen = aliases.length > 0 && !answers.some(isData);
  return isOpen && isOffServers(end, own) ? end : undefined;
}

/** Nobody else knows what is this host's own. */
function authoritative(reply: QuestionReply): QuestionReply {
  return { ...reply, flags: reply.flags | Flag.AA };
}

function stepping(
  enter: Entrant<StepOutcome>,
  change: (reply: QuestionReply) => QuestionReply,
): Entrant<QuestionStep> {
  return (finish) => enter((outcome) => finish(stepOf(outcome, change)));
}

/** The link's answer under the name that was asked for. */
function named(name: Name, reply: QuestionReply): QuestionReply {
  const known = askedName(name, "mdns");
  if (known.equals(name) || reply.answers.length === 0) return reply;
  const alias: ResourceRecord = aliasRecord(name, known, PASSED_TTL_MAX);
  return { ...reply, answers: [alias, ...reply.answers] };
}

/** A question put to name servers, whose answer is passed on as it is. */
export class ServerQuestion implements Lookup, UnicastOwner {
  readonly #host: HostContext;
  readonly #question: QuestionSpec;
  readonly #company: Company;
  readonly #finish: (reply: QuestionReply) => void;
  #id: TransactionId | undefined;

  constructor(
    host: HostContext,
    question: QuestionSpec,
    company: Company,
    finish: (reply: QuestionReply) => void,
  ) {
    this.#host = host;
    this.#question = question;
    this.#company = company;
    this.#finish = finish;
  }

  begin(now: Instant): void {
    this.#id = this.#host.unicast.resolve(this.#question, this, now);
  }

  cancel(): void {
    if (this.#id !== undefined) this.#host.unicast.cancel(this.#id);
    this.#id = undefined;
  }

  handleUnicast(event: DnsEvent): void {
    this.#id = undefined;
    if (event.kind === "failed") this.#finish(failureReply(event.failure));
    else if (this.#company === "alone") this.#finish(answerReply(event.answer));
    else this.#finish(withShortDenial(answerReply(event.answer)));
  }
}
