/** Failed questions as the errors of `dns.promises`: `queryA ENOTFOUND printer.local`. */

import { DotlocalError, type ErrorCode } from "../core/errors.ts";
import type { FailureReason, NotFound } from "../runtime/directory.ts";

/** Node's names for its calls: `queryA`, `queryAaaa`, `getHostByAddr`. */
export type Syscall = `query${string}` | "getHostByAddr";

const CODE_OF_REASON: Readonly<Record<FailureReason, string>> = {
  "no-such-name": "ENOTFOUND",
  "no-data": "ENODATA",
  refused: "ENOTFOUND",
  "timed-out": "ETIMEOUT",
  failed: "ESERVFAIL",
  unavailable: "ECONNREFUSED",
};

const CODE_OF_ERROR: Partial<Record<ErrorCode, string>> = {
  INVALID_NAME: "EBADNAME",
  INVALID_ARGUMENT: "EBADQUERY",
  NO_LINK: "ECONNREFUSED",
  NO_DAEMON: "ECONNREFUSED",
  LIMIT_REACHED: "EREFUSED",
  NOT_PERMITTED: "EREFUSED",
};

export function syscallOf(type: string): Syscall {
  if (type === "reverse") return "getHostByAddr";
  return `query${type.charAt(0)}${type.slice(1).toLowerCase()}`;
}

export function notFoundError(
  { reason, message }: NotFound,
  syscall: Syscall,
  hostname: string,
): Error {
  const cause = new DotlocalError("NOT_FOUND", message);
  return compose(CODE_OF_REASON[reason], syscall, hostname, cause);
}

export function failedError(cause: DotlocalError, syscall: Syscall, hostname: string): Error {
  return compose(CODE_OF_ERROR[cause.code] ?? "ESERVFAIL", syscall, hostname, cause);
}

/** After `cancel()`. */
export function cancelledError(syscall: Syscall, hostname: string): Error {
  return compose("ECANCELLED", syscall, hostname, undefined);
}

/** What Node rejects with when a signal is aborted. */
export function abortedError(signal: AbortSignal): Error {
  const error = new Error("The operation was aborted", { cause: signal.reason });
  return Object.assign(error, { name: "AbortError", code: "ABORT_ERR" });
}

function compose(code: string, syscall: Syscall, hostname: string, cause: unknown): Error {
  const error = new Error(`${syscall} ${code} ${hostname}`, { cause });
  return Object.assign(error, { code, syscall, hostname });
}
