/**
 * Parameters of varlink calls, read one by one; `null` counts as absent, and unknown ones are left
 * alone. Every reader throws `InvalidParameter` with the parameter's name.
 */

import { invalidParameter, type JsonObject } from "./varlink-error.ts";

/** A text that must be there. */
export function text(parameters: JsonObject, name: string): string {
  const value = optionalText(parameters, name);
  if (value === undefined) throw invalidParameter(name);
  return value;
}

export function optionalText(parameters: JsonObject, name: string): string | undefined {
  const value = given(parameters, name);
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalidParameter(name);
  return value;
}

/** A whole number from 0 to `max` that must be there. */
export function integer(parameters: JsonObject, name: string, max: number): number {
  const value = optionalInteger(parameters, name, max);
  if (value === undefined) throw invalidParameter(name);
  return value;
}

export function optionalInteger(
  parameters: JsonObject,
  name: string,
  max: number,
): number | undefined {
  const value = given(parameters, name);
  if (value === undefined) return undefined;
  if (!isWithin(value, max)) throw invalidParameter(name);
  return value;
}

/** An array of octets that must be there. */
export function octets(parameters: JsonObject, name: string): Uint8Array {
  const value = given(parameters, name);
  if (!Array.isArray(value) || !value.every((octet) => isWithin(octet, 0xff))) {
    throw invalidParameter(name);
  }
  return Uint8Array.from(value);
}

function isWithin(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function given(parameters: JsonObject, name: string): unknown {
  return Object.hasOwn(parameters, name) ? (parameters[name] ?? undefined) : undefined;
}
