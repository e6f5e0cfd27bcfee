/** Seeds, links and settings that a scenario declares. */

import type { MdnsSettings } from "../../mdns/types.ts";
import { MTU_DEFAULT } from "../constants.ts";
import { parseConditions } from "./parse-conditions.ts";
import type { LinkDeclaration } from "./syntax.ts";
import type { Words } from "./words.ts";

export function parseSeeds(words: Words): number[] {
  const range = words.takeMatch(/^(\d+)(?:\.\.(\d+))?$/) ?? words.fail("seeds are expected");
  const first = Number(range[1]);
  const last = Number(range[2] ?? first);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function parseLink(words: Words): LinkDeclaration {
  const name = words.take("the link's name");
  const mtu = words.takeMatch(/^mtu=(\d+)$/);
  const conditions = parseConditions(words);
  return { name, mtu: mtu === undefined ? MTU_DEFAULT : Number(mtu[1]), conditions };
}

const SETTINGS: Readonly<Record<string, keyof MdnsSettings>> = {
  announcements: "announcements",
  "cache-size": "cacheSizeMax",
  "cache-ttl": "cacheTtlMax",
  "packets-per-second": "packetsPerSecondMax",
};

export function parseSetting(words: Words): Partial<MdnsSettings> | undefined {
  const match = /^([a-z-]+)=(\d+)$/.exec(words.next);
  const key = match === null ? undefined : SETTINGS[match[1]!];
  if (match === null || key === undefined) return undefined;
  words.take("the setting");
  return { [key]: Number(match[2]) };
}
