/**
 * What the control API answers, as schemas. Only the description of the API needs them: the daemon
 * does not load this file.
 */

import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { ERROR_EXIT_STATUS } from "../../core/errors.ts";
import { LogLevelBody } from "./administration-routes.ts";

/** What a route answers: one JSON value, lines of a stream, or either as the client asks. */
export interface AnswerSchema {
  readonly answer?: TSchema;
  readonly lines?: TSchema;
}

const Text = Type.String();
const Count = Type.Integer({ minimum: 0 });
const Counters = Type.Record(Type.String(), Count);
const Milliseconds = (description: string) => Type.Number({ description });

const orNull = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()]);
const words = (...texts: string[]): TSchema => Type.Union(texts.map((text) => Type.Literal(text)));

/** Further members may come with later versions. */
const open = (properties: TProperties): TSchema => Type.Object(properties);

const NotFound = open({
  outcome: Type.Literal("not-found"),
  reason: Text,
  message: Text,
});

const found = {
  interface: orNull(Text),
  ttl: Type.Integer({ description: "seconds left" }),
  protocol: words("mdns", "llmnr", "unicast", "local"),
  source: orNull(Text),
};

const AddressAnswer = Type.Union([
  open({
    outcome: Type.Literal("found"),
    canonicalName: Text,
    addresses: Type.Array(open({ address: Text, ...found })),
  }),
  NotFound,
]);

const NameAnswer = Type.Union([
  open({ outcome: Type.Literal("found"), names: Type.Array(open({ name: Text, ...found })) }),
  NotFound,
]);

const RecordAnswer = Type.Union([
  open({
    outcome: Type.Literal("found"),
    records: Type.Array(open({ name: Text, type: Text, data: Text, ...found })),
  }),
  NotFound,
]);

const service = {
  ...{ interface: Text, instance: Text, type: Text, domain: Text, name: Text },
  own: Type.Boolean({ description: "published by this daemon" }),
};

const FoundService = open(service);

const ResolvedService = open({
  ...service,
  ...{ host: Text, port: Count, priority: Count, weight: Count },
  addresses: Type.Array(Text),
  txt: Type.Record(
    Type.String(),
    Type.Union([Text, Type.Literal(true), open({ hex: Text })], {
      description: "true: a key without value; hex: octets that are no UTF-8",
    }),
  ),
  txtRecord: Text,
});

const InstanceAnswer = Type.Union([
  open({ outcome: Type.Literal("found"), services: Type.Array(ResolvedService) }),
  NotFound,
]);

const BrowseLine = Type.Union([
  open({ event: words("added", "removed", "unresolved"), service: FoundService }),
  open({ event: Type.Literal("resolved"), service: ResolvedService }),
]);

const PublicationLine = Type.Union([
  open({ event: Type.Literal("registered"), name: Text, interface: Text }),
  open({ event: Type.Literal("renamed"), from: Text, to: Text, rival: orNull(Text) }),
  open({ event: Type.Literal("reclaimed"), from: Text, to: Text }),
  open({ event: Type.Literal("conflicted"), name: Text, interface: Text, rival: Text }),
]);

const AcceptedLine = open({ event: Type.Literal("accepted"), id: Text, name: Text });

const Registration = open({
  ...{ id: Text, name: Text, lasting: Type.Boolean() },
  last: orNull(PublicationLine),
});

const Endpoint = open({ address: Text, port: Count });

const SeenQuestion = open({ name: Text, type: Text, class: Text, unicastResponse: Type.Boolean() });

const SeenRecord = open({
  ...{ name: Text, type: Text, class: Text, cacheFlush: Type.Boolean(), ttl: Count, data: Text },
});

const SeenMessage = open({
  at: Type.Integer({ description: "microseconds since 1970" }),
  direction: words("in", "out"),
  protocol: words("mdns", "llmnr"),
  transport: words("udp", "tcp"),
  interface: Text,
  family: words("ipv4", "ipv6"),
  source: Endpoint,
  destination: Endpoint,
  octets: Type.String({ description: "the message, in base64" }),
  content: orNull(
    open({
      kind: words("query", "response"),
      ...{ id: Count, flags: Type.Array(Text), opcode: Count, responseCode: Count },
      questions: Type.Array(SeenQuestion),
      answers: Type.Array(SeenRecord),
      authorities: Type.Array(SeenRecord),
      additionals: Type.Array(SeenRecord),
      unreadable: Count,
    }),
  ),
  problem: orNull(Text),
});

const CacheAnswer = open({
  records: Type.Array(
    open({
      ...{ name: Text, type: Text, ttl: Count, data: Text },
      protocol: words("mdns", "unicast"),
      ...{ interface: orNull(Text), source: orNull(Text) },
    }),
  ),
});

const nameState = {
  ...{ link: Count, linkName: Text, label: Text, ceded: Type.Boolean() },
  state: words("held", "probing", "registered", "conflicted"),
  takenBy: Type.Optional(Type.String({ description: "who has the name that was wanted" })),
  since: Type.Optional(Milliseconds("by the clock of `now`")),
};

const link = {
  ...{ link: Count, name: Text, mtu: Count, addresses: Type.Array(Text) },
  families: Type.Array(words("ipv4", "ipv6")),
  sharesPort: Type.Boolean({ description: "another process takes unicast to port 5353" }),
};

const LinkStatus = open({
  ...link,
  hostName: orNull(open(nameState)),
  ...{ mdns: Counters, llmnr: Counters },
  cache: open({ records: Count, names: Count, evictions: Count }),
});

const ServerStatus = open({
  ...{ transport: words("udp", "tcp", "tls", "https"), address: Text, port: Count },
  state: words("working", "failing"),
  failures: Type.Integer({ description: "in a row" }),
  roundTrip: Type.Optional(Milliseconds("absent: not measured yet")),
  ...{ sent: Count, answered: Count },
});

const ResolverStatus = open({
  routes: Type.Array(open({ domain: Text, servers: Type.Array(ServerStatus) })),
  cache: open({ size: Count, sizeMax: Count, evictions: Count }),
  counters: Counters,
});

const HostStatus = open({
  now: Milliseconds("when it was taken; other instants compare to it"),
  mdnsMode: words("full", "resolve", "off"),
  llmnrMode: words("full", "resolve", "off"),
  originalLabel: Text,
  names: Type.Array(open(nameState)),
  links: Type.Array(open(link)),
  publications: Type.Array(open({ name: Text, linkName: Text, state: Text })),
  services: open({}),
  lookups: open({ active: Count, counters: Counters }),
  mdns: open({
    counters: Counters,
    links: Type.Array(open({ link: Count, name: Text, counters: Counters })),
  }),
  llmnr: open({ links: Type.Array(open({ link: Count, name: Text, counters: Counters })) }),
  poisoners: Type.Array(open({ address: Text, linkName: Text })),
  questions: open({ active: Count, counters: Counters }),
  unicast: ResolverStatus,
});

const StatusAnswer = open({
  version: Text,
  warnings: Type.Array(Text, { description: "the most important first" }),
  configurationFile: orNull(Text),
  controlSocket: orNull(Text),
  stub: open({
    places: Type.Array(open({ address: Text, port: Count, problems: Type.Array(Text) })),
    ...{ pending: Count, connections: Count, counters: Counters },
  }),
  transport: words("native", "portable"),
  portHolders: Type.Array(open({ pid: orNull(Count), name: orNull(Text), user: Text })),
  host: HostStatus,
  definitions: Type.Array(open({ file: Text, state: Text, reason: orNull(Text) })),
  process: open({
    ...{ pid: Count, uptime: Count, processorTime: Type.Number() },
    memory: open({ resident: Count, heap: Count }),
  }),
  system: open({
    ...{ load: Type.Array(Type.Number()), processors: Count, uptime: Count },
    memory: open({ free: Count, total: Count }),
  }),
});

const ReloadAnswer = open({
  configurationFile: orNull(Text),
  definitions: open({ hasErrors: Type.Boolean(), problems: Type.Array(Text) }),
});

export const ErrorAnswer = open({
  error: open({
    code: words(...Object.keys(ERROR_EXIT_STATUS)),
    message: Type.String({ description: "a sentence for people" }),
  }),
});

/** By method and path. */
export const AnswerSchemas = {
  "GET /v1/status": { answer: StatusAnswer },
  "GET /v1/links": { answer: Type.Array(LinkStatus) },
  "GET /v1/monitor": { lines: SeenMessage },
  "POST /v1/reload": { answer: ReloadAnswer },
  "GET /v1/cache": { answer: CacheAnswer },
  "POST /v1/cache/flush": { answer: open({}) },
  "POST /v1/cache/reconfirm": { answer: open({ records: Count }) },
  "GET /v1/log-level": { answer: LogLevelBody },
  "PUT /v1/log-level": { answer: LogLevelBody },
  "POST /v1/lookup/addresses": { answer: AddressAnswer },
  "POST /v1/lookup/names": { answer: NameAnswer },
  "POST /v1/lookup/records": { answer: RecordAnswer },
  "POST /v1/lookup/instance": { answer: InstanceAnswer },
  "POST /v1/browse": { lines: BrowseLine },
  "POST /v1/registrations": {
    answer: Registration,
    lines: Type.Union([AcceptedLine, PublicationLine]),
  },
  "GET /v1/registrations": { answer: Type.Array(Registration) },
  "GET /v1/registrations/:id": { answer: Registration },
  "PATCH /v1/registrations/:id": { answer: Registration },
  "DELETE /v1/registrations/:id": { answer: open({}) },
} satisfies Record<string, AnswerSchema>;

export type RouteKey = keyof typeof AnswerSchemas;
