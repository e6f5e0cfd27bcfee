/** What a server tells of itself in the class CH (RFC 4892): its program, and which host it is on. */

import { hostname } from "node:os";
import { VERSION } from "../../core/version.ts";
import { Flag, RecordClass, RecordType, ResponseCode } from "../../wire/constants.ts";
import { Name } from "../../wire/name.ts";
import type { Question } from "../../wire/record.ts";
import type { StubAnswer } from "./question-answerer.ts";
import { NO_RECORDS } from "./reply.ts";

/** RFC 4892 §2, §3: by the keys of the names. */
const TEXTS: ReadonlyMap<string, () => string> = new Map([
  [Name.parse("version.bind").key, () => `dotlocal ${VERSION}`],
  [Name.parse("version.server").key, () => `dotlocal ${VERSION}`],
  [Name.parse("hostname.bind").key, hostname],
  [Name.parse("id.server").key, hostname],
]);

/** What was never told is refused. */
export function answerChaos({ name, type }: Question): StubAnswer {
  const text = TEXTS.get(name.key);
  if (text === undefined) return { ...NO_RECORDS, flags: 0, responseCode: ResponseCode.REFUSED };
  const isAsked = type === RecordType.TXT || type === RecordType.ANY;
  const strings = [new TextEncoder().encode(text())];
  const record = {
    ...{ name, type: RecordType.TXT, class: RecordClass.CH, cacheFlush: false, ttl: 0 },
    data: { kind: "TXT", strings } as const,
  };
  return {
    ...NO_RECORDS,
    flags: Flag.AA,
    responseCode: ResponseCode.NOERROR,
    answers: isAsked ? [record] : [],
  };
}
