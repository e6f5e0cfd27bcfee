/** Why octets are no DNS message, as a value: what the network does wrong never throws. */

export type ParseErrorCode =
  /** The message ends inside its header, a question or a record. */
  | "TRUNCATED"
  /** More octets than a DNS message can have (RFC 1035 §4.2.2). */
  | "OVERSIZED"
  /** A label whose type is neither a length nor a pointer (RFC 1035 §4.1.4). */
  | "LABEL_TYPE"
  /** A compression pointer that does not lead to an earlier place behind the header. */
  | "POINTER_TARGET"
  /** More compression pointers in a row than a name can need. */
  | "POINTER_CHAIN"
  /** A name of more than 255 octets (RFC 1035 §2.3.4). */
  | "NAME_SIZE"
  /** Record data whose fields need more octets than its length says. */
  | "RECORD_DATA_OVERRUN"
  /** Record data with octets behind its last field. */
  | "RECORD_DATA_TRAILING"
  /** Record data with a value that its type does not allow. */
  | "RECORD_DATA_VALUE";

export interface ParseError {
  readonly code: ParseErrorCode;
  /** Where in the message, in octets from its start. */
  readonly offset: number;
}
