/** The queries we send: one question, EDNS, a cookie, padding where nobody may see the size. */

import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag, MESSAGE_SIZE_MAX } from "../wire/constants.ts";
import { type Cookie, cookieOption, type EdnsOption, ednsRecord, paddingTo } from "../wire/edns.ts";
import type { Question } from "../wire/record.ts";
import { QUERY_PADDING_BLOCK, UDP_PAYLOAD_SIZE } from "./constants.ts";
import type { ServerState } from "./server-state.ts";

export interface QueryFlags {
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  /** AD is asked for (RFC 6840 §5.7). */
  readonly authenticData: boolean;
}

export interface SentQuery {
  readonly octets: Uint8Array;
  readonly id: number;
  readonly hasEdns: boolean;
  readonly cookie: Cookie | undefined;
}

const ID_MAX = 0xffff;

/** `isStream`: by TCP, also where the server is one for UDP. */
export function composeQuery(
  question: Question,
  flags: QueryFlags,
  to: { readonly state: ServerState; readonly isStream: boolean; readonly withEdns: boolean },
  random: Random,
  now: Instant,
): SentQuery {
  const { transport } = to.state.server;
  const isPrivate = transport === "tls" || transport === "https";
  // RFC 8484 §4.1: the id is 0 by HTTPS, where the stream tells which answer it is.
  const id = transport === "https" ? 0 : random.integer(0, ID_MAX);
  const cookie = to.withEdns && !isPrivate ? to.state.cookies.current(now) : undefined;
  const options = cookie === undefined ? [] : [cookieOption(cookie)];
  const payloadSize = to.isStream ? MESSAGE_SIZE_MAX : UDP_PAYLOAD_SIZE;
  const compose = (more: readonly EdnsOption[]) =>
    composeMessage(
      {
        id,
        flags: flagsWord(flags),
        questions: [question],
        answers: [],
        authorities: [],
        additionals: to.withEdns
          ? [ednsRecord({ payloadSize, dnssecOk: flags.dnssecOk, options: more })]
          : [],
      },
      "dns",
    );
  const bare = compose(options);
  const octets = isPrivate && to.withEdns ? padded(bare, options, compose) : bare;
  return { octets, id, hasEdns: to.withEdns, cookie };
}

function padded(
  bare: Uint8Array,
  options: readonly EdnsOption[],
  compose: (options: readonly EdnsOption[]) => Uint8Array,
): Uint8Array {
  return compose([...options, paddingTo(bare.length, QUERY_PADDING_BLOCK)]);
}

function flagsWord(flags: QueryFlags): number {
  return Flag.RD | (flags.authenticData ? Flag.AD : 0) | (flags.checkingDisabled ? Flag.CD : 0);
}
