/** `Directory` answered by an engine in this process. */

import { DotlocalError } from "../core/errors.ts";
import { parseIpAddress } from "../core/ip-address.ts";
import { type Duration, milliseconds } from "../core/time.ts";
import { splitInstanceName } from "../dnssd/service-type.ts";
import type { DnssdEvent, InstanceLookupId, InstanceOutcome } from "../dnssd/types.ts";
import type { HostEvent, LookupId, LookupOutcome, NameExtent } from "../host/types.ts";
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
import { HostBrowsing } from "./host-browsing.ts";
import { HostPublishing } from "./host-publishing.ts";
import { HostQuestions } from "./host-questions.ts";
import { linksMatching } from "./link-choice.ts";
import { PendingAnswers } from "./pending-answers.ts";
import { addressResult, type LinkNames, nameResult, recordResult } from "./plain-results.ts";
import { instanceResult } from "./plain-services.ts";
import type {
  BrowseEvent,
  BrowseQuery,
  InstanceQuery,
  InstanceResult,
  Publication,
  PublishedGroup,
  PublishedHost,
} from "./services.ts";

export class HostDirectory implements Directory {
  /** What a DNS stub asks. */
  readonly questions: HostQuestions;
  readonly #sockets: EngineOnSockets;
  readonly #lookups: PendingAnswers<LookupId, LookupOutcome>;
  readonly #instances: PendingAnswers<InstanceLookupId, InstanceOutcome>;
  readonly #browsing: HostBrowsing;
  readonly #publishing: HostPublishing;
  readonly #linkNames: LinkNames;
  readonly #onClose: () => void;

  /** `onClose`: closes what belongs to it besides. */
  constructor(sockets: EngineOnSockets, onClose: () => void = () => {}) {
    this.#sockets = sockets;
    this.#onClose = onClose;
    this.#linkNames = (id) => sockets.links.find((link) => link.id === id)?.name;
    const { driver } = sockets;
    this.questions = new HostQuestions(driver);
    this.#lookups = new PendingAnswers(driver, (engine, id, now) => engine.cancelLookup(id, now));
    this.#instances = new PendingAnswers(driver, (engine, id, now) =>
      engine.cancelInstanceLookup(id, now),
    );
    this.#browsing = new HostBrowsing(sockets.driver, this.#linkNames);
    this.#publishing = new HostPublishing(sockets.driver, this.#linkNames);
  }

  /** Every event of the engine passes here; those that are nobody's look-up are left alone. */
  handleEvent(event: HostEvent): void {
    if (event.kind === "lookup-done") this.#lookups.handleDone(event.lookup, event.outcome);
    else if (event.kind === "question-answered") {
      this.questions.handleDone(event.question, event.reply);
    } else if (event.kind === "service") this.#handleServiceEvent(event.event);
    else this.#publishing.handleHostEvent(event);
  }

  async lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult> {
    const spec = {
      name: Name.parse(query.name),
      family: query.family ?? "any",
      links: linksMatching(query.interfaces),
      extent: extentOf(query),
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
      extent: extentOf(query),
      ...limitsOf(query),
    };
    const outcome = await this.#lookups.run(
      (engine, now) => engine.lookupRecords(spec, now),
      signal,
    );
    return recordResult(outcome, query.name, this.#linkNames);
  }

  browse(query: BrowseQuery, signal?: AbortSignal): AsyncIterable<BrowseEvent> {
    return this.#browsing.browse(query, signal);
  }

  async resolveInstance(query: InstanceQuery, signal?: AbortSignal): Promise<InstanceResult> {
    const name = Name.parse(query.name);
    if (splitInstanceName(name) === undefined) {
      throw new DotlocalError("INVALID_NAME", `${name} is not the name of a service instance`);
    }
    const { lookupTimeout } = this.#sockets.driver.engine.settings;
    const timeout = query.timeout === undefined ? lookupTimeout : milliseconds(query.timeout);
    const spec = { name, links: linksMatching(query.interfaces), timeout };
    const outcome = await this.#instances.run(
      (engine, now) => engine.lookupInstance(spec, now),
      signal,
    );
    return instanceResult(outcome, name, this.#linkNames);
  }

  async publish(group: PublishedGroup, signal?: AbortSignal): Promise<Publication> {
    return this.#publishing.publish(group, signal);
  }

  async publishHost(host: PublishedHost, signal?: AbortSignal): Promise<Publication> {
    return this.#publishing.publishHost(host, signal);
  }

  async close(): Promise<void> {
    this.#lookups.close();
    this.questions.close();
    this.#instances.close();
    this.#browsing.close();
    this.#publishing.close();
    this.#onClose();
    await this.#sockets.close();
  }

  #handleServiceEvent(event: DnssdEvent): void {
    if (event.kind === "instance-lookup-done") {
      this.#instances.handleDone(event.lookup, event.outcome);
    } else {
      this.#browsing.handleEvent(event);
      this.#publishing.handleServiceEvent(event);
    }
  }
}

/** A name with a dot at its end stands for itself alone. */
function extentOf({ name, search }: Pick<AddressQuery, "name" | "search">): NameExtent {
  const isSearched = search ?? !/(?:^|[^\\])(?:\\\\)*\.$/.test(name);
  return isSearched ? "searched" : "absolute";
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
