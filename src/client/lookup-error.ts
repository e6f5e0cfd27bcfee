/** Failed look-ups as the errors of `dns.lookup`: `getaddrinfo ENOTFOUND printer.local`. */

import { DotlocalError, type ErrorCode } from "../core/errors.ts";
import type { FailureReason, NotFound } from "../runtime/directory.ts";

/** libuv's numbers for getaddrinfo's errors. */
const ERRNO = { ENOTFOUND: -3008, EAI_AGAIN: -3001, EAI_FAIL: -3004 } as const;

type Code = keyof typeof ERRNO;

const CODE_OF_REASON: Readonly<Record<FailureReason, Code>> = {
  "no-such-name": "ENOTFOUND",
  "no-data": "ENOTFOUND",
  refused: "ENOTFOUND",
  "timed-out": "EAI_AGAIN",
  failed: "EAI_AGAIN",
  unavailable: "EAI_AGAIN",
};

const CODE_OF_ERROR: Partial<Record<ErrorCode, Code>> = {
  INVALID_NAME: "ENOTFOUND",
  NO_LINK: "EAI_AGAIN",
  LIMIT_REACHED: "EAI_AGAIN",
};

export function notFoundError({ reason, message }: NotFound, hostname: string): Error {
  return compose(CODE_OF_REASON[reason], hostname, new DotlocalError("NOT_FOUND", message));
}

/** Errors of the system's own look-up stay as they are; without a cause nothing was found. */
export function lookupError(cause: unknown, hostname: string): Error {
  if (cause === undefined) return compose("ENOTFOUND", hostname, undefined);
  if (!(cause instanceof DotlocalError)) return cause as Error;
  return compose(CODE_OF_ERROR[cause.code] ?? "EAI_FAIL", hostname, cause);
}

function compose(code: Code, hostname: string, cause: unknown): Error {
  const error = new Error(`getaddrinfo ${code} ${hostname}`, { cause });
  return Object.assign(error, { errno: ERRNO[code], code, syscall: "getaddrinfo", hostname });
}
