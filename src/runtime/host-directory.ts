/** `Directory` answered by an engine in this process. */

import { DotlocalError } from "../core/errors.ts";
import { parseIpAddress } from "../core/ip-address.ts";
import { type Duration, milliseconds } from "../core/time.ts";
import type { HostEvent } from "../host/types.ts";
import { Name } from "../wire/name.ts";
import { parseType } from "../wire/type-names.ts";
import type {
  AddressQuery,
  AddressResult,
  AskedProtocol,
  Directory,
  NameQuery,
  NameResult,
  RecordQuery,
  RecordResult,
} from "./directory.ts";
import type { EngineOnSockets } from "./engine-on-sockets.ts";
import { linksMatching } from "./link-choice.ts";
import { Lookups } from "./lookups.ts";
import { addressResult, type LinkNames, nameResult, recordResult } from "./plain-results.ts";

export class HostDirectory implements Directory {
  readonly #sockets: EngineOnSockets;
  readonly #lookups: Lookups;
  readonly #linkNames: LinkNames;

  constructor(sockets: EngineOnSockets) {
    this.#sockets = sockets;
    this.#lookups = new Lookups(sockets.driver);
    this.#linkNames = (id) => sockets.links.find((link) => link.id === id)?.name;
  }

  /** Every event of the engine passes here; those that are nobody's look-up are left alone. */
  handleEvent(event: HostEvent): void {
    if (event.kind === "lookup-done") this.#lookups.handleDone(event.lookup, event.outcome);
  }

  async lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult> {
    const spec = {
      name: Name.parse(query.name),
      family: query.family ?? "any",
      links: linksMatching(query.interfaces),
      ...limitsOf(query),
    };
    const outcome = await this.#lookups.run((engine, now) => engine.lookup(spec, now), signal);
    return addressResult(outcome, query.name, this.#linkNames);
  }

  async lookupNames(query: NameQuery, signal?: AbortSignal): Promise<NameResult> {
    const address = parseIpAddress(query.address);
    if (address === undefined) {
      throw new DotlocalError("INVALID_NAME", `"${query.address}" is not an IP address`);
    }
    const scope = /%(.+)$/.exec(query.address)?.[1];
    const links = linksMatching(scope === undefined ? query.interfaces : [scope]);
    const spec = { address, links, ...limitsOf(query) };
    const outcome = await this.#lookups.run((engine, now) => engine.lookupNames(spec, now), signal);
    return nameResult(outcome, query.address, this.#linkNames);
  }

  async lookupRecords(query: RecordQuery, signal?: AbortSignal): Promise<RecordResult> {
    const type = parseType(query.type);
    if (type === undefined) {
      throw new DotlocalError("INVALID_ARGUMENT", `"${query.type}" is not a record type`);
    }
    const spec = {
      name: Name.parse(query.name),
      type,
      links: linksMatching(query.interfaces),
      ...limitsOf(query),
    };
    const outcome = await this.#lookups.run(
      (engine, now) => engine.lookupRecords(spec, now),
      signal,
    );
    return recordResult(outcome, query.name, this.#linkNames);
  }

  async close(): Promise<void> {
    this.#lookups.close();
    await this.#sockets.close();
  }
}

function limitsOf({ timeout, protocol }: Pick<AddressQuery, "timeout" | "protocol">): {
  timeout?: Duration;
  protocol?: AskedProtocol;
} {
  return {
    ...(timeout === undefined ? {} : { timeout: milliseconds(timeout) }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}
