/** Services of the engine as the plain data of `services.ts`, and the other way round. */

import { DotlocalError } from "../core/errors.ts";
import { type IpAddress, isLinkLocal, parseIpAddress } from "../core/ip-address.ts";
import type { ServiceGroupSpec, ServiceSpec } from "../dnssd/service.ts";
import { splitInstanceName } from "../dnssd/service-type.ts";
import { readTxt, splitTxtString, type TxtEntry, txtEntry } from "../dnssd/txt.ts";
import type { InstanceOutcome, Resolution, ServiceInstance } from "../dnssd/types.ts";
import type { HostPublication } from "../host/types.ts";
import { Name } from "../wire/name.ts";
import { formatRecordData } from "../wire/presentation.ts";
import type { TxtData } from "../wire/record-data.ts";
import { linksMatching } from "./link-choice.ts";
import type { LinkNames } from "./plain-results.ts";
import type {
  FoundService,
  InstanceResult,
  PublishedGroup,
  PublishedHost,
  PublishedService,
  ResolvedService,
  TxtSpec,
  TxtValue,
} from "./services.ts";

const textEncoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** undefined: the name is no instance's. */
export function foundService(
  { name, own }: Pick<ServiceInstance, "name" | "own">,
  interfaceName: string,
): FoundService | undefined {
  const parts = splitInstanceName(name);
  if (parts === undefined) return undefined;
  return {
    interface: interfaceName,
    instance: parts.instance,
    type: parts.type,
    domain: parts.domain.toString(),
    name: name.toString(),
    own,
  };
}

export function resolvedService(service: FoundService, resolution: Resolution): ResolvedService {
  const { host, port, priority, weight, addresses, txt } = resolution;
  return {
    ...service,
    host: host.toString(),
    port,
    priority,
    weight,
    addresses: addresses.map((address) => scopedAddress(address, service.interface)),
    txt: txt === undefined ? {} : txtObject(txt),
    txtRecord: txt === undefined ? "" : formatRecordData(txt),
  };
}

export function instanceResult(
  outcome: InstanceOutcome,
  name: Name,
  linkNames: LinkNames,
): InstanceResult {
  if (outcome.kind !== "resolved") {
    const message =
      outcome.kind === "no-data"
        ? `${name} exists, but offers no service`
        : `nobody answers for ${name}`;
    return { outcome: "not-found", reason: outcome.kind, message };
  }
  const services = outcome.resolutions.flatMap((resolution) => {
    const own = resolution.source === undefined;
    const service = foundService({ name, own }, linkNames(resolution.link) ?? "");
    return service === undefined ? [] : [resolvedService(service, resolution)];
  });
  return { outcome: "found", services };
}

/** A link-local IPv6 address is no use without its interface. */
function scopedAddress(address: IpAddress, interfaceName: string): string {
  const needsScope = address.includes(":") && isLinkLocal(address);
  return needsScope ? `${address}%${interfaceName}` : address;
}

function txtObject(data: TxtData): Readonly<Record<string, TxtValue>> {
  // Without a prototype, so that a key from the network is never anything but a key.
  const object = Object.create(null) as Record<string, TxtValue>;
  for (const { key, value } of readTxt(data)) object[lenientDecoder.decode(key)] = txtValue(value);
  return object;
}

function txtValue(value: Uint8Array | undefined): TxtValue {
  if (value === undefined) return true;
  try {
    return strictDecoder.decode(value);
  } catch {
    return { hex: Buffer.from(value).toString("hex") };
  }
}

/** Throws INVALID_NAME, INVALID_ARGUMENT. */
export function groupSpec({ instance, services }: PublishedGroup): ServiceGroupSpec {
  return { instance, services: services.map(serviceSpec) };
}

function serviceSpec(service: PublishedService): ServiceSpec {
  const { type, port, subtypes = [], txt = [], host, domain = "local" } = service;
  return {
    ...{ type, port, subtypes },
    domain: Name.parse(domain),
    priority: service.priority ?? 0,
    weight: service.weight ?? 0,
    host: host === undefined ? undefined : Name.parse(host),
    txt: [txtEntries(txt)],
    links: linksMatching(service.interfaces),
    family: undefined,
  };
}

function txtEntries(txt: TxtSpec): readonly TxtEntry[] {
  if (isList(txt)) return txt.map((text) => splitTxtString(textEncoder.encode(text)));
  return Object.entries(txt).flatMap(([key, value]) => {
    if (value === false) return [];
    if (value === true) return [txtEntry(key)];
    if (typeof value === "object") return [txtEntry(key, Buffer.from(value.hex, "hex"))];
    return [txtEntry(key, String(value))];
  });
}

function isList(txt: TxtSpec): txt is readonly string[] {
  return Array.isArray(txt);
}

/** Throws INVALID_NAME, INVALID_ARGUMENT. */
export function hostPublication(host: PublishedHost): HostPublication {
  const { name, addresses, reverse = true, interfaces } = host;
  return {
    name: Name.parse(name),
    addresses: addresses.map(ipAddress),
    reverse,
    links: linksMatching(interfaces),
  };
}

function ipAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address !== undefined) return address;
  throw new DotlocalError("INVALID_ARGUMENT", `"${text}" is not an IP address`);
}
