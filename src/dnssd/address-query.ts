/** The addresses of a host that offers services: standing questions for A and AAAA. */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkFilter, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { DnssdContext } from "./dnssd-context.ts";
import { RecordQuestion } from "./record-question.ts";

export class AddressQuery {
  readonly host: Name;
  readonly #questions: readonly [RecordQuestion, RecordQuestion];

  constructor(
    context: DnssdContext,
    host: Name,
    links: LinkFilter,
    onChange: (now: Instant) => void,
    now: Instant,
  ) {
    this.host = host;
    const ask = (type: number): RecordQuestion =>
      new RecordQuestion(context, { name: host, type, links }, onChange, now);
    this.#questions = [ask(RecordType.A), ask(RecordType.AAAA)];
  }

  stop(now: Instant): void {
    for (const question of this.#questions) question.stop(now);
  }

  /** IPv4 first, each family in the order of its text, so that equal sets look equal. */
  addressesOn(link: LinkId, now: Instant): readonly { address: IpAddress; expires: Instant }[] {
    return this.#questions.flatMap((question) =>
      question
        .answersOn(link, now)
        .flatMap(({ record: { data }, expires }) =>
          data.kind === "A" || data.kind === "AAAA" ? [{ address: data.address, expires }] : [],
        )
        .sort((a, b) => (a.address < b.address ? -1 : 1)),
    );
  }

  /** Each family has answered, be it that there is none. */
  isDecidedOn(link: LinkId, now: Instant): boolean {
    return this.#questions.every((question) => question.isDecidedOn(link, now));
  }
}
