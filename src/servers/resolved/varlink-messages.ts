/**
 * Varlink's framing: each message is one JSON object and a zero octet. What comes in is cut into
 * messages and read; what is too large or no call is a failure, after which nothing more is read.
 */

import { MESSAGE_SIZE_MAX } from "./constants.ts";
import type { JsonObject } from "./varlink-error.ts";

export interface VarlinkCall {
  /** E.g. `io.systemd.Resolve.ResolveHostname`. */
  readonly method: string;
  readonly parameters: JsonObject;
  /** The client takes several replies. */
  readonly more: boolean;
  /** The client takes no reply at all. */
  readonly oneway: boolean;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Cuts what has been received into messages. */
export class VarlinkMessages {
  #parts: Buffer[] = [];
  #size = 0;

  /** The messages that `octets` completes; undefined when one is larger than the bound. */
  take(octets: Buffer): Buffer[] | undefined {
    const messages: Buffer[] = [];
    for (let start = 0; ; ) {
      const end = octets.indexOf(0, start);
      const part = octets.subarray(start, end < 0 ? octets.length : end);
      this.#size += part.length;
      if (this.#size > MESSAGE_SIZE_MAX) return undefined;
      this.#parts.push(part);
      if (end < 0) return messages;
      messages.push(Buffer.concat(this.#parts));
      this.#parts = [];
      this.#size = 0;
      start = end + 1;
    }
  }
}

/** Undefined when the message is no call. */
export function parseCall(message: Uint8Array): VarlinkCall | undefined {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(message));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { method, parameters, more, oneway } = value;
  if (typeof method !== "string" || method === "") return undefined;
  if (!isObject(parameters ?? {}) || !isSwitch(more) || !isSwitch(oneway)) return undefined;
  return {
    method,
    parameters: (parameters ?? {}) as JsonObject,
    more: more === true,
    oneway: oneway === true,
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSwitch(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "boolean";
}

export function composeReply(parameters: JsonObject, continues: boolean): string {
  return `${JSON.stringify(continues ? { parameters, continues } : { parameters })}\0`;
}

export function composeError(error: string, parameters: JsonObject): string {
  return `${JSON.stringify({ error, parameters })}\0`;
}
