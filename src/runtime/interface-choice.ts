/** Which interfaces are links, as the configuration says. */

import type { Configuration } from "../config/configuration.ts";
import { InterfaceFilter } from "../config/interface-filter.ts";
import type { InterfaceSelector } from "../net/network-interface.ts";

/** Chooses interfaces by the configuration's globs. */
export function interfaceSelector(configuration: Configuration): InterfaceSelector {
  const { ipv4, ipv6, interfaces } = configuration;
  const filter = new InterfaceFilter({ ...interfaces, ipv4, ipv6 });
  return (candidate) => {
    const families = filter.select(candidate);
    if (families.length === 0) return undefined;
    return { ipv4: families.includes("ipv4"), ipv6: families.includes("ipv6") };
  };
}
