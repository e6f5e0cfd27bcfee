/** Request bodies of the control API: their shapes, and the check that a body has one. */

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { DotlocalError } from "../../core/errors.ts";

const exact = { additionalProperties: false };

const place = {
  interfaces: Type.Optional(Type.Array(Type.String(), { maxItems: 64 })),
  timeout: Type.Optional(Type.Number({ minimum: 0, maximum: 3_600_000 })),
  protocol: Type.Optional(
    Type.Union([Type.Literal("mdns"), Type.Literal("llmnr"), Type.Literal("unicast")]),
  ),
};

export const AddressQueryBody = Type.Object(
  {
    name: Type.String({ maxLength: 1024 }),
    family: Type.Optional(
      Type.Union([Type.Literal("any"), Type.Literal("ipv4"), Type.Literal("ipv6")]),
    ),
    ...place,
  },
  exact,
);

export const NameQueryBody = Type.Object(
  { address: Type.String({ maxLength: 128 }), ...place },
  exact,
);

export const RecordQueryBody = Type.Object(
  { name: Type.String({ maxLength: 1024 }), type: Type.String({ maxLength: 32 }), ...place },
  exact,
);

/** The body as the schema's type. @throws DotlocalError INVALID_ARGUMENT that names the place. */
export function checkBody<Schema extends TSchema>(schema: Schema, body: unknown): Static<Schema> {
  if (Value.Check(schema, body)) return body;
  const first = Value.Errors(schema, body).First();
  const where = first === undefined || first.path === "" ? "the body" : first.path;
  throw new DotlocalError("INVALID_ARGUMENT", `${where}: ${first?.message ?? "is not valid"}`);
}
