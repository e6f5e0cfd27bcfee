/**
 * `Resolver`, with the methods and errors of `dns.promises.Resolver`: names of the link are asked for
 * on the link, every other at the name servers by Node's own.
 */

import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import { DotlocalError } from "../core/errors.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { FoundRecord, NotFound } from "../runtime/directory.ts";
import { placeOfName } from "../runtime/name-place.ts";
import { reverseName } from "../wire/reverse.ts";
import { lazyDirectory, type NameDirectory } from "./lazy-directory.ts";
import { type LinkedSignal, linkedSignal } from "./linked-signal.ts";
import { scopedAddress } from "./lookup-addresses.ts";
import type { DirectoryOptions } from "./open-directory.ts";
import {
  type AnyRecord,
  anyRecord,
  type CaaRecord,
  caaRecord,
  type MxRecord,
  mxRecord,
  type NaptrRecord,
  nameOf,
  naptrRecord,
  type SoaRecord,
  type SrvRecord,
  soaRecord,
  srvRecord,
  txtStrings,
} from "./record-values.ts";
import {
  abortedError,
  cancelledError,
  failedError,
  notFoundError,
  type Syscall,
  syscallOf,
} from "./resolver-error.ts";

export interface ResolverOptions extends DirectoryOptions {
  /** Milliseconds; default as configured (3 seconds for a name that nobody has). */
  readonly timeout?: number;
  /** Globs of interface names; default: every link. */
  readonly interfaces?: readonly string[];
  /** Answers for names of the link; default: the running daemon, else an engine in this process. */
  readonly directory?: NameDirectory;
}

export interface ResolveOptions {
  readonly signal?: AbortSignal;
}

export interface AddressOptions extends ResolveOptions {
  readonly ttl?: boolean;
}

export interface AddressWithTtl {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

/** A record that is one of the type asked for, as the caller wants it. */
type Reading<Value> = (found: FoundRecord) => Value;

/** What one method does for one name. */
interface Question<Value> {
  readonly type: string;
  readonly name: string;
  readonly options: ResolveOptions;
  readonly onLink: (signal: AbortSignal) => Promise<Value>;
  readonly elsewhere: (resolver: dns.Resolver) => Promise<Value>;
}

export class Resolver {
  readonly #directory: NameDirectory;
  readonly #system = new dns.Resolver();
  readonly #limits: { readonly timeout?: number; readonly interfaces?: readonly string[] };
  readonly #underWay = new Set<LinkedSignal>();

  constructor(options: ResolverOptions = {}) {
    const { timeout, interfaces } = options;
    this.#directory = options.directory ?? lazyDirectory(options);
    this.#limits = {
      ...(timeout === undefined ? {} : { timeout }),
      ...(interfaces === undefined ? {} : { interfaces }),
    };
  }

  /** Ends every question under way: each rejects with ECANCELLED. */
  cancel(): void {
    for (const { abort } of this.#underWay) abort();
    this.#system.cancel();
  }

  /** Records of any type, as the method for the type gives them. */
  resolve(name: string, type = "A", options: ResolveOptions = {}): Promise<unknown> {
    switch (type) {
      case "A":
        return this.resolve4(name, options);
      case "AAAA":
        return this.resolve6(name, options);
      case "ANY":
        return this.resolveAny(name, options);
      case "CAA":
        return this.resolveCaa(name, options);
      case "CNAME":
        return this.resolveCname(name, options);
      case "MX":
        return this.resolveMx(name, options);
      case "NAPTR":
        return this.resolveNaptr(name, options);
      case "NS":
        return this.resolveNs(name, options);
      case "PTR":
        return this.resolvePtr(name, options);
      case "SOA":
        return this.resolveSoa(name, options);
      case "SRV":
        return this.resolveSrv(name, options);
      case "TXT":
        return this.resolveTxt(name, options);
    }
    const error = new TypeError(`The argument 'rrtype' is invalid. Received '${type}'`);
    return Promise.reject(Object.assign(error, { code: "ERR_INVALID_ARG_VALUE" }));
  }

  /** IPv4 addresses. */
  resolve4(name: string, options?: AddressOptions & { readonly ttl?: false }): Promise<string[]>;
  resolve4(
    name: string,
    options: AddressOptions & { readonly ttl: true },
  ): Promise<AddressWithTtl[]>;
  resolve4(name: string, options?: AddressOptions): Promise<string[] | AddressWithTtl[]>;
  resolve4(name: string, options: AddressOptions = {}): Promise<string[] | AddressWithTtl[]> {
    return this.#addresses(name, "ipv4", options, (resolver) =>
      resolver.resolve4(name, { ttl: true }),
    );
  }

  /** IPv6 addresses, link-local ones with `%interface`, so that they can be connected to. */
  resolve6(name: string, options?: AddressOptions & { readonly ttl?: false }): Promise<string[]>;
  resolve6(
    name: string,
    options: AddressOptions & { readonly ttl: true },
  ): Promise<AddressWithTtl[]>;
  resolve6(name: string, options?: AddressOptions): Promise<string[] | AddressWithTtl[]>;
  resolve6(name: string, options: AddressOptions = {}): Promise<string[] | AddressWithTtl[]> {
    return this.#addresses(name, "ipv6", options, (resolver) =>
      resolver.resolve6(name, { ttl: true }),
    );
  }

  resolveAny(name: string, options: ResolveOptions = {}): Promise<AnyRecord[]> {
    const onLink = async (signal: AbortSignal): Promise<AnyRecord[]> =>
      (await this.#records(name, "ANY", anyRecord, signal)).filter((one) => one !== undefined);
    return this.#ask({
      ...{ type: "ANY", name, options, onLink },
      elsewhere: (resolver) => resolver.resolveAny(name) as Promise<AnyRecord[]>,
    });
  }

  resolveCaa(name: string, options: ResolveOptions = {}): Promise<CaaRecord[]> {
    return this.#typed(name, "CAA", options, caaRecord, (resolver) =>
      resolver.resolveCaa(name).then((records) => records as unknown as CaaRecord[]),
    );
  }

  resolveCname(name: string, options: ResolveOptions = {}): Promise<string[]> {
    return this.#typed(name, "CNAME", options, nameOf, (resolver) => resolver.resolveCname(name));
  }

  resolveMx(name: string, options: ResolveOptions = {}): Promise<MxRecord[]> {
    return this.#typed(name, "MX", options, mxRecord, (resolver) => resolver.resolveMx(name));
  }

  resolveNaptr(name: string, options: ResolveOptions = {}): Promise<NaptrRecord[]> {
    return this.#typed(name, "NAPTR", options, naptrRecord, (resolver) =>
      resolver.resolveNaptr(name),
    );
  }

  resolveNs(name: string, options: ResolveOptions = {}): Promise<string[]> {
    return this.#typed(name, "NS", options, nameOf, (resolver) => resolver.resolveNs(name));
  }

  /** Of a service type, the names of its instances. */
  resolvePtr(name: string, options: ResolveOptions = {}): Promise<string[]> {
    return this.#typed(name, "PTR", options, nameOf, (resolver) => resolver.resolvePtr(name));
  }

  async resolveSoa(name: string, options: ResolveOptions = {}): Promise<SoaRecord> {
    const records = await this.#typed(name, "SOA", options, soaRecord, async (resolver) => [
      await resolver.resolveSoa(name),
    ]);
    return records[0]!;
  }

  /** Of a service instance, its host and port. */
  resolveSrv(name: string, options: ResolveOptions = {}): Promise<SrvRecord[]> {
    return this.#typed(name, "SRV", options, srvRecord, (resolver) => resolver.resolveSrv(name));
  }

  /** Each record as its strings, which are read as UTF-8. */
  resolveTxt(name: string, options: ResolveOptions = {}): Promise<string[][]> {
    return this.#typed(name, "TXT", options, txtStrings, (resolver) => resolver.resolveTxt(name));
  }

  /** The names of an address; of one that is not link-local, those of name servers and hosts first. */
  async reverse(address: string, options: ResolveOptions = {}): Promise<string[]> {
    const bare = address.replace(/%.*$/, "");
    if (isIP(bare) === 0) return this.#system.reverse(address);
    const name = reverseName(bare as IpAddress).toString();
    const onLink = async (signal: AbortSignal): Promise<string[]> => {
      const result = await this.#directory.lookupNames({ address, ...this.#limits }, signal);
      if (result.outcome === "not-found") throw new Unfound(result);
      return result.names.map((found) => found.name);
    };
    if (placeOfName(name) === "elsewhere") {
      const found = await this.#system.reverse(bare).catch(() => []);
      if (found.length > 0) return found;
    }
    return this.#askLink({ type: "reverse", name: address, options, onLink });
  }

  #addresses(
    name: string,
    family: "ipv4" | "ipv6",
    options: AddressOptions,
    elsewhere: (resolver: dns.Resolver) => Promise<AddressWithTtl[]>,
  ): Promise<string[] | AddressWithTtl[]> {
    const onLink = async (signal: AbortSignal): Promise<AddressWithTtl[]> => {
      const query = { name, family, ...this.#limits };
      const result = await this.#directory.lookupAddresses(query, signal);
      if (result.outcome === "not-found") throw new Unfound(result);
      return result.addresses.map((found) => ({ address: scopedAddress(found), ttl: found.ttl }));
    };
    const type = family === "ipv4" ? "A" : "AAAA";
    const found = this.#ask({ type, name, options, onLink, elsewhere });
    if (options.ttl === true) return found;
    return found.then((addresses) => addresses.map(({ address }) => address));
  }

  #typed<Value>(
    name: string,
    type: string,
    options: ResolveOptions,
    reading: Reading<Value | undefined>,
    elsewhere: (resolver: dns.Resolver) => Promise<Value[]>,
  ): Promise<Value[]> {
    const onLink = async (signal: AbortSignal): Promise<Value[]> => {
      const read = await this.#records(name, type, reading, signal);
      return read.filter((value) => value !== undefined);
    };
    return this.#ask({ type, name, options, onLink, elsewhere });
  }

  /** Records of the type alone: the CNAME records that led to them are left out. */
  async #records<Value>(
    name: string,
    type: string,
    reading: Reading<Value>,
    signal: AbortSignal,
  ): Promise<Value[]> {
    const result = await this.#directory.lookupRecords({ name, type, ...this.#limits }, signal);
    if (result.outcome === "not-found") throw new Unfound(result);
    return result.records
      .filter((found) => type === "ANY" || found.type === type)
      .map((found) => reading(found));
  }

  #ask<Value>(question: Question<Value>): Promise<Value> {
    if (placeOfName(question.name) !== "elsewhere") return this.#askLink(question);
    return this.#askSystem(question);
  }

  async #askLink<Value>(question: Omit<Question<Value>, "elsewhere">): Promise<Value> {
    const { type, name, options, onLink } = question;
    const syscall = syscallOf(type);
    if (options.signal?.aborted) throw abortedError(options.signal);
    const linked = linkedSignal(options.signal);
    this.#underWay.add(linked);
    try {
      return await onLink(linked.signal);
    } catch (error) {
      throw this.#errorOf(error, syscall, name, options.signal, linked.signal);
    } finally {
      this.#underWay.delete(linked);
      // Nothing is under way any more: this lets go of the caller's signal.
      linked.abort();
    }
  }

  /** Node's resolver knows no signals: an aborted question is left to its end. */
  async #askSystem<Value>({ elsewhere, options: { signal } }: Question<Value>): Promise<Value> {
    if (signal === undefined) return elsewhere(this.#system);
    if (signal.aborted) throw abortedError(signal);
    const answer = elsewhere(this.#system);
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(abortedError(signal));
      signal.addEventListener("abort", abort, { once: true });
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
  }

  #errorOf(
    error: unknown,
    syscall: Syscall,
    name: string,
    asked: AbortSignal | undefined,
    linked: AbortSignal,
  ): Error {
    if (error instanceof Unfound) return notFoundError(error.result, syscall, name);
    if (asked?.aborted) return abortedError(asked);
    if (linked.aborted) return cancelledError(syscall, name);
    return error instanceof DotlocalError ? failedError(error, syscall, name) : (error as Error);
  }
}

/** Carries a result that is none to where it becomes an error. */
class Unfound extends Error {
  readonly result: NotFound;

  constructor(result: NotFound) {
    super(result.message);
    this.result = result;
  }
}
