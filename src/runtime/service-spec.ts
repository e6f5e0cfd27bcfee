/** A service definition, its name filled in, as what DNS-SD publishes. */

import type { ExpandedGroup } from "../config/expand.ts";
import type { ServiceDefinition } from "../config/service-definition.ts";
import type { ServiceGroupSpec, ServiceSpec } from "../dnssd/service.ts";
import { linksMatching } from "./link-choice.ts";

export function serviceGroupSpec({ instance, services }: ExpandedGroup): ServiceGroupSpec {
  return { instance, services: services.map(serviceSpec) };
}

function serviceSpec(definition: ServiceDefinition): ServiceSpec {
  const { type, subtypes, domain, port, priority, weight, host, interfaces, protocol } = definition;
  return {
    ...{ type, subtypes, domain, port, priority, weight, host },
    txt: [definition.txt, ...definition.additionalTxtRecords],
    links: linksMatching(interfaces),
    family: protocol === "any" ? undefined : protocol,
  };
}
