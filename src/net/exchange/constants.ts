/** How many sockets to name servers there are, and for how long. Times in milliseconds. */

/** RFC 5452 §9.2: ports in use at a time for one server; a new question takes one at random. */
export const PORTS_IN_USE = 8;

/** Questions after which a port is given up for another. */
export const PORT_USES_MAX = 10;

/** Time after which a port is given up, used or not. */
export const PORT_AGE_MAX = 20_000;

/** Ports open for one server, with those given up that still wait for replies. */
export const PORTS_MAX = 256;

/** RFC 7766 §6.2.3: how long a connection is kept without a question. */
export const TCP_IDLE_MAX = 10_000;
export const TLS_IDLE_MAX = 30_000;

/** Until a connection must stand. */
export const CONNECT_TIME_MAX = 5_000;

/** Connections open to one server, with those given up that still wait for replies. */
export const CONNECTIONS_MAX = 4;

/** Questions under way on one connection (RFC 7766 §6.2.1.1). */
export const PIPELINE_MAX = 200;

/** Servers with sockets open. */
export const CHANNELS_MAX = 64;

/** RFC 1035 §4.2.2: octets of the length before a message on a stream, and its bound. */
export const LENGTH_SIZE = 2;
export const MESSAGE_SIZE_MAX = 0xffff;

/** RFC 1035 §4.1.1: octets of a message's header. */
export const HEADER_SIZE = 12;
