/** Numbers of Avahi's simple protocol: its error codes, and our bounds. */

/** Where clients look for it; `/var/run` leads there too. */
export const AVAHI_SOCKET = "/run/avahi-daemon/socket";

/** Protocol numbers in answers: the transport that the answer arrived on. */
export const PROTOCOL_NUMBER = { ipv4: 0, ipv6: 1 } as const;

/** Of avahi-common/error.h, with the texts that avahi_strerror has for them. */
export const AvahiError = {
  FAILURE: { code: -1, text: "Operation failed" },
  INVALID_HOST_NAME: { code: -3, text: "Invalid host name" },
  NO_NETWORK: { code: -5, text: "No suitable network protocol available" },
  INVALID_ADDRESS: { code: -14, text: "Invalid address" },
  TIMEOUT: { code: -15, text: "Timeout reached" },
  TOO_MANY_OBJECTS: { code: -17, text: "Too many objects" },
  INVALID_OPERATION: { code: -21, text: "Invalid operation" },
  NOT_FOUND: { code: -30, text: "Not found" },
} as const;

/** Octets of a command word and of its argument; what is longer is cut, as by scanf("%63s %1013s"). */
export const COMMAND_SIZE_MAX = 63;
export const ARGUMENT_SIZE_MAX = 1013;

/** Octets of a line that is waited for. */
export const LINE_SIZE_MAX = 20_480;

/** Octets of an answer, its end included: nss-mdns reads a line into so many. */
export const REPLY_SIZE_MAX = 255;

/** Milliseconds in which a client must have sent its command. */
export const COMMAND_TIMEOUT = 10_000;

/** Clients at one time, and those of one user. */
export const CLIENTS_MAX = 1024;
export const CLIENTS_OF_USER_MAX = 256;

/** Octets that wait for a reader that does not read, before it is cut off. */
export const BACKLOG_MAX = 20_480;

/** Milliseconds between looks for DNS servers while somebody follows them. */
export const SERVER_LOOK_INTERVAL = 60_000;
