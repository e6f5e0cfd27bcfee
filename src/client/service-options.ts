/** How the library's users describe a service, or several under one name. */

import type { PublishedGroup, PublishedService } from "../runtime/services.ts";

/** A service under a name of its own. */
export interface ServiceOptions extends PublishedService {
  /** What people see: 1 to 63 octets of UTF-8, which may hold dots, spaces and backslashes. */
  readonly name: string;
}

/** Several services under one name: one conflict renames them together. */
export interface ServiceGroupOptions {
  readonly name: string;
  readonly services: readonly PublishedService[];
}

/** The group that services of the library are published as. */
export function groupOf(service: ServiceOptions | ServiceGroupOptions): PublishedGroup {
  if ("services" in service) return { instance: service.name, services: service.services };
  const { name, ...rest } = service;
  return { instance: name, services: [rest] };
}
