/** io.systemd.Resolve as this daemon offers it: its definition and its methods. */

import { browseServices } from "./browse-services.ts";
import { resolveAddress, resolveHostname } from "./resolve-addresses.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { resolveRecord } from "./resolve-record.ts";
import { resolveService } from "./resolve-service.ts";
import type { VarlinkInterface } from "./varlink-service.ts";

const DESCRIPTION = `# Names and services of the local link
interface io.systemd.Resolve

type ResolvedAddress(
  ifindex: ?int,
  family: int,
  address: []int
)

type ResolvedName(
  ifindex: ?int,
  name: string
)

type ResolvedService(
  priority: int,
  weight: int,
  port: int,
  hostname: string,
  canonicalName: ?string,
  addresses: ?[]ResolvedAddress
)

type ResolvedCanonical(
  name: ?string,
  type: string,
  domain: string
)

type ResourceKey(
  class: int,
  type: int,
  name: string
)

type ServiceParameter(
  key: int,
  value: string
)

type ResourceRecord(
  key: ResourceKey,
  priority: ?int,
  weight: ?int,
  port: ?int,
  name: ?string,
  cpu: ?string,
  os: ?string,
  items: ?[]string,
  address: ?[]int,
  mname: ?string,
  rname: ?string,
  serial: ?int,
  refresh: ?int,
  retry: ?int,
  expire: ?int,
  minimum: ?int,
  exchange: ?string,
  nextDomain: ?string,
  types: ?[]int,
  target: ?string,
  params: ?[]ServiceParameter,
  order: ?int,
  preference: ?int,
  naptrFlags: ?string,
  services: ?string,
  regexp: ?string,
  replacement: ?string,
  flags: ?int,
  tag: ?string,
  value: ?string,
  keyTag: ?int,
  algorithm: ?int,
  digestType: ?int,
  digest: ?string,
  protocol: ?int,
  dnskey: ?string
)

type ResolvedRecord(
  ifindex: ?int,
  rr: ?ResourceRecord,
  raw: string
)

type BrowserServiceData(
  updateFlag: (added, removed),
  family: int,
  name: ?string,
  type: string,
  domain: string,
  ifindex: int
)

# Addresses of a host. Family 2 is IPv4, 10 is IPv6, 0 is both.
method ResolveHostname(
  ifindex: ?int,
  name: string,
  family: ?int,
  flags: ?int
) -> (
  addresses: []ResolvedAddress,
  name: string,
  flags: int
)

# Names of an address of 4 or 16 octets.
method ResolveAddress(
  ifindex: ?int,
  family: int,
  address: []int,
  flags: ?int
) -> (
  names: []ResolvedName,
  flags: int
)

# Hosts, ports and TXT strings of a service.
method ResolveService(
  name: ?string,
  type: ?string,
  domain: string,
  ifindex: ?int,
  family: ?int,
  flags: ?int
) -> (
  services: []ResolvedService,
  txt: ?[]string,
  canonical: ResolvedCanonical,
  flags: int
)

# Records of a type, also as base64 of their octets.
method ResolveRecord(
  ifindex: ?int,
  name: string,
  class: ?int,
  type: int,
  flags: ?int
) -> (
  rrs: []ResolvedRecord,
  flags: int
)

# Instances of a service type as they come and go. Needs "more".
method BrowseServices(
  domain: ?string,
  type: ?string,
  ifindex: ?int,
  flags: ?int
) -> (browserServiceData: []BrowserServiceData)

error NoNameServers ()
error NoSuchResourceRecord ()
error QueryTimedOut ()
error MaxAttemptsReached ()
error InvalidReply ()
error QueryAborted ()
error NetworkDown ()
error NoSource ()
error DNSError (rcode: int, queryString: string)
error CNAMELoop ()
error BadAddressSize ()
error ResourceRecordTypeInvalidForQuery ()
error ZoneTransfersNotPermitted ()
error ResourceRecordTypeObsolete ()
error InconsistentServiceRecords ()
error ServiceNotProvided ()
`;

export function resolveInterface(context: ResolveContext): VarlinkInterface {
  return {
    name: "io.systemd.Resolve",
    description: DESCRIPTION,
    methods: {
      ResolveHostname: { kind: "once", call: (call) => resolveHostname(context, call) },
      ResolveAddress: { kind: "once", call: (call) => resolveAddress(context, call) },
      ResolveService: { kind: "once", call: (call) => resolveService(context, call) },
      ResolveRecord: { kind: "once", call: (call) => resolveRecord(context, call) },
      BrowseServices: { kind: "stream", call: (call) => browseServices(context, call) },
    },
  };
}
