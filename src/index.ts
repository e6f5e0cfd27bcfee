/**
 * The public API of the library: names and services on the local link, from Node.
 *
 * The wire codec has an entry of its own, `dotlocald/wire`.
 */

export { type BrowsedService, Browser, type BrowserOptions } from "./client/browser.ts";
export { DaemonConnection } from "./client/daemon-connection.ts";
export { type Lookup, lookup } from "./client/lookup.ts";
export type { DirectoryOptions } from "./client/open-directory.ts";
export type { PublishedName } from "./client/published-name.ts";
export type {
  AnyRecord,
  CaaRecord,
  MxRecord,
  NaptrRecord,
  SoaRecord,
  SrvRecord,
} from "./client/record-values.ts";
export {
  type AddressOptions,
  type AddressWithTtl,
  type ResolveOptions,
  Resolver,
  type ResolverOptions,
} from "./client/resolver.ts";
export { Responder, type ResponderOptions, type Withdrawal } from "./client/responder.ts";
export type { ServiceGroupOptions, ServiceOptions } from "./client/service-options.ts";
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
export type {
  BrowseEvent,
  BrowseQuery,
  FoundService,
  InstanceQuery,
  InstanceResult,
  Publication,
  PublicationEvent,
  PublishedGroup,
  PublishedHost,
  PublishedService,
  ResolvedService,
  ServiceDirectory,
  TxtSpec,
  TxtValue,
} from "./runtime/services.ts";
