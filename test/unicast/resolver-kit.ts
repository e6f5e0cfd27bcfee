/**
 * A resolver among simulated name servers, in virtual time: servers answer by a function after a
 * latency, and everything that was asked and came of it is kept with its time.
 */

import type { ExchangeServer, ServerCommand, ServerEvent } from "../../src/core/exchange.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { type Instant, instant, NEVER } from "../../src/core/time.ts";
import { DnsEngine } from "../../src/unicast/engine.ts";
import type {
  DnsEvent,
  DnsSettings,
  NameServer,
  ResolveSpec,
  TransactionId,
} from "../../src/unicast/types.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordType, ResponseCode } from "../../src/wire/constants.ts";
import { type Edns, ednsOf, ednsRecord } from "../../src/wire/edns.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { parseType } from "../../src/wire/type-names.ts";
import { parsed, record } from "../wire/kit.ts";

export interface Asked {
  readonly at: number;
  readonly server: ExchangeServer;
  readonly query: Message;
  readonly edns: Edns | "absent";
  readonly octets: Uint8Array;
  readonly onFreshConnection: boolean;
  readonly command: Extract<ServerCommand, { kind: "ask" }>;
}

/** What a server says; what is not given is as in an ordinary answer. */
export interface Reply {
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly code?: number;
  readonly flags?: number;
  readonly edns?: Partial<Edns> | "absent";
  readonly age?: number;
  /** Changes the message before it is sent. */
  readonly alter?: (message: Message) => Message;
  readonly octets?: Uint8Array;
  readonly from?: { readonly address: string; readonly port: number };
}

export type Behaviour = (asked: Asked) => Reply | readonly Reply[] | { ended: string } | undefined;

export interface SimulatedServer {
  behaviour: Behaviour;
  /** Milliseconds from question to answer. */
  latency: number;
}

export function server(address: string, parts: Partial<ExchangeServer> = {}): ExchangeServer {
  const { transport = "udp", port = 53 } = parts;
  return {
    transport,
    address: address as IpAddress,
    port,
    interface: undefined,
    serverName: undefined,
    path: undefined,
    ...parts,
  };
}

export class Resolver {
  readonly engine: DnsEngine;
  now = 0;
  readonly asked: Asked[] = [];
  readonly events: { readonly at: number; readonly event: DnsEvent }[] = [];
  readonly closed = new Set<number>();
  readonly servers = new Map<string, SimulatedServer>();
  readonly #mail: { at: number; event: ServerEvent }[] = [];

  constructor(settings: Partial<DnsSettings> = {}, seed = 1) {
    this.engine = new DnsEngine({ random: new SeededRandom(seed), settings });
  }

  /** Makes a server at `address` and returns it, so that its behaviour can be changed. */
  serve(address: string, behaviour: Behaviour, latency = 10): SimulatedServer {
    const made = { behaviour, latency };
    this.servers.set(address, made);
    return made;
  }

  /** The default route's servers; addresses or full descriptions. */
  use(...servers: readonly (string | NameServer)[]): void {
    this.route({ ".": servers });
  }

  route(
    routes: Readonly<Record<string, readonly (string | NameServer)[]>>,
    bootstrap: readonly string[] = [],
  ): void {
    const plan = Object.entries(routes).map(([domain, servers]) => ({
      domain: domain === "." ? Name.ROOT : Name.parse(domain),
      servers: servers.map((one) => (typeof one === "string" ? server(one) : one)),
    }));
    const bootstrapServers = bootstrap.map((one) => server(one));
    this.engine.setServers({ routes: plan, bootstrap: bootstrapServers }, this.#instant);
    this.#drain();
  }

  resolve(name: string, type = "A", parts: Partial<ResolveSpec> = {}): TransactionId {
    const spec = { name: Name.parse(name), type: parseType(type)!, class: 1, ...parts };
    const id = this.engine.resolve(spec, this.#instant);
    this.#drain();
    return id;
  }

  /** Resolves, lets time pass until the event is there, and tells it as `describe` does. */
  ask(name: string, type = "A", parts: Partial<ResolveSpec> = {}): string {
    const id = this.resolve(name, type, parts);
    for (let step = 0; step < 200 && this.outcome(id) === undefined; step++) this.#step(60_000);
    return this.outcome(id) ?? "nothing";
  }

  /** `A 192.0.2.1`, several with `, ` between; `NXDOMAIN`; `no data`; `failed: timeout`. */
  outcome(id: TransactionId): string | undefined {
    const found = this.events.find(({ event }) => event.id === id)?.event;
    return found && describe(found);
  }

  event(id: TransactionId): DnsEvent | undefined {
    return this.events.find(({ event }) => event.id === id)?.event;
  }

  settledAt(id: TransactionId): number | undefined {
    return this.events.find(({ event }) => event.id === id)?.at;
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.#nextAt() <= end) this.#step(end - this.now);
    this.now = end;
  }

  /** Delivers an event as if it came from the sockets now. */
  deliver(event: ServerEvent): void {
    this.engine.handleExchange(event, this.#instant);
    this.#drain();
  }

  count(counter: string): number {
    return this.engine.snapshot().counters[counter] ?? 0;
  }

  /** `address transport` of every question, with its time. */
  get trace(): string[] {
    return this.asked.map(({ at, server: { address, transport } }) =>
      transport === "udp" ? `${at} ${address}` : `${at} ${address} ${transport}`,
    );
  }

  get #instant(): Instant {
    return instant(this.now);
  }

  #nextAt(): number {
    const mail = this.#mail.reduce((least, { at }) => Math.min(least, at), NEVER as number);
    return Math.min(mail, this.engine.nextDeadline);
  }

  #step(longest: number): void {
    const next = this.#nextAt();
    this.now = Math.max(this.now, Math.min(next, this.now + longest));
    const due = this.#mail.findIndex(({ at }) => at <= this.now);
    if (due >= 0) {
      const { event } = this.#mail.splice(due, 1)[0]!;
      if (!this.closed.has(event.exchange)) this.engine.handleExchange(event, this.#instant);
    } else {
      this.engine.handleDeadline(this.#instant);
    }
    this.#drain();
  }

  #drain(): void {
    for (let command = this.engine.pollExchange(); command; command = this.engine.pollExchange()) {
      if (command.kind === "close") this.closed.add(command.exchange);
      else this.#take(command);
    }
    for (let event = this.engine.pollEvent(); event; event = this.engine.pollEvent()) {
      this.events.push({ at: this.now, event });
    }
  }

  #take(command: Extract<ServerCommand, { kind: "ask" }>): void {
    const query = parsed(command.octets, "dns");
    const edns = ednsOf(query);
    if (edns === "invalid") throw new Error("invalid EDNS in a query");
    const { server: to, octets, onFreshConnection } = command;
    const asked = { at: this.now, server: to, query, edns, octets, onFreshConnection, command };
    this.asked.push(asked);
    const simulated = this.servers.get(to.address);
    const said = simulated?.behaviour(asked);
    if (said === undefined) return;
    const at = this.now + simulated!.latency;
    if ("ended" in said) {
      this.#mail.push({
        at,
        event: { kind: "ended", exchange: command.exchange, code: said.ended },
      });
      return;
    }
    for (const reply of "length" in said ? said : [said]) {
      this.#mail.push({ at, event: receivedEvent(asked, reply) });
    }
  }
}

export function receivedEvent(asked: Asked, reply: Reply): ServerEvent {
  const { address, port } = reply.from ?? asked.server;
  return {
    kind: "received",
    exchange: asked.command.exchange,
    octets: reply.octets ?? composeReply(asked, reply),
    source: { address: address as IpAddress, port },
    age: reply.age ?? 0,
  };
}

export function composeReply(asked: Asked, reply: Reply): Uint8Array {
  const edns = asked.edns === "absent" || reply.edns === "absent" ? undefined : (reply.edns ?? {});
  const code = reply.code ?? ResponseCode.NOERROR;
  const message: Message = {
    id: asked.query.id,
    flags: Flag.QR | Flag.RD | (reply.flags ?? Flag.RA) | (code & Flag.RCODE),
    questions: asked.query.questions,
    answers: (reply.answers ?? []).map(record),
    authorities: (reply.authorities ?? []).map(record),
    additionals:
      edns === undefined
        ? []
        : [ednsRecord({ payloadSize: 1232, extendedCode: code >> 4, ...edns })],
  };
  return composeMessage(reply.alter?.(message) ?? message, "dns");
}

export function describe(event: DnsEvent): string {
  if (event.kind === "failed") return `failed: ${event.failure.reason}`;
  const { message } = event.answer;
  if ((message.flags & Flag.RCODE) === ResponseCode.NXDOMAIN) return "NXDOMAIN";
  if (message.answers.length === 0) return "no data";
  return message.answers.map(({ data }) => `${data.kind} ${formatRecordData(data)}`).join(", ");
}

/** An address for whatever is asked. */
export const answering =
  (address: string, ttl = 300): Behaviour =>
  ({ query }) => {
    const { name, type } = query.questions[0]!;
    return { answers: type === RecordType.A ? [`${name}. ${ttl} IN A ${address}`] : [] };
  };

export const silent: Behaviour = () => undefined;

export const withCode =
  (code: number): Behaviour =>
  () => ({ code });

export const SOA = "example. 600 IN SOA ns.example. root.example. 1 2 3 4 300";
