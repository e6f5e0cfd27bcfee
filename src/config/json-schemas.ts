/**
 * The JSON Schemas that ship for editors, made from the schemas that the readers use;
 * `scripts/schema.js` writes them.
 */

import type { TSchema } from "@sinclair/typebox";
import { configurationSchema } from "./configuration-schema.ts";
import { serviceFileSchema } from "./service-schema.ts";

const DIALECT = "http://json-schema.org/draft-07/schema#";

/** File name in `schema/` to text. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return {
    "dotlocal.schema.json": schemaText(configurationSchema),
    "service.schema.json": schemaText(serviceFileSchema),
  };
}

/** Without what only our own messages use. */
function schemaText(schema: TSchema): string {
  const root = { $schema: DIALECT, ...schema };
  const text = JSON.stringify(root, (key, value) => (key === "expected" ? undefined : value), 2);
  return `${text}\n`;
}
