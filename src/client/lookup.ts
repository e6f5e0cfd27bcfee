/**
 * `lookup`, a drop-in for `dns.lookup`: names of the link are found on the link, every other as
 * before by the operating system.
 *
 * What /etc/hosts says of a name goes before the link, and a name of one label is left to the system
 * first, which knows search domains and hosts of its own.
 */

import {
  ALL,
  type LookupAddress,
  type LookupAllOptions,
  type LookupOneOptions,
  type LookupOptions,
  lookup as systemLookup,
  V4MAPPED,
} from "node:dns";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { placeOfName } from "../runtime/name-place.ts";
import { HostsFile } from "./hosts-file.ts";
import { lazyDirectory, type NameDirectory } from "./lazy-directory.ts";
import { availableFamilies, foundAddresses, inOrder, mapped } from "./lookup-addresses.ts";
import { lookupError, notFoundError } from "./lookup-error.ts";
import { type LookupCall, type LookupCallback, lookupCall } from "./lookup-options.ts";

type Failure = NodeJS.ErrnoException | null;

/** The call forms of `dns.lookup`. */
export interface Lookup {
  (
    hostname: string,
    family: number,
    callback: (error: Failure, address: string, family: number) => void,
  ): void;
  (
    hostname: string,
    options: LookupOneOptions,
    callback: (error: Failure, address: string, family: number) => void,
  ): void;
  (
    hostname: string,
    options: LookupAllOptions,
    callback: (error: Failure, addresses: LookupAddress[]) => void,
  ): void;
  (
    hostname: string,
    options: LookupOptions,
    callback: (error: Failure, address: string | LookupAddress[], family: number) => void,
  ): void;
  (hostname: string, callback: (error: Failure, address: string, family: number) => void): void;
}

/** What a look-up answers from. */
export interface LookupSources {
  readonly directory: Pick<NameDirectory, "lookupAddresses">;
  readonly hosts: Pick<HostsFile, "addressesOf">;
  readonly system: (
    hostname: string,
    options: LookupAllOptions,
    callback: (error: Failure, addresses: LookupAddress[]) => void,
  ) => void;
}

/** Codes of the system's for a name that it does not find, or cannot ask for. */
const NOT_FOUND_CODES: readonly (string | undefined)[] = ["ENOTFOUND", "EAI_AGAIN"];

export function createLookup(sources: LookupSources): Lookup {
  const lookupAny = (...args: readonly unknown[]): object => {
    const { call, callback } = lookupCall(args);
    if (call.hostname === "") {
      process.nextTick(answerNothing, call, callback);
    } else if (isIP(call.hostname) !== 0) {
      process.nextTick(answer, [addressOf(call.hostname)], call, callback);
    } else {
      lookupOne(sources, call).then(
        (addresses) => process.nextTick(answer, addresses, call, callback),
        (error) => process.nextTick(callback, lookupError(error, call.hostname)),
      );
    }
    return {};
  };
  return withPromise(lookupAny as Lookup);
}

/** Like `dns.lookup`; names below `.local` and the like are looked for on the link. */
export const lookup: Lookup = createLookup({
  directory: {
    lookupAddresses: (query, signal) => lazyDirectory().lookupAddresses(query, signal),
  },
  hosts: new HostsFile(),
  system: systemLookup,
});

async function lookupOne(sources: LookupSources, call: LookupCall): Promise<LookupAddress[]> {
  const place = placeOfName(call.hostname);
  if (place === "elsewhere") return lookupThere(sources, call);
  if (place === "either") {
    try {
      return await lookupThere(sources, call);
    } catch (error) {
      if (!NOT_FOUND_CODES.includes((error as NodeJS.ErrnoException).code)) throw error;
    }
  }
  const kept = sources.hosts
    .addressesOf(call.hostname)
    .map(addressOf)
    .filter(({ family }) => call.family === 0 || family === call.family);
  const found = kept.length > 0 ? kept : await lookupOnLink(sources, call);
  return suited(found, call);
}

function lookupThere({ system }: LookupSources, call: LookupCall): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const options = { ...call.options, all: true } as const;
    system(call.hostname, options, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

async function lookupOnLink(
  { directory }: LookupSources,
  { hostname, family, hints }: LookupCall,
): Promise<LookupAddress[]> {
  const isMapped = family === 6 && (hints & V4MAPPED) !== 0;
  const wanted = family === 0 || isMapped ? "any" : family === 4 ? "ipv4" : "ipv6";
  const result = await directory.lookupAddresses({ name: hostname, family: wanted });
  if (result.outcome === "not-found") throw notFoundError(result, hostname);
  return foundAddresses(result.addresses);
}

/** The addresses that the call's family, hints and order leave. @throws ENOTFOUND when none is. */
function suited(found: readonly LookupAddress[], call: LookupCall): LookupAddress[] {
  const { hostname, family, hints } = call;
  const available = found.filter((address) => availableFamilies(hints).has(address.family));
  let chosen = available.filter((address) => family === 0 || address.family === family);
  const isMapped = family === 6 && (hints & V4MAPPED) !== 0;
  if (isMapped && (chosen.length === 0 || (hints & ALL) !== 0)) {
    chosen = [...chosen, ...available.filter((address) => address.family === 4).map(mapped)];
  }
  if (chosen.length === 0) throw lookupError(undefined, hostname);
  return inOrder(chosen, call.order);
}

function addressOf(address: string): LookupAddress {
  return { address, family: isIP(address) };
}

function answer(addresses: LookupAddress[], { all }: LookupCall, callback: LookupCallback): void {
  if (all) callback(null, addresses);
  else callback(null, addresses[0]!.address, addresses[0]!.family);
}

/** As Node answers for no host name at all. */
function answerNothing({ all, family }: LookupCall, callback: LookupCallback): void {
  if (all) callback(null, []);
  else callback(null, null, family === 6 ? 6 : 4);
}

/** `util.promisify` gives what `dns.promises.lookup` gives. */
function withPromise(callbackLookup: Lookup): Lookup {
  const promised = (hostname: string, options: LookupOptions | number = {}) =>
    new Promise((resolve, reject) => {
      const given = typeof options === "number" ? { family: options } : options;
      callbackLookup(hostname, given, (error, address, family) => {
        if (error !== null) reject(error);
        else resolve(given.all === true ? address : { address, family });
      });
    });
  return Object.defineProperty(callbackLookup, promisify.custom, { value: promised });
}
