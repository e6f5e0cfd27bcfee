/**
 * Errors of the user and of the system: one class, one table of stable codes, an exit status a code.
 *
 * What the network does wrong is never one of these: it is a value and a counter. What we do wrong
 * is an `AssertionFault`.
 */

/** Exit statuses of the command line. */
export const EXIT_DONE = 0;
export const EXIT_NOT_FOUND = 1;
export const EXIT_USAGE = 2;
export const EXIT_NOT_ALLOWED = 3;
export const EXIT_FAULT = 70;

/** Every code, with the exit status a command ends with when the error reaches its top. */
export const ERROR_EXIT_STATUS = {
  /** Nobody answered for a name, or it has no record of the type, before the time-out. */
  NOT_FOUND: EXIT_NOT_FOUND,
  /** The time the caller gave is over. */
  TIMED_OUT: EXIT_NOT_FOUND,
  /** The caller's signal was aborted. */
  ABORTED: EXIT_NOT_FOUND,
  /** A name, type or address that cannot be one. */
  INVALID_NAME: EXIT_USAGE,
  /** Record data or a message that cannot be composed or read. */
  INVALID_DATA: EXIT_USAGE,
  /** Wrong arguments to a command or a library call. */
  INVALID_ARGUMENT: EXIT_USAGE,
  /** A configuration or service definition file that is not valid; carries file:line:column. */
  INVALID_FILE: EXIT_USAGE,
  /** A file that cannot be read. */
  UNREADABLE_FILE: EXIT_USAGE,
  /** A name that somebody else holds and that must not be renamed. */
  NAME_TAKEN: EXIT_NOT_ALLOWED,
  /** No interface that could be used. */
  NO_LINK: EXIT_NOT_ALLOWED,
  /** A port or a path that another process holds exclusively. */
  IN_USE: EXIT_NOT_ALLOWED,
  /** The operating system or the daemon refuses. */
  NOT_PERMITTED: EXIT_NOT_ALLOWED,
  /** A daemon is needed and none answers at the control socket. */
  NO_DAEMON: EXIT_NOT_ALLOWED,
  /** A limit (clients, registrations, lookups) is reached. */
  LIMIT_REACHED: EXIT_NOT_ALLOWED,
  /** Any other failure of the operating system; `cause` has it. */
  SYSTEM: EXIT_NOT_ALLOWED,
} as const;

export type ErrorCode = keyof typeof ERROR_EXIT_STATUS;

export class DotlocalError extends Error {
  override readonly name = "DotlocalError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitStatus(): number {
    return ERROR_EXIT_STATUS[this.code];
  }
}

/** The outcome of reading something that may be wrong: a value, never an exception. */
export type Result<Value, Failure> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

export function success<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function failure<Failure>(error: Failure): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error };
}
