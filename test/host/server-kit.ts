/**
 * A composed engine among simulated name servers and other hosts of its link, in virtual time.
 */

import type { ServerEvent } from "../../src/core/exchange.ts";
import { parseIpAddress } from "../../src/core/ip-address.ts";
import type { Link } from "../../src/core/link.ts";
import { DEFAULT_RESOLVER_SETTINGS } from "../../src/host/settings.ts";
import type {
  HostSettings,
  LookupId,
  LookupOutcome,
  QuestionReply,
  QuestionSpec,
  ResolverSettings,
} from "../../src/host/types.ts";
import { Flag, ResponseCode } from "../../src/wire/constants.ts";
import { ednsOf } from "../../src/wire/edns.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import { parseType } from "../../src/wire/type-names.ts";
import { type Asked, type Behaviour, receivedEvent, server } from "../unicast/resolver-kit.ts";
import { parsed } from "../wire/kit.ts";
import { HostKit } from "./host-kit.ts";

/** Milliseconds from a question to a simulated server to its answer. */
const LATENCY = 20;

export const SERVER = "192.0.2.53";

export interface ResolverParts {
  /** Domains, `.` for all others, to addresses of their servers. */
  readonly routes?: Readonly<Record<string, readonly string[]>>;
  readonly search?: readonly string[];
  readonly dns?: Partial<ResolverSettings["dns"]>;
  readonly localUnicastFallback?: ResolverSettings["localUnicastFallback"];
}

export function resolver(parts: ResolverParts = {}): ResolverSettings {
  const { routes = { ".": [SERVER] }, search = [], dns, localUnicastFallback = "auto" } = parts;
  const plan = Object.entries(routes).map(([domain, addresses]) => ({
    domain: Name.parse(domain),
    servers: addresses.map((address) => server(address)),
  }));
  return {
    servers: { routes: plan, bootstrap: [] },
    dns: { ...DEFAULT_RESOLVER_SETTINGS.dns, ...dns },
    search: { domains: search.map(Name.parse), ndots: 1, asksSingleLabel: false },
    localUnicastFallback,
  };
}

export class ServerKit extends HostKit {
  /** Everything that name servers were asked. */
  readonly asked: Asked[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #mail: { at: number; event: ServerEvent }[] = [];

  constructor(settings: Partial<HostSettings> = {}, links?: readonly Link[]) {
    super({ resolver: resolver(), mdnsMode: "resolve", ...settings }, links);
    this.drain();
  }

  serve(address: string, behaviour: Behaviour): void {
    this.#behaviours.set(address, behaviour);
  }

  /** `name type server` of each question to name servers, with its time. */
  get trace(): string[] {
    return this.asked.map(({ at, query, server: { address } }) => {
      const { name, type } = query.questions[0]!;
      return `${at} ${name} ${type} ${address}`;
    });
  }

  override advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let next = this.#nextMail(); next <= end; next = this.#nextMail()) {
      super.advance(Math.max(0, next - this.now));
      const due = this.#mail.findIndex(({ at }) => at <= this.now);
      if (due < 0) continue;
      this.engine.handleServerExchange(this.#mail.splice(due, 1)[0]!.event, this.instant);
      this.drain();
    }
    super.advance(end - this.now);
  }

  override drain(): void {
    super.drain();
    // The base class drains before this one's parts are there.
    if (!(#mail in this)) return;
    for (let c = this.engine.pollServerExchange(); c; c = this.engine.pollServerExchange()) {
      if (c.kind === "close") continue;
      const query = parsed(c.octets, "dns");
      const edns = ednsOf(query);
      if (edns === "invalid") throw new Error("invalid EDNS in a query");
      const { server: to, octets, onFreshConnection } = c;
      const asked = {
        at: this.now,
        server: to,
        query,
        edns,
        octets,
        onFreshConnection,
        command: c,
      };
      this.asked.push(asked);
      const said = this.#behaviours.get(to.address)?.(asked);
      if (said === undefined || "ended" in said) continue;
      const replies = "length" in said ? said : [said];
      for (const reply of replies) {
        this.#mail.push({ at: this.now + LATENCY, event: receivedEvent(asked, reply) });
      }
    }
  }

  /** A look-up of addresses, as people write the name. */
  lookup(name: string, parts: object = {}): LookupId {
    const extent = name.endsWith(".") ? "absolute" : "searched";
    const spec = { name: Name.parse(name), family: "ipv4", links: "all", extent } as const;
    const id = this.engine.lookup({ ...spec, ...parts }, this.instant);
    this.drain();
    return id;
  }

  lookupNames(address: string): LookupId {
    const spec = { address: parseIpAddress(address)!, links: "all" } as const;
    const id = this.engine.lookupNames(spec, this.instant);
    this.drain();
    return id;
  }

  /** `canonical name: address, ...`, names, or the reason; with the time. Undefined: under way. */
  told(id: LookupId): string | undefined {
    const found = this.outcome(id);
    return found && `${found.at} ${describeOutcome(found.outcome)}`;
  }

  /** Asks as a stub's client and lets time pass; the reply as `describeReply` has it. */
  ask(name: string, type = "A", parts: Partial<QuestionSpec> = {}, wait = 12_000): string {
    const id = this.question(name, type, parts);
    this.advance(wait);
    const reply = this.reply(id);
    return reply === undefined ? "nothing" : describeReply(reply.reply);
  }

  question(name: string, type = "A", parts: Partial<QuestionSpec> = {}): number {
    const id = this.engine.answerQuestion(
      {
        ...{ name: Name.parse(name), type: parseType(type)!, class: 1 },
        ...{ dnssecOk: false, checkingDisabled: false, recursionDesired: true },
        ...parts,
      },
      this.instant,
    );
    this.drain();
    return id;
  }

  reply(question: number): { at: number; reply: QuestionReply } | undefined {
    for (const { at, event } of this.said) {
      if (event.kind === "question-answered" && event.question === question) {
        return { at, reply: event.reply };
      }
    }
    return undefined;
  }

  #nextMail(): number {
    return this.#mail.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  }
}

function describeOutcome(outcome: LookupOutcome): string {
  switch (outcome.kind) {
    case "addresses":
      return `${outcome.canonicalName}: ${outcome.addresses.map((one) => one.address).join(", ")}`;
    case "names":
      return outcome.names.map(({ name }) => name.toString()).join(", ");
    case "records":
      return outcome.records.map(({ record }) => formatRecord(record)).join(", ");
    case "failed":
      return `failed ${outcome.reason}`;
    default:
      return outcome.kind;
  }
}

const CODES = new Map<number, string>(
  Object.entries(ResponseCode).map(([name, code]) => [code, name]),
);

/** `NOERROR aa ad`, then the records of the answer, a comma before each. */
export function describeReply({ flags, responseCode, answers }: QuestionReply): string {
  const bits = [(flags & Flag.AA) !== 0 ? " aa" : "", (flags & Flag.AD) !== 0 ? " ad" : ""];
  const records = answers.map((record) => `, ${formatRecord(record)}`);
  return `${CODES.get(responseCode)}${bits.join("")}${records.join("")}`;
}
