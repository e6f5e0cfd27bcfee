/**
 * `dotlocald/wire`: the codec of DNS messages (RFC 1035, RFC 6762 §18) on its own. Octets to
 * messages and back, presentation format, record order and identity, EDNS, reverse names.
 *
 * Pure functions on `Uint8Array`: no clock, no sockets, nothing to close.
 */

export { DotlocalError, type ErrorCode, type Result } from "./core/errors.ts";
export { type Family, type IpAddress, parseIpAddress } from "./core/ip-address.ts";
export { composeMessage } from "./wire/compose.ts";
export { Flag, RecordClass, RecordType, ResponseCode } from "./wire/constants.ts";
export {
  type Cookie,
  cookieOf,
  cookieOption,
  type Edns,
  type EdnsOption,
  EdnsOptionCode,
  type ExtendedError,
  ExtendedErrorCode,
  ednsOf,
  ednsRecord,
  extendedErrorOption,
  extendedErrorsOf,
  paddingOption,
  paddingTo,
  responseCodeOf,
} from "./wire/edns.ts";
export { type Dialect, isResponse, type Message } from "./wire/message.ts";
export { MessageWriter, type RecordSection } from "./wire/message-writer.ts";
export { LABEL_SIZE_MAX, NAME_SIZE_MAX, Name } from "./wire/name.ts";
export { type ParsedMessage, parseMessage } from "./wire/parse.ts";
export type { ParseError, ParseErrorCode } from "./wire/parse-error.ts";
export {
  formatMessage,
  formatQuestion,
  formatRecord,
  formatRecordData,
  parseQuestion,
  parseRecord,
  parseRecordData,
  type TextError,
} from "./wire/presentation.ts";
export type { Question, ResourceRecord } from "./wire/record.ts";
export type * from "./wire/record-data.ts";
export {
  compareRecordData,
  compareRecords,
  recordDataOctets,
  recordKey,
  recordSetKey,
  sameRecord,
  sameRecordData,
} from "./wire/record-order.ts";
export { addressOfReverseName, reverseName } from "./wire/reverse.ts";
export { type SplitLimits, type SplitMessage, splitMessage } from "./wire/split.ts";
export { formatClass, formatType, parseClass, parseType } from "./wire/type-names.ts";
