/** How long a host takes to answer, measured on the wire. */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { composeMessage } from "../../../src/wire/compose.ts";
import { RecordClass } from "../../../src/wire/constants.ts";
import { isResponse } from "../../../src/wire/message.ts";
import { Name } from "../../../src/wire/name.ts";
import type { Capture } from "./capture.ts";
import type { Host } from "./lan.ts";
import { isFrom } from "./messages.ts";

export interface Asked {
  readonly name: string;
  readonly type: number;
}

export interface ReplyTimesOptions {
  readonly capture: Capture;
  readonly asker: Host;
  readonly responder: Host;
  /** One query each, in this order. */
  readonly questions: readonly Asked[];
  /** Milliseconds between two queries: long enough that no answer waits for another. */
  readonly pace: number;
}

/** Longer than any answer takes. */
const LAST_WAIT = 500;

const SCRIPT = join(import.meta.dirname, "peers/sender.mjs");

/** Asks by multicast, one question a packet; returns milliseconds from query to answer, in order. */
export async function measureReplyTimes(options: ReplyTimesOptions): Promise<readonly number[]> {
  const { capture, asker, responder, questions, pace } = options;
  const since = Date.now() / 1000;
  await using sender = asker.spawn(process.execPath, [SCRIPT, asker.address]);
  await sender.line(/ready/);
  for (const question of questions) {
    sender.write(`${Buffer.from(queryFor(question)).toString("hex")}\n`);
    await setTimeout(pace);
  }
  await setTimeout(LAST_WAIT);
  const packets = await capture.packets(({ at }) => at >= since);
  const queries = packets.filter((packet) => isFrom(asker, packet) && !isResponse(packet.message!));
  return queries.map((query) => {
    const [asked] = query.message!.questions;
    const answer = packets.find(
      ({ at, message, ...packet }) =>
        at > query.at &&
        isFrom(responder, { at, message, ...packet }) &&
        message!.answers.some(({ name, type }) => name.equals(asked!.name) && type === asked!.type),
    );
    if (answer === undefined) throw new Error(`no answer to ${asked!.name}/${asked!.type}`);
    return (answer.at - query.at) * 1000;
  });
}

/** The value below which half of them are. */
export function median(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)]!;
}

function queryFor({ name, type }: Asked): Uint8Array {
  const question = { name: Name.parse(name), type, class: RecordClass.IN, unicastResponse: false };
  const rest = { answers: [], authorities: [], additionals: [] };
  return composeMessage({ id: 0, flags: 0, questions: [question], ...rest }, "mdns");
}
