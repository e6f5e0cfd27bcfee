/**
 * The shape of our own service definitions (`*.yaml`, `*.json`): the one source of what the reader
 * accepts and of the JSON Schema that editors use.
 */

import { type Static, Type } from "@sinclair/typebox";
import { duration } from "./configuration-schema.ts";

const PORT_MAX = 0xffff;

const port = (minimum: 0 | 1, description: string) =>
  Type.Integer({ minimum, maximum: PORT_MAX, description });

const label = (expected: string, description: string) => Type.String({ expected, description });

const txtValue = Type.Union(
  [
    Type.String(),
    Type.Number(),
    Type.Literal(true),
    Type.Object({ hex: Type.String() }, { additionalProperties: false }),
    Type.Object({ base64: Type.String() }, { additionalProperties: false }),
  ],
  {
    expected: "text, a number, true for a key without value, { hex: ... } or { base64: ... }",
  },
);

const pace = {
  every: Type.Optional(duration),
  timeout: Type.Optional(duration),
};

const when = Type.Union(
  [
    Type.Object(
      {
        tcp: Type.Union([port(1, "On this host"), Type.String()], {
          expected: "a port, or a host and a port such as 127.0.0.1:8080",
          description: "Answers when a connection is accepted",
        }),
        ...pace,
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        http: Type.String({
          expected: "a URL such as http://127.0.0.1:8080/",
          description: "Answers when a GET request succeeds",
        }),
        status: Type.Optional(
          Type.Integer({
            minimum: 100,
            maximum: 599,
            description: "The status to expect; default: any from 200 to 399",
          }),
        ),
        ...pace,
      },
      { additionalProperties: false },
    ),
  ],
  {
    expected: "{ tcp: PORT } or { http: URL }",
    description: "Publish only while this answers",
  },
);

const serviceProperties = {
  type: label("a type such as _http._tcp", "Service type: _name._tcp or _name._udp"),
  port: port(0, "Port; 0 for a service that only tells something"),
  subtypes: Type.Optional(
    Type.Array(label("a subtype such as _printer", "Subtype, without ._sub and the type")),
  ),
  txt: Type.Optional(
    Type.Record(Type.String(), txtValue, { description: "TXT record; the order is kept" }),
  ),
  host: Type.Optional(label("a host name such as nas.local", "Default: this host")),
  domain: Type.Optional(label("a domain such as local", "Default: local")),
  priority: Type.Optional(port(0, "SRV priority")),
  weight: Type.Optional(port(0, "SRV weight")),
  interfaces: Type.Optional(
    Type.Array(label("a glob such as eth*", "Interface"), {
      description: "Publish on these interfaces only",
    }),
  ),
  protocol: Type.Optional(
    Type.Unsafe<"any" | "ipv4" | "ipv6">(
      Type.Union([Type.Literal("any"), Type.Literal("ipv4"), Type.Literal("ipv6")], {
        description: "Which family's groups carry it",
      }),
    ),
  ),
  when: Type.Optional(when),
};

const name = label(
  "an instance name such as Web on %h",
  "Instance name; %h is this host's label, %% a per cent sign",
);

/** One service of a group. */
const serviceSchema = Type.Object(serviceProperties, {
  additionalProperties: false,
  expected: "a service with type and port",
});

/** A file with one service. */
export const singleSchema = Type.Object(
  { name, ...serviceProperties },
  { additionalProperties: false, expected: "keys such as name, type and port" },
);

/** A file with several services under one name. */
export const groupSchema = Type.Object(
  { name, services: Type.Array(serviceSchema, { minItems: 1, expected: "a list of services" }) },
  { additionalProperties: false },
);

export const serviceFileSchema = Type.Union([singleSchema, groupSchema], {
  title: "dotlocal service definition",
});

export type RawService = Static<typeof serviceSchema>;
export type RawGroup = Static<typeof groupSchema>;
export type RawCondition = Static<typeof when>;
