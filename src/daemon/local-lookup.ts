/**
 * Names of hosts for the checks of this process, in the signature of `dns.lookup`: those below
 * `.local` by the daemon itself, whatever the system's own look-ups know of them.
 */

import { type LookupAddress, lookup } from "node:dns";
import { isIPv6, type LookupFunction } from "node:net";
import type { AddressResult, Directory, FoundAddress } from "../runtime/directory.ts";

type Callback = Parameters<LookupFunction>[2];

export function localLookup(directory: Pick<Directory, "lookupAddresses">): LookupFunction {
  return (name, options, callback) => {
    if (!/\.local\.?$/i.test(name)) {
      lookup(name, options, callback);
      return;
    }
    directory.lookupAddresses({ name }).then(
      (result) => finish(name, result, options.all === true, callback),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function finish(name: string, result: AddressResult, all: boolean, callback: Callback): void {
  if (result.outcome !== "found") {
    const error: NodeJS.ErrnoException = new Error(`${name}: ${result.message}`);
    error.code = "ENOTFOUND";
    callback(error, []);
    return;
  }
  const addresses = result.addresses.map(toLookupAddress);
  const [first] = addresses;
  if (all) callback(null, addresses);
  else callback(null, first!.address, first!.family);
}

/** A link-local address means something only together with its interface. */
function toLookupAddress({ address, interface: link }: FoundAddress): LookupAddress {
  const isScoped = link !== null && /^fe[89ab]/i.test(address);
  return {
    address: isScoped ? `${address}%${link}` : address,
    family: isIPv6(address) ? 6 : 4,
  };
}
