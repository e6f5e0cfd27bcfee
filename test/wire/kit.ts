/** Short ways to write records, questions and messages in tests. */

import type { Dialect, Message } from "../../src/wire/message.ts";
import { type ParsedMessage, parseMessage } from "../../src/wire/parse.ts";
import { formatRecord, parseQuestion, parseRecord } from "../../src/wire/presentation.ts";
import type { Question, ResourceRecord } from "../../src/wire/record.ts";

export function record(text: string): ResourceRecord {
  const result = parseRecord(text);
  if (!result.ok)
    throw new Error(`${text}: column ${result.error.column}: ${result.error.message}`);
  return result.value;
}

export function question(text: string): Question {
  const result = parseQuestion(text);
  if (!result.ok)
    throw new Error(`${text}: column ${result.error.column}: ${result.error.message}`);
  return result.value;
}

export function message(parts: Partial<Message>): Message {
  return {
    id: 0,
    flags: 0,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    ...parts,
  };
}

export function parsed(octets: Uint8Array, dialect: Dialect = "mdns"): ParsedMessage {
  const result = parseMessage(octets, dialect);
  if (!result.ok) throw new Error(`${result.error.code} at ${result.error.offset}`);
  return result.value;
}

export function texts(records: readonly ResourceRecord[]): string[] {
  return records.map(formatRecord);
}

export function hexadecimal(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}
