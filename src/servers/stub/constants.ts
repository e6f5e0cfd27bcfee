/** Numbers of the stub listener: ports, sizes, and what its clients may take up. */

/** Where port 53 is not permitted the stub is here, at the same address. */
export const FALLBACK_PORT = 5354;

/** RFC 1035 §4.2.1: octets of the largest UDP message to a client that does not say what it takes. */
export const PAYLOAD_SIZE_MIN = 512;

/** RFC 6891 §6.2.5: octets of a UDP message that no usual path fragments (1280 less the headers). */
export const PAYLOAD_SIZE_MAX = 1232;

/** Loopback fragments nothing up to its MTU. */
export const LOOPBACK_PAYLOAD_SIZE_MAX = 8192;

/** RFC 6891 §6.1.2: octets of an OPT record without options. */
export const OPT_SIZE = 11;

/** RFC 7828 §3.1: the option by which a server tells how long a connection may be idle. */
export const TCP_KEEPALIVE_OPTION = 11;

/** RFC 7828 §3.1: milliseconds of the option's unit. */
export const TCP_KEEPALIVE_UNIT = 100;

/** RFC 7766 §6.2.3: milliseconds after which a connection without a query is closed. */
export const IDLE_TIMEOUT = 10_000;

/** Milliseconds between looks for idle connections. */
export const IDLE_LOOK_INTERVAL = 1_000;

/** TCP connections in all, and of each host that is not this one. */
export const CONNECTIONS_MAX = 256;
export const CONNECTIONS_OF_CLIENT_MAX = 32;

/** Queries of one connection that wait for their answer; what comes after them is not read yet. */
export const PIPELINE_MAX = 100;

/** Octets that wait until a client reads them; beyond, it loses its connection. */
export const BACKLOG_MAX = 256 * 1024;

/** Queries that wait for their answer in all, and of each host that is not this one. */
export const PENDING_MAX = 2_000;
export const PENDING_OF_CLIENT_MAX = 200;

/** Clients outside of the networks allowed that are told so in a second; others get no reply. */
export const REFUSALS_PER_SECOND = 50;

/** Milliseconds until an address that could not be listened at is tried again. */
export const RETRY_INTERVAL = 30_000;

/** Milliseconds between looks at this host's addresses, where the stub listens at all of them. */
export const ADDRESSES_LOOK_INTERVAL = 5_000;

/** Milliseconds that a connection has to take what was sent before it is ended. */
export const CLOSE_WAIT = 5_000;

/**
 * Source ports that no client asks from: 0, and services that answer anything (echo, daytime,
 * chargen, time), to which a reply would be the start of a loop.
 */
export const SENSELESS_PORTS: ReadonlySet<number> = new Set([0, 7, 13, 19, 37]);
