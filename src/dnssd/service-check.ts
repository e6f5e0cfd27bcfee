/** Whether a group can be published: names, types, ports and sizes, before anything is on the wire. */

import { DotlocalError } from "../core/errors.ts";
import { Name } from "../wire/name.ts";
import { SERVICES_A_GROUP_MAX, SUBTYPES_A_SERVICE_MAX } from "./constants.ts";
import { checkedInstance, numberedInstance } from "./instance-name.ts";
import type { ServiceGroupSpec, ServiceSpec } from "./service.ts";
import { serviceRecords } from "./service-records.ts";

const NUMBER_MAX = 65_535;

/** The group with its instance name in Net-Unicode. Throws INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA. */
export function checkedGroup(group: ServiceGroupSpec): ServiceGroupSpec {
  const instance = checkedInstance(group.instance);
  const { services } = group;
  if (services.length === 0) throw invalid(`no service is given for "${instance}"`);
  if (services.length > SERVICES_A_GROUP_MAX) {
    throw invalid(`"${instance}" has over ${SERVICES_A_GROUP_MAX} services`);
  }
  for (const service of services) checkService(instance, service);
  return { instance, services };
}

function checkService(instance: string, service: ServiceSpec): void {
  const { type, port, priority, weight, subtypes, domain } = service;
  checkNumber(port, "port", type);
  checkNumber(priority, "priority", type);
  checkNumber(weight, "weight", type);
  if (subtypes.length > SUBTYPES_A_SERVICE_MAX) {
    throw invalid(`${type} has over ${SUBTYPES_A_SERVICE_MAX} subtypes`);
  }
  if (!domain.isWithin(Name.LOCAL)) {
    const remedy = "only services of the link can be published";
    throw new DotlocalError("INVALID_NAME", `${domain} is not "local": ${remedy}`);
  }
  // RFC 6763 §8: without a host a rival could not be told from us.
  if (service.host?.isRoot === true) {
    throw new DotlocalError("INVALID_NAME", `"." is no host that could offer ${type}`);
  }
  // What cannot be a record throws here, a longer name after a rename included.
  serviceRecords(instance, service, service.host ?? Name.LOCAL);
  serviceRecords(numberedInstance(instance, 2), service, service.host ?? Name.ROOT);
}

function checkNumber(value: number, what: string, type: string): void {
  if (Number.isInteger(value) && value >= 0 && value <= NUMBER_MAX) return;
  throw invalid(`expected a ${what} from 0 to ${NUMBER_MAX} for ${type}, not ${value}`);
}

function invalid(message: string): DotlocalError {
  return new DotlocalError("INVALID_ARGUMENT", message);
}
