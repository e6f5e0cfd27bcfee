/** What must hold for whatever octets arrive; throws when it does not. */

import { isDeepStrictEqual } from "node:util";
import { composeMessage } from "../../src/wire/compose.ts";
import { type Dialect, isResponse, type Message } from "../../src/wire/message.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { formatMessage, formatRecord, parseRecord } from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";
import { compareRecords, recordKey, sameRecord } from "../../src/wire/record-order.ts";
import { splitMessage } from "../../src/wire/split.ts";

/** RFC 1035 §4.1.2: a question has a name of one octet at least, a type and a class. */
const ENTRY_SIZE_MIN = 5;

/** Anything a terminal could take for more than text; lines end with a line feed. */
const UNSAFE = /[^\P{C}\n]/u;

/** Returns whether the octets were a message. */
export function checkOctets(octets: Uint8Array, dialect: Dialect): boolean {
  const result = parseMessage(octets, dialect);
  if (!result.ok) {
    const { offset } = result.error;
    ensure(offset >= 0 && offset <= octets.length, "the error is within the message");
    return false;
  }
  const { malformed, ...message } = result.value;
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  const entries = message.questions.length + records.length + malformed.length;
  ensure(entries * ENTRY_SIZE_MIN <= octets.length, "every entry takes octets");
  ensure(!UNSAFE.test(formatMessage(message)), "what is shown is printable");
  checkComposing(message, dialect);
  checkSplitting(message, dialect);
  for (const record of records) checkRecord(record);
  return true;
}

function checkComposing(message: Message, dialect: Dialect): void {
  const again = parseMessage(composeMessage(message, dialect), dialect);
  ensure(again.ok, "what is composed can be read");
  if (again.ok) {
    ensure(isDeepStrictEqual(again.value, { ...message, malformed: [] }), "it says the same");
  }
}

function checkSplitting(message: Message, dialect: Dialect): void {
  const { packets, omitted } = splitMessage(message, dialect, {
    sizeMax: 300,
    singleRecordMax: 600,
  });
  let found = omitted;
  for (const octets of packets) {
    const part = parseMessage(octets, dialect);
    ensure(octets.length <= 600, "no packet passes its bound");
    ensure(part.ok, "every packet can be read");
    if (part.ok) {
      const { questions, answers, authorities } = part.value;
      found += questions.length + answers.length + authorities.length;
    }
  }
  const sent = message.questions.length + message.answers.length + message.authorities.length;
  ensure(
    found === sent,
    `nothing is lost in splitting a ${isResponse(message) ? "response" : "query"}`,
  );
}

function checkRecord(record: ResourceRecord): void {
  const text = formatRecord(record);
  const read = parseRecord(text);
  ensure(read.ok && isDeepStrictEqual(read.value, record), `the text reads back: ${text}`);
  if (!read.ok) return;
  ensure(sameRecord(record, read.value), "it is the same record");
  ensure(recordKey(record) === recordKey(read.value), "it has the same key");
  ensure(compareRecords(record, read.value) === 0, "it is neither earlier nor later");
}

function ensure(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}
