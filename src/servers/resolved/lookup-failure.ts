/** What was not found, as the errors of io.systemd.Resolve that nss-resolve tells apart. */

import { DotlocalError } from "../../core/errors.ts";
import type { NotFound } from "../../runtime/directory.ts";
import type { QuestionLimits } from "./lookup-scope.ts";
import { invalidParameter, resolveError, type VarlinkError } from "./varlink-error.ts";

/** RFC 1035 §4.1.1: the name does not exist. */
const NAME_ERROR = 3;

/** RFC 1035 §4.1.1: the servers were unable to answer. */
const SERVER_FAILURE = 2;

/** The error for a name that was asked for and not found. */
export function failureOf(
  { reason }: NotFound,
  name: string,
  { timeout }: QuestionLimits,
): VarlinkError {
  switch (reason) {
    case "no-such-name":
    case "refused":
      return resolveError("DNSError", { rcode: NAME_ERROR, queryString: name });
    case "failed":
      return resolveError("DNSError", { rcode: SERVER_FAILURE, queryString: name });
    case "no-data":
      return resolveError("NoSuchResourceRecord");
    case "timed-out":
      return resolveError(timeout === undefined ? "QueryTimedOut" : "NoSource");
    case "unavailable":
      return resolveError("NoNameServers");
  }
}

/** Awaits a question; what the engine refuses it for becomes an error of the parameter asked with. */
export async function asking<Result>(parameter: string, question: Promise<Result>) {
  try {
    return await question;
  } catch (error) {
    if (!(error instanceof DotlocalError)) throw error;
    if (error.code === "INVALID_NAME" || error.code === "INVALID_ARGUMENT") {
      throw invalidParameter(parameter);
    }
    throw resolveError("QueryAborted");
  }
}
