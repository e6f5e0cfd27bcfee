/**
 * A service as DNS records (RFC 6763 §4 to §9): PTR records under its type and subtypes and for the
 * enumeration of types, SRV and TXT under its own name.
 */

import type { Family } from "../core/ip-address.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { SERVICE_TTL, SRV_TTL } from "./constants.ts";
import type { PortRecord } from "./record-port.ts";
import type { ServiceSpec } from "./service.ts";
import { enumerationName, subtypeName, typeName } from "./service-type.ts";
import { composeTxt } from "./txt.ts";

/** The whole name: `Laser._ipp._tcp.local`. Throws INVALID_NAME. */
export function serviceName(instance: string, { type, domain }: ServiceSpec): Name {
  return typeName(type, domain).prepend(instance);
}

/** Every record of the service; `hostName` is what this host is called where they are published. */
export function serviceRecords(
  instance: string,
  service: ServiceSpec,
  hostName: Name,
): readonly PortRecord[] {
  const type = typeName(service.type, service.domain);
  const name = type.prepend(instance);
  const { family } = service;
  return [
    pointer(type, name, family),
    ...service.subtypes.map((subtype) => pointer(subtypeName(subtype, type), name, family)),
    pointer(enumerationName(service.domain), type, family),
    srvRecord(instance, service, hostName),
    ...txtRecords(name, service),
  ];
}

/** The one record that claims the name. */
export function srvRecord(instance: string, service: ServiceSpec, hostName: Name): PortRecord {
  const { priority, weight, port, host, family } = service;
  return {
    name: serviceName(instance, service),
    type: RecordType.SRV,
    ttl: SRV_TTL,
    data: { kind: "SRV", priority, weight, port, target: host ?? hostName },
    ownership: "unique",
    cedable: false,
    family,
  };
}

/** RFC 6763 §6.1, §6.8: at least one, which may be empty; each further one is another record. */
function txtRecords(name: Name, { txt, family }: ServiceSpec): readonly PortRecord[] {
  const records = txt.length === 0 ? [[]] : txt;
  return records.map((entries) => ({
    name,
    type: RecordType.TXT,
    ttl: SERVICE_TTL,
    data: composeTxt(entries),
    ownership: "unique",
    cedable: false,
    family,
  }));
}

/** RFC 6763 §4.1, §7.1, §9: many hosts may list their own under the same name. */
export function pointer(name: Name, target: Name, family?: Family): PortRecord {
  return {
    name,
    type: RecordType.PTR,
    ttl: SERVICE_TTL,
    data: { kind: "PTR", name: target },
    ownership: "shared",
    cedable: false,
    family,
  };
}
