/**
 * Holds a YAML document against a TypeBox schema and reports every difference at its place, saying
 * what was expected; an unknown key comes with the nearest valid one.
 *
 * What is wrong is taken out, so that the caller can go on reading the rest.
 */

import { Kind, type TSchema } from "@sinclair/typebox";
import { Errors, type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { type DiagnosticList, quote } from "./diagnostic.ts";
import { nearestOf } from "./nearest.ts";
import {
  keyPositionOf,
  plainValue,
  positionOf,
  type YamlNode,
  type YamlPath,
} from "./yaml-document.ts";

/**
 * The plain value with what does not fit the schema taken out; undefined when it is not even a
 * mapping. Each difference is reported.
 */
export function checkAgainstSchema(
  schema: TSchema,
  root: YamlNode,
  diagnostics: DiagnosticList,
): unknown {
  const value = plainValue(root);
  dropEmptySections(schema, value);
  const reported = new Set<string>();
  const errors = [...differences(schema, value)];
  for (const error of errors) {
    if (reported.has(error.path)) continue;
    reported.add(error.path);
    report(error, root, diagnostics);
  }
  if (reported.has("")) return undefined;
  for (const path of reported) remove(value, pathSteps(path));
  return value;
}

/** `mdns:` with nothing below it, every line of it a comment perhaps, says nothing. */
function dropEmptySections(schema: TSchema, value: unknown): void {
  if (typeof value !== "object" || value === null || schema[Kind] !== "Object") return;
  const section = value as Record<string, unknown>;
  for (const [key, property] of Object.entries(schema["properties"] as Record<string, TSchema>)) {
    if (section[key] === null && property[Kind] === "Object") delete section[key];
    else dropEmptySections(property, section[key]);
  }
}

/** The errors, those of a union replaced by those of the variant that was plainly meant. */
function* differences(schema: TSchema, value: unknown): Iterable<ValueError> {
  for (const error of Errors(schema, value)) yield* meantByUnion(error);
}

function* meantByUnion(error: ValueError): Iterable<ValueError> {
  if (error.type !== ValueErrorType.Union || typeof error.value !== "object") return yield error;
  const variants = (error.schema["anyOf"] as TSchema[])
    .map((variant, index) => ({ variant, errors: [...error.errors[index]!] }))
    .filter(({ errors }) => errors.every((inner) => isInside(inner, error.path)));
  const best = variants.sort((a, b) => a.errors.length - b.errors.length)[0];
  if (best === undefined) return yield error;
  for (const inner of best.errors) yield* meantByUnion(inner);
}

/** Whether an error of a variant is about a part of the value, not about its being that variant. */
function isInside(inner: ValueError, path: string): boolean {
  return inner.path !== path && inner.type !== ValueErrorType.ObjectRequiredProperty;
}

function report(error: ValueError, root: YamlNode, diagnostics: DiagnosticList): void {
  const steps = pathSteps(error.path);
  const last = steps.at(-1);
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const keys = Object.keys(error.schema["properties"] as object);
    const position = keyPositionOf(root, steps);
    diagnostics.error(position, `unknown key ${quote(last!)}`, nearestHint(last!, keys));
  } else if (error.type === ValueErrorType.ObjectRequiredProperty) {
    diagnostics.error(positionOf(root, steps), `${quote(last!)} is missing`);
  } else {
    const subject = steps.length === 0 ? "" : `${formatPath(steps)}: `;
    const message = `${subject}expected ${expectation(error.schema)}, not ${show(error.value)}`;
    diagnostics.error(positionOf(root, steps), message, choiceHint(error));
  }
}

/** A JSON pointer (RFC 6901) as its steps. */
function pathSteps(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `resolver.stub.listen[0]`, `resolver.routes["corp.example"]`. */
export function formatPath(steps: YamlPath): string {
  return steps
    .map((step) => formatStep(String(step)))
    .join("")
    .replace(/^\./, "");
}

function formatStep(step: string): string {
  if (/^\d+$/.test(step)) return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${quote(step)}]`;
}

function remove(value: unknown, steps: readonly string[]): void {
  const parent = steps
    .slice(0, -1)
    .reduce<unknown>(
      (inner, step) => (inner as Record<string, unknown> | undefined)?.[step],
      value,
    );
  if (Array.isArray(parent)) delete parent[Number(steps.at(-1))];
  else if (typeof parent === "object" && parent !== null) {
    delete (parent as Record<string, unknown>)[steps.at(-1)!];
  }
}

/** What a schema accepts, in words; a schema may say it itself in `expected`. */
function expectation(schema: TSchema): string {
  if (typeof schema["expected"] === "string") return schema["expected"];
  switch (schema[Kind]) {
    case "Literal":
      return String(schema["const"]);
    case "Union":
      return formatAlternatives((schema["anyOf"] as TSchema[]).map(expectation));
    case "Boolean":
      return "true or false";
    case "Integer":
      return `a whole number from ${schema["minimum"]} to ${schema["maximum"]}`;
    case "Array":
      return "a list";
    case "Object":
    case "Record":
      return "a mapping of keys to values";
    case "Null":
      return "null";
    default:
      return "text";
  }
}

function formatAlternatives(alternatives: readonly string[]): string {
  if (alternatives.length < 2) return alternatives.join("");
  return `${alternatives.slice(0, -1).join(", ")} or ${alternatives.at(-1)}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  if (value === null || value === undefined) return "nothing";
  return typeof value === "string" ? quote(value) : String(value);
}

function choiceHint(error: ValueError): string | undefined {
  if (typeof error.value !== "string" || error.schema[Kind] !== "Union") return undefined;
  const choices = (error.schema["anyOf"] as TSchema[])
    .map((variant) => variant["const"] as unknown)
    .filter((choice) => typeof choice === "string");
  const nearest = nearestOf(error.value, choices);
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}

function nearestHint(key: string, keys: readonly string[]): string {
  const nearest = nearestOf(key, keys);
  return nearest === undefined ? `valid here: ${keys.join(", ")}` : `did you mean "${nearest}"?`;
}
