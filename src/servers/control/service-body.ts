/** Request bodies about services: browsing, resolving and publishing. */

import { Type } from "@sinclair/typebox";
import { DotlocalError } from "../../core/errors.ts";
import type { PublishedGroup, PublishedHost } from "../../runtime/services.ts";
import { checkBody } from "./request-body.ts";

const exact = { additionalProperties: false };

const interfaces = Type.Optional(Type.Array(Type.String(), { maxItems: 64 }));
const name = Type.String({ maxLength: 1024 });
const number = Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 }));

export const BrowseBody = Type.Object(
  {
    type: Type.Optional(name),
    domain: Type.Optional(name),
    resolve: Type.Optional(Type.Boolean()),
    quiet: Type.Optional(Type.Number({ minimum: 0, maximum: 3_600_000 })),
    interfaces,
  },
  exact,
);

export const InstanceQueryBody = Type.Object(
  { name, interfaces, timeout: Type.Optional(Type.Number({ minimum: 0, maximum: 3_600_000 })) },
  exact,
);

const TxtValueBody = Type.Union([
  Type.String(),
  Type.Boolean(),
  Type.Number(),
  Type.Object({ hex: Type.String({ pattern: "^([0-9A-Fa-f]{2})*$" }) }, exact),
]);

const ServiceBody = Type.Object(
  {
    type: name,
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    subtypes: Type.Optional(Type.Array(name, { maxItems: 64 })),
    txt: Type.Optional(
      Type.Union([
        Type.Array(Type.String(), { maxItems: 256 }),
        Type.Record(Type.String(), TxtValueBody),
      ]),
    ),
    host: Type.Optional(name),
    domain: Type.Optional(name),
    priority: number,
    weight: number,
    interfaces,
  },
  exact,
);

export const GroupBody = Type.Object(
  { instance: name, services: Type.Array(ServiceBody, { minItems: 1, maxItems: 256 }) },
  exact,
);

const HostBody = Type.Object(
  {
    name,
    addresses: Type.Array(Type.String({ maxLength: 128 }), { minItems: 1, maxItems: 64 }),
    reverse: Type.Optional(Type.Boolean()),
    interfaces,
  },
  exact,
);

export const RegistrationBody = Type.Union([GroupBody, HostBody]);

/** What is to be published: services have an `instance`, a host has `addresses`. */
export type Registered =
  | { readonly kind: "services"; readonly group: PublishedGroup }
  | { readonly kind: "host"; readonly host: PublishedHost };

/** @throws DotlocalError INVALID_ARGUMENT. */
export function readRegistered(body: unknown): Registered {
  if (typeof body !== "object" || body === null) {
    throw new DotlocalError("INVALID_ARGUMENT", "the body: expected what is to be published");
  }
  if ("addresses" in body) return { kind: "host", host: checkBody(HostBody, body) };
  return { kind: "services", group: checkBody(GroupBody, body) };
}
