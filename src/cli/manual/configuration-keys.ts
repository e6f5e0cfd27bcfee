/**
 * Every key of `dotlocal.yaml` with what it may be, what it is when nothing is written, and what it
 * means: from the schema that the reader uses and from the defaults themselves.
 */

import { DEFAULT_CONFIGURATION } from "../../config/configuration.ts";
import { configurationSchema } from "../../config/configuration-schema.ts";
import { DURATION_PATTERN } from "../../config/duration.ts";

export interface ConfigurationKey {
  /** e.g. `["mdns", "publish", "addresses"]`. */
  readonly path: readonly string[];
  readonly about: string;
  /** What is accepted; undefined for a section. */
  readonly values: string | undefined;
  /** In YAML; undefined for a section. */
  readonly byDefault: string | undefined;
}

/** The parts of JSON Schema that the configuration's schema is made of. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly expected?: string;
  readonly pattern?: string;
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Sections come before their keys. */
export function configurationKeys(): readonly ConfigurationKey[] {
  return keysOf(configurationSchema as Schema, DEFAULT_CONFIGURATION, []);
}

function keysOf(schema: Schema, value: unknown, above: readonly string[]): ConfigurationKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = [...above, name];
    const inside = (value as Readonly<Record<string, unknown>>)[name];
    const about = property.description ?? "";
    if (property.properties !== undefined) {
      const section = { path, about, values: undefined, byDefault: undefined };
      return [section, ...keysOf(property, inside, path)];
    }
    return [{ path, about, values: valuesOf(property), byDefault: yamlOf(inside, property) }];
  });
}

function valuesOf(schema: Schema): string {
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer")
    return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "array") return `a list; each is ${valuesOf(schema.items!)}`;
  if (schema.type === "object") return "keys of your own, each with a list";
  const literals = schema.anyOf?.map((alternative) => alternative.const);
  if (literals?.every((literal) => literal !== undefined) === true) return literals.join(", ");
  return schema.expected ?? "text";
}

/** A value of the typed configuration as it would be written. */
function yamlOf(value: unknown, schema: Schema): string {
  if (value === undefined) return "null";
  if (typeof value === "number" && isDuration(schema)) return durationText(value);
  if (typeof value === "string") return /^[\w/.-]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return listText(value, schema);
  if (typeof value === "object" && value !== null) return JSON.stringify(textOf(value));
  return String(value);
}

function listText(values: readonly unknown[], schema: Schema): string {
  if (schema.type === "object") return "{}";
  return `[${values.map((value) => yamlOf(value, schema.items ?? {})).join(", ")}]`;
}

function isDuration({ pattern }: Schema): boolean {
  return pattern === DURATION_PATTERN;
}

/** In the largest unit that leaves a whole number. */
function durationText(milliseconds: number): string {
  if (milliseconds % 60_000 === 0) return `${milliseconds / 60_000}m`;
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

/** An endpoint or a network. */
function textOf(value: object): string {
  const { address, port, prefixLength } = value as Record<string, string | number | undefined>;
  if (prefixLength !== undefined) return `${address}/${prefixLength}`;
  return String(address).includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
