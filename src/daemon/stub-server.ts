/**
 * The DNS stub in the daemon: it follows the configuration and the links, and what it cannot do is
 * told in one line with the remedy.
 */

import type { StubConfiguration } from "../config/configuration.ts";
import { DNS_PORT } from "../config/network-values.ts";
import type { Endpoint } from "../core/datagram.ts";
import { familyOf, type IpAddress, isLoopback } from "../core/ip-address.ts";
import type { InheritedSocket } from "../net/listen-fds.ts";
import { findHolders, findPortHolders, type Holder } from "../net/port-holders.ts";
import type { StubStatus } from "../runtime/daemon-status.ts";
import { isUnspecified } from "../servers/stub/listen-places.ts";
import type { QuestionAnswerer } from "../servers/stub/question-answerer.ts";
import { StubListener } from "../servers/stub/stub-listener.ts";
import type { StubPlace, StubPlaceFailure, StubTransport } from "../servers/stub/stub-place.ts";
import type { Logger } from "./log.ts";
import { holderNames } from "./status.ts";

export interface StubServerOptions {
  readonly answerer: QuestionAnswerer;
  readonly log: Logger;
  /** What systemd opened for it. */
  readonly inherited?: readonly InheritedSocket[];
  /** It may be at other addresses now. */
  readonly onChange: () => void;
  /** Whether an endpoint is one that name servers are asked from. */
  readonly isOwnSocket?: (source: Endpoint) => boolean;
}

export class StubServer {
  readonly #log: Logger;
  readonly #listener: StubListener;
  readonly #onChange: () => void;
  /** What is wrong with a place, in sentences. */
  readonly #problems = new Map<StubPlace, readonly string[]>();
  #policyProblems: readonly string[] = [];
  #loopWarning: string | undefined;

  constructor({ answerer, log, onChange, isOwnSocket, inherited }: StubServerOptions) {
    this.#log = log;
    this.#onChange = onChange;
    this.#listener = new StubListener({
      answerer,
      inherited,
      isOwnSocket: isOwnSocket && ((source) => this.#isLoop(source, isOwnSocket)),
      onFault: (error) => log.error({ err: error }, "a fault while answering a client"),
      onChange: (place) => void this.#tell(place),
    });
  }

  /** What is not as it should be, each with its remedy. */
  get warnings(): readonly string[] {
    const places = this.#listener.places.flatMap((place) => this.#problems.get(place) ?? []);
    const loop = this.#loopWarning === undefined ? [] : [this.#loopWarning];
    return [...this.#policyProblems, ...loop, ...places];
  }

  /** Where resolv.conf may point to: an address with UDP and TCP on port 53. */
  get resolvConfAddress(): IpAddress | undefined {
    const usable = this.#listener.places.filter(
      ({ port, transports }) => port === DNS_PORT && transports.length === 2,
    );
    const place = usable.find(({ wanted }) => isLoopback(wanted.address)) ?? usable[0];
    return place?.wanted.address;
  }

  get status(): StubStatus {
    const { places, pendingCount, connectionCount, counters } = this.#listener;
    return {
      places: places.map((place) => ({
        address: addressOf(place),
        port: place.port,
        transports: place.transports,
        problems: this.#problems.get(place) ?? [],
      })),
      pending: pendingCount,
      connections: connectionCount,
      counters,
    };
  }

  /** Opens and closes what the configuration says. */
  async apply(configuration: StubConfiguration): Promise<void> {
    const { enabled, listen, allow } = configuration;
    const problems = enabled ? policyProblems(configuration) : [];
    for (const problem of problems) {
      if (!this.#policyProblems.includes(problem)) this.#log.warn(problem);
    }
    this.#policyProblems = problems;
    this.#loopWarning = undefined;
    await this.#listener.apply({ listen: enabled ? listen : [], allow });
    const places = new Set(this.#listener.places);
    for (const place of this.#problems.keys()) if (!places.has(place)) this.#problems.delete(place);
    this.#onChange();
  }

  handleLinks(): void {
    this.#listener.handleLinks();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  /** A name server that asks us what we ask it. */
  #isLoop(source: Endpoint, isOwnSocket: (source: Endpoint) => boolean): boolean {
    if (!isOwnSocket(source)) return false;
    if (this.#loopWarning !== undefined) return true;
    this.#loopWarning =
      "a name server that is asked leads back to the stub: take its address out of " +
      "resolver.upstreams";
    this.#log.warn(this.#loopWarning);
    return true;
  }

  async #tell(place: StubPlace): Promise<void> {
    const before = this.#problems.get(place) ?? [];
    const problems = await placeProblems(place);
    if (!this.#listener.places.includes(place)) return;
    this.#onChange();
    this.#problems.set(place, problems);
    for (const problem of problems) if (!before.includes(problem)) this.#log.warn(problem);
    const { transports } = place;
    if (transports.length === 0 || (problems.length > 0 && before.length > 0)) return;
    this.#log.info(
      `answering DNS queries on ${addressOf(place)} port ${place.port} ` +
        `(${transports.join(" and ").toUpperCase().replace("AND", "and")})`,
    );
  }
}

function addressOf({ wanted }: StubPlace): string {
  return wanted.scope === undefined ? wanted.address : `${wanted.address}%${wanted.scope.name}`;
}

async function placeProblems(place: StubPlace): Promise<readonly string[]> {
  const problems: string[] = [];
  if (place.port !== place.wanted.port) {
    problems.push(
      `port ${place.wanted.port} of ${addressOf(place)} is not permitted, the stub is at port ` +
        `${place.port}, which resolv.conf cannot name: start as root, or with CAP_NET_BIND_SERVICE`,
    );
  }
  if (place.failure !== undefined) problems.push(await failureSentence(place, place.failure));
  return problems;
}

/** Waits for the port's holder to be found, where it is one. */
async function failureSentence(
  place: StubPlace,
  { transport, error }: StubPlaceFailure,
): Promise<string> {
  const where = `${transport.toUpperCase()} port ${place.port} of ${addressOf(place)}`;
  const remedy = "name another address in resolver.stub.listen";
  if (error.code === "EADDRINUSE") {
    const holders = await findHoldersOf(place, transport);
    return `${holderNames(holders)} holds ${where}: the stub does not answer there; stop it, or ${remedy}`;
  }
  if (error.code === "EADDRNOTAVAIL") {
    return `this host has no address ${addressOf(place)}: the stub answers there once it has, or ${remedy}`;
  }
  return `the stub does not answer on ${where}: ${error.message}; ${remedy}`;
}

function findHoldersOf(place: StubPlace, transport: StubTransport): Promise<Holder[]> {
  const sockets = findPortHolders(transport, place.port).filter(
    ({ address }) => address === place.wanted.address || isUnspecified({ address }),
  );
  return findHolders(sockets);
}

/** Whether those that are to be answered may ask, and whether others may. */
function policyProblems({ listen, allow }: StubConfiguration): readonly string[] {
  const problems: string[] = [];
  for (const { address, port } of listen) {
    if (isLoopback(address)) continue;
    const networks = allow.filter((network) => familyOf(network.address) === familyOf(address));
    if (networks.every((network) => isLoopback(network.address))) {
      problems.push(
        `nobody may ask the stub at ${address} port ${port} but this host: ` +
          "name the networks that may in resolver.stub.allow",
      );
    } else if (networks.some(({ prefixLength }) => prefixLength === 0)) {
      problems.push(
        `everybody may ask the stub at ${address} port ${port}: ` +
          "name the networks that may in resolver.stub.allow",
      );
    }
  }
  return problems;
}
