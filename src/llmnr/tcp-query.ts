/**
 * One question by TCP to one host (RFC 4795 §2.4): after a truncated response, or for the name of an
 * address. Over when the answer has come, the connection has failed, or the time is over.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { ExchangeId } from "../core/exchange.ts";
import { familyOf, type IpAddress, isInSubnet } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { after, type Instant } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import type { Question } from "../wire/record.ts";
import { LLMNR_PORT, TCP_ANSWER_WAIT, TCP_HOP_LIMIT } from "./constants.ts";
import { type ExchangeOwner, type LlmnrContext, querySource, type Task } from "./link-context.ts";
import { type ReceivedResponse, readTcpResponse } from "./received-response.ts";

/** Undefined: there was no answer that could be used. */
export type TcpQueryDone = (response: ReceivedResponse | undefined, now: Instant) => void;

export class TcpQuery implements ExchangeOwner {
  readonly #context: LlmnrContext;
  readonly #link: Link;
  readonly #address: IpAddress;
  readonly #question: Question;
  readonly #done: TcpQueryDone;
  readonly #id: number;
  readonly #exchange: ExchangeId;
  readonly #deadline: Deadline<Task>;
  #progress: "open" | "over" = "open";

  constructor(
    context: LlmnrContext,
    query: { readonly link: Link; readonly address: IpAddress; readonly question: Question },
    done: TcpQueryDone,
    now: Instant,
  ) {
    const { link, address, question } = query;
    this.#context = context;
    this.#link = link;
    this.#address = address;
    this.#question = question;
    this.#done = done;
    this.#id = context.ownQueries.draw(link.id, context.random);
    this.#exchange = context.openExchange(
      {
        transport: "tcp",
        destination: { address, port: LLMNR_PORT },
        link: link.id,
        from: this.#source(),
        // RFC 4795 §2.5: so that the query cannot leave the link.
        hopLimit: TCP_HOP_LIMIT,
      },
      this,
    );
    this.#send();
    const task = { run: (at: Instant) => this.#finish(undefined, at) };
    this.#deadline = context.schedule(after(now, TCP_ANSWER_WAIT), task);
  }

  cancel(): void {
    if (this.#progress === "over") return;
    this.#progress = "over";
    this.#context.cancel(this.#deadline);
    this.#context.ownQueries.release(this.#id);
    this.#context.closeExchange(this.#exchange);
  }

  handleMessage(octets: Uint8Array, _source: IpAddress, _port: number, now: Instant): void {
    const family = familyOf(this.#address);
    const query = { id: this.#id, question: this.#question, link: this.#link, family };
    const response = readTcpResponse(octets, this.#address, query);
    if (typeof response === "string") {
      this.#context.count(this.#link.id, `discarded-${response}`);
      if (response === "response-code") this.#finish(undefined, now);
      return;
    }
    this.#context.count(this.#link.id, "responses-received");
    // RFC 4795 §2.1.1: a response of a host that is not sure of its name is not one.
    this.#finish(response.isTentative ? undefined : response, now);
  }

  /** RFC 4795 §2.4: a connection that cannot be had says that there is no such name. */
  handleEnded(now: Instant): void {
    this.#finish(undefined, now);
  }

  #send(): void {
    const sections = { answers: [], authorities: [], additionals: [] };
    const message = { id: this.#id, flags: 0, questions: [this.#question], ...sections };
    this.#context.sendOn(this.#exchange, composeMessage(message, "dns"));
    this.#context.count(this.#link.id, "tcp-queries-sent");
  }

  /** RFC 4795 §2.5: an address of the link, best one of the same subnet. */
  #source(): IpAddress | undefined {
    const family = familyOf(this.#address);
    const { addresses } = this.#link;
    const near = addresses.find(
      (own) => own.family === family && isInSubnet(this.#address, own.address, own.prefixLength),
    );
    return near?.address ?? querySource(this.#link, family);
  }

  #finish(response: ReceivedResponse | undefined, now: Instant): void {
    if (this.#progress === "over") return;
    this.cancel();
    this.#done(response, now);
  }
}
