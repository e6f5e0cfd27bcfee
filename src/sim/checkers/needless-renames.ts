/** No host loses a name that no other host ever wanted. */

import type { MdnsEvent } from "../../mdns/types.ts";
import type { Name } from "../../wire/name.ts";
import type { SwarmHost } from "../swarm-host.ts";
import type { Checker } from "./checker.ts";

export function noNeedlessRename(): Checker {
  const losses: { host: SwarmHost; name: Name }[] = [];
  return {
    property: "nobody is renamed without a rival",
    hostEvent(host: SwarmHost, event: MdnsEvent) {
      if (event.kind === "conflicted") losses.push({ host, name: event.name });
    },
    violations: ({ hosts }) =>
      losses
        .filter(({ host, name }) => !hosts.some((o) => o !== host && o.wanted.has(name.key)))
        .map(({ host, name }) => `${host.host.name} lost ${name} and had no rival`),
  };
}
