/** The JSON Schemas that ship are those that the readers use. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonSchemas } from "../../src/config/json-schemas.ts";

const directory = new URL("../../schema/", import.meta.url);

describe("schema/", () => {
  it("holds what scripts/schema.js would write", () => {
    const written = readdirSync(directory).filter((name) => name.endsWith(".schema.json"));
    const files = written.map((name) => [name, readFileSync(new URL(name, directory), "utf8")]);
    expect(Object.fromEntries(files)).toEqual(jsonSchemas());
  });

  it("refuses unknown keys everywhere, so that editors mark them", () => {
    for (const text of Object.values(jsonSchemas())) {
      const open: string[] = [];
      JSON.parse(text, (key, value) => {
        if (value?.properties && value.additionalProperties !== false) open.push(key);
        return value;
      });
      expect(open).toEqual([]);
    }
  });
});
