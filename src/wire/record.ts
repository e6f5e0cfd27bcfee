/** Resource records and questions (RFC 1035 §4.1.2, §4.1.3) with the mDNS bits of the class field. */

import type { Name } from "./name.ts";
import type { RecordData } from "./record-data.ts";

export interface Question {
  readonly name: Name;
  /** A number from `RecordType`, or any other. */
  readonly type: number;
  /** Without the top bit on mDNS; usually `RecordClass.IN`. */
  readonly class: number;
  /** The QU bit (RFC 6762 §5.4). Always false outside mDNS. */
  readonly unicastResponse: boolean;
}

export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  /** Without the top bit on mDNS. For OPT, the whole field (RFC 6891 §6.1.2). */
  readonly class: number;
  /** The cache-flush bit (RFC 6762 §10.2). Always false outside mDNS. */
  readonly cacheFlush: boolean;
  /** Seconds, 0 to 2^31 - 1; a larger one on the wire reads as 0 (RFC 2181 §8). For OPT, raw. */
  readonly ttl: number;
  readonly data: RecordData;
}
