/**
 * How a question of a stub's clients is answered by each protocol: with whole answers, under the name
 * that was asked for. A bare label that the link knows as `label.local` is an alias of that.
 */

import type { Instant } from "../core/time.ts";
import type { DnsEvent, TransactionId } from "../unicast/types.ts";
import { Flag, ResponseCode } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { PASSED_TTL_MAX } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import type { Lookup, LookupContext } from "./lookup-context.ts";
import type { Ways } from "./lookup-router.ts";
import { recordWays } from "./lookup-ways.ts";
import { aliasRecord } from "./plain-records.ts";
import { answerReply, failureReply, replyOf, withShortDenial } from "./question-reply.ts";
import type { Entrant } from "./ranked-lookup.ts";
import { askedName } from "./routing.ts";
import type { LookupOutcome, QuestionReply, QuestionSpec } from "./types.ts";
import type { UnicastOwner } from "./unicast-binding.ts";

/** Who else may know the name, beside name servers. */
export type Company = "alone" | "with-links";

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
): Ways<QuestionReply> {
  const { name, type } = question;
  const records = recordWays(context, { name, type, links: "all" });
  return {
    isFound: ({ answers }) => answers.length > 0,
    failureRank: ({ responseCode }) =>
      (FAILURE_RANK.indexOf(responseCode) + FAILURE_RANK.length) % FAILURE_RANK.length,
    failed: (failure) => replyOf(failure),
    own: () => {
      const reply = replied(records.own());
      return reply && authoritative(reply);
    },
    hosts: () => replied(records.hosts()),
    mdns: (reach, limit) =>
      replying(records.mdns(reach, limit), (reply) =>
        reach === "this-host" ? authoritative(reply) : named(name, reply),
      ),
    llmnr: (limit) => replying(records.llmnr(limit), (reply) => reply),
    // A bare label is never put to name servers: its clients' search lists have been by now.
    unicast: () =>
      company === "with-links" && name.labelCount === 1
        ? undefined
        : (finish) => new ServerQuestion(context.host, question, company, finish),
  };
}

function replied(outcome: LookupOutcome | undefined): QuestionReply | undefined {
  return outcome && replyOf(outcome);
}

/** Nobody else knows what is this host's own. */
function authoritative(reply: QuestionReply): QuestionReply {
  return { ...reply, flags: reply.flags | Flag.AA };
}

function replying(
  enter: Entrant<LookupOutcome>,
  change: (reply: QuestionReply) => QuestionReply,
): Entrant<QuestionReply> {
  return (finish) => enter((outcome) => finish(change(replyOf(outcome))));
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
