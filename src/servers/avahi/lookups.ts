/** Avahi's look-ups by what this host knows: each gives the one line that answers it. */

import { DotlocalError } from "../../core/errors.ts";
import type { Family, IpAddress } from "../../core/ip-address.ts";
import type { Directory, FailureReason } from "../../runtime/directory.ts";
import { AvahiError } from "./constants.ts";
import { addressLine, errorLine, hostLine, type InterfaceIndex, transportOf } from "./reply.ts";

/** Who asks whom: simple clients ask for what is on the link, whatever the name. */
const ON_LINK = { protocol: "mdns" } as const;

const ERROR_OF_REASON = {
  "no-such-name": AvahiError.TIMEOUT,
  "timed-out": AvahiError.TIMEOUT,
  "no-data": AvahiError.NOT_FOUND,
  refused: AvahiError.NOT_FOUND,
  failed: AvahiError.TIMEOUT,
  unavailable: AvahiError.NO_NETWORK,
} satisfies Record<FailureReason, unknown>;

/** The first address, which is the best one to try from here. */
export async function hostNameReply(
  directory: Directory,
  indexOf: InterfaceIndex,
  { name, family }: { readonly name: string; readonly family: "any" | Family },
  signal: AbortSignal,
): Promise<string> {
  const result = await directory.lookupAddresses({ name, family, ...ON_LINK }, signal);
  if (result.outcome === "not-found") return errorLine(ERROR_OF_REASON[result.reason]);
  const found = result.addresses[0]!;
  const index = found.interface === null ? 0 : indexOf(found.interface);
  const transport = transportOf(found, found.address);
  return hostLine(index, transport, result.canonicalName, found.address);
}

export async function addressReply(
  directory: Directory,
  indexOf: InterfaceIndex,
  address: IpAddress,
  signal: AbortSignal,
): Promise<string> {
  const result = await directory.lookupNames({ address, ...ON_LINK }, signal);
  if (result.outcome === "not-found") return errorLine(ERROR_OF_REASON[result.reason]);
  const found = result.names[0]!;
  const index = found.interface === null ? 0 : indexOf(found.interface);
  return addressLine(index, transportOf(found, address), found.name);
}

/** The answer to a question that the engine refuses; undefined: a fault of ours. */
export function refusalReply(error: unknown): string | undefined {
  if (!(error instanceof DotlocalError)) return undefined;
  switch (error.code) {
    case "INVALID_NAME":
      return errorLine(AvahiError.INVALID_HOST_NAME);
    case "LIMIT_REACHED":
      return errorLine(AvahiError.TOO_MANY_OBJECTS);
    default:
      return errorLine(AvahiError.FAILURE);
  }
}
