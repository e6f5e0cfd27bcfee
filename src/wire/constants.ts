/** Numbers of the DNS message format: types, classes, header flags, response codes. */

/** RFC 1035 §3.2.2 and the RFCs that define each further type. */
export const RecordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

/** RFC 1035 §3.2.4. */
export const RecordClass = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

/** RFC 1035 §4.1.1: octets of the header. */
export const HEADER_SIZE = 12;

/** RFC 1035 §4.2.2: octets of the largest message. */
export const MESSAGE_SIZE_MAX = 65_535;

/** RFC 1035 §3.3: octets of a character-string, without its length octet. */
export const CHARACTER_STRING_SIZE_MAX = 255;

/** RFC 1035 §4.1.4: the two top bits of a compression pointer's first octet. */
export const POINTER_BITS = 0xc0;

/** RFC 1035 §4.1.4: the offset in a compression pointer; nothing beyond it can be pointed to. */
export const POINTER_OFFSET_MASK = 0x3fff;

/** RFC 2181 §8: the largest ttl in seconds; what is larger reads as zero. */
export const TTL_MAX = 0x7fff_ffff;

/** RFC 6762 §18.12, §18.13: the QU bit of a question, the cache-flush bit of a record. */
export const CLASS_TOP_BIT = 0x8000;

/** RFC 1035 §4.1.1, RFC 4035 §3.2 (AD, CD): masks of the flags word. */
export const Flag = {
  QR: 0x8000,
  OPCODE: 0x7800,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
  RCODE: 0x000f,
  /** RFC 4795 §2.1.1: conflict, in the place of AA. */
  LLMNR_C: 0x0400,
  /** RFC 4795 §2.1.1: tentative, in the place of RD. */
  LLMNR_T: 0x0100,
} as const;

/** RFC 1035 §4.1.1, RFC 2136 §2.2, RFC 6891 §9. */
export const ResponseCode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;
