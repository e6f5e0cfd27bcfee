/**
 * The public API of the library: names and services on the local link, from Node.
 *
 * The wire codec has an entry of its own, `dotlocald/wire`.
 */

export { DaemonConnection } from "./client/daemon-connection.ts";
export { openStandalone, type StandaloneOptions } from "./client/standalone.ts";
export { DotlocalError, type ErrorCode } from "./core/errors.ts";
export { VERSION } from "./core/version.ts";
export type {
  AddressQuery,
  AddressResult,
  Directory,
  FailureReason,
  FoundAddress,
  FoundName,
  FoundRecord,
  NameQuery,
  NameResult,
  NotFound,
  RecordQuery,
  RecordResult,
} from "./runtime/directory.ts";
