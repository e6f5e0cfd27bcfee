/** Numbers of systemd-resolved's varlink interface: flags, address families, and our bounds. */

/** Where clients look for it. */
export const RESOLVED_SOCKET = "/run/systemd/resolve/io.systemd.Resolve";

/** Octets of a message from a client. */
export const MESSAGE_SIZE_MAX = 65_536;

/** A client's messages that wait for their turn, and their octets together. */
export const WAITING_MAX = 256;
export const WAITING_SIZE_MAX = 262_144;

/** Octets that wait for a client that does not read, before it is cut off. */
export const BACKLOG_MAX = 1_048_576;

/** Clients at one time, and those of one user. */
export const CLIENTS_MAX = 1024;
export const CLIENTS_OF_USER_MAX = 256;

/** Milliseconds in which a client must have sent its next message. */
export const IDLE_TIMEOUT = 120_000;

/** Linux's numbers of address families. */
export const AddressFamily = { UNSPECIFIED: 0, IPV4: 2, IPV6: 10 } as const;

/** SD_RESOLVED_* of systemd's resolved-def.h, as masks. All are below 2^31. */
export const ResolvedFlag = {
  DNS: 1 << 0,
  LLMNR_IPV4: 1 << 1,
  LLMNR_IPV6: 1 << 2,
  MDNS_IPV4: 1 << 3,
  MDNS_IPV6: 1 << 4,
  NO_TXT: 1 << 6,
  NO_ADDRESS: 1 << 7,
  NO_SEARCH: 1 << 8,
  AUTHENTICATED: 1 << 9,
  NO_NETWORK: 1 << 15,
  CONFIDENTIAL: 1 << 18,
  SYNTHETIC: 1 << 19,
  FROM_ZONE: 1 << 21,
  FROM_NETWORK: 1 << 23,
} as const;

/** The flags that choose protocols; none of them stands for all. */
export const PROTOCOL_FLAGS = 0x1f;
