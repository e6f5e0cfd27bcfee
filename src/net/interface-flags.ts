/** Flags of interfaces and of IPv6 addresses, as rtnetlink, /sys and /proc show them. */

/** <linux/if.h> */
export const INTERFACE_FLAG = {
  up: 0x1,
  loopback: 0x8,
  pointToPoint: 0x10,
  /** Up and operational: carrier is there and nothing holds the interface back. */
  running: 0x40,
  multicast: 0x1000,
} as const;

/** <linux/if_addr.h> */
export const ADDRESS_FLAG = {
  /** RFC 8981: a privacy address. */
  temporary: 0x01,
  /** RFC 4862 §5.4: duplicate address detection failed. */
  duplicate: 0x08,
  /** RFC 4862 §5.5.4 */
  deprecated: 0x20,
  /** RFC 4862 §5.4: duplicate address detection is under way. */
  tentative: 0x40,
} as const;
