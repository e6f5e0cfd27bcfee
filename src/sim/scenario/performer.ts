/** Does the actions of a scenario, to hosts and to links. */

import { type Family, familyOf, type IpAddress } from "../../core/ip-address.ts";
import { HOST_TTL } from "../../mdns/constants.ts";
import { composeMessage } from "../../wire/compose.ts";
import { Flag, RecordClass, RecordType } from "../../wire/constants.ts";
import { MDNS_PORT } from "../constants.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { Packet } from "../packet.ts";
import { encodeAgain, type Reflector } from "../reflector.ts";
import type { Interface } from "../simulated-host.ts";
import type { SimulatedLink } from "../simulated-link.ts";
import type { Actor } from "./actor.ts";
import { DnssdActor } from "./dnssd-actor.ts";
import { LlmnrActor } from "./llmnr-actor.ts";
import { Script } from "./script.ts";
import type { Action } from "./syntax.ts";

/** Whatever speaks a protocol. */
export type AnyActor = Actor | LlmnrActor | DnssdActor;

type ActionOf<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

export class Performer {
  readonly #network: SimulatedNetwork;
  readonly #actors: ReadonlyMap<string, AnyActor>;
  readonly #reflectors: Reflector[] = [];
  /** Of scripted hosts that do more than to send packets. */
  readonly #scripts = new Map<string, Script>();

  constructor(network: SimulatedNetwork, actors: ReadonlyMap<string, AnyActor>) {
    this.#network = network;
    this.#actors = actors;
  }

  /** Called once the actors are there: scripted hosts listen from the beginning. */
  prepare(): void {
    for (const [name, { declaration, host }] of this.#actors) {
      if (declaration.kind !== "scripted") continue;
      this.#scripts.set(name, new Script(this.#network, name, host));
    }
  }

  /** Throws an `Error` when the scenario asks for what cannot be done. */
  perform(action: Action, label: string): void {
    switch (action.kind) {
      case "register":
        this.#actor(action.host).register(label, action);
        break;
      case "update":
        this.#actor(action.host).update(action);
        break;
      case "withdraw":
        this.#actor(action.host).withdraw(action.id);
        break;
      case "query":
        this.#actor(action.host).query(label, action);
        break;
      case "stop":
        this.#actor(action.host).stop(action.id);
        break;
      case "reconfirm":
        this.#actor(action.host).reconfirm(action.record);
        break;
      case "flush":
        this.#actor(action.host).flush(action.link);
        break;
      case "shutdown":
      case "crash":
      case "start":
        this.#actor(action.host)[action.kind]();
        break;
      case "send":
        this.#send(action);
        break;
      case "contest":
        this.#contest(action.host);
        break;
      case "publish":
      case "republish":
      case "browse":
      case "watch":
      case "look-up":
        this.#dealInServices(action, label);
        break;
      case "resolve":
      case "sentinel":
      case "distrust":
        this.#askByLlmnr(action);
        break;
      case "accept":
        this.#script(action.host).accept();
        break;
      case "connect":
        this.#script(action.host).connect(action.to, undefined);
        break;
      case "reply":
        this.#script(action.host).reply(action);
        break;
      default:
        this.#disturb(action);
        break;
    }
  }

  #dealInServices(
    action: ActionOf<"publish" | "republish" | "browse" | "watch" | "look-up">,
    label: string,
  ): void {
    const actor = this.#actor(action.host);
    if (!(actor instanceof DnssdActor)) throw new Error(`${action.host} does not speak DNS-SD`);
    switch (action.kind) {
      case "publish":
        actor.publish(label, action);
        break;
      case "republish":
        actor.republish(action);
        break;
      case "browse":
        actor.browse(label, action);
        break;
      case "watch":
        actor.watch(label, action.name);
        break;
      case "look-up":
        actor.lookUp(label, action.name);
        break;
    }
  }

  #askByLlmnr(action: ActionOf<"resolve" | "sentinel" | "distrust">): void {
    const actor = this.#actor(action.host);
    if (!(actor instanceof LlmnrActor)) throw new Error(`${action.host} does not speak LLMNR`);
    switch (action.kind) {
      case "resolve":
        actor.resolve(action);
        break;
      case "sentinel":
        actor.sentinel(action);
        break;
      case "distrust":
        actor.distrust(action.address);
        break;
    }
  }

  /** What happens to a host or a link from outside. */
  #disturb(action: Action): void {
    switch (action.kind) {
      case "sleep":
        this.#network.sleep(this.#actor(action.host).host);
        break;
      case "wake":
        this.#network.wake(this.#actor(action.host).host);
        break;
      case "carrier":
        this.#changeCarrier(action);
        break;
      case "address":
        this.#changeAddress(action);
        break;
      case "move":
        this.#move(action);
        break;
      case "conditions":
        this.#link(action.link).change(action.conditions);
        break;
      case "reflect":
        this.#reflect(action);
        break;
      case "stop-reflecting":
        this.#stopReflecting(action.link);
        break;
      default:
        this.#divide(action);
        break;
    }
  }

  #divide(action: Action): void {
    switch (action.kind) {
      case "split": {
        const link = this.#link(action.link);
        const parts = action.parts.map((part) =>
          part.map((host) => this.#interface(host, action.link)),
        );
        link.split(parts);
        break;
      }
      case "merge":
        this.#link(action.link).merge();
        break;
      case "block":
      case "unblock": {
        const from = this.#interface(action.from, action.link);
        const to = this.#interface(action.to, action.link);
        this.#link(action.link)[action.kind](from, to);
        break;
      }
    }
  }

  #send(action: ActionOf<"send">): void {
    const from = this.#interface(action.host, action.link);
    const { destination } = action;
    if (action.transport === "tcp") {
      if (destination === "group") throw new Error("a connection is made to an address");
      const script = this.#script(action.host);
      script.sendTcp(destination.address, action.sourceAddress, action.octets);
      return;
    }
    const family =
      action.family ?? (destination === "group" ? undefined : familyOf(destination.address));
    const address = action.sourceAddress ?? sourceOf(from, family);
    this.#network.transmit(
      {
        sender: action.host,
        channel: action.protocol,
        source: { address, port: action.sourcePort },
        destination,
        octets: action.octets,
      },
      from,
    );
  }

  /** From now on the host says of every name that is probed for that it has it. */
  #contest(host: string): void {
    const { interfaces } = this.#actor(host).host;
    this.#network.observe({
      packetReceived: (packet, receiver) => {
        if (!interfaces.includes(receiver)) return;
        for (const octets of contestingResponses(packet)) {
          const source = { address: sourceOf(receiver, packet.family), port: MDNS_PORT };
          const destination = packet.source;
          const transmission = {
            sender: host,
            channel: "mdns",
            source,
            destination,
            octets,
          } as const;
          this.#network.transmit(transmission, receiver);
        }
      },
    });
  }

  #changeCarrier({ host, link, change }: ActionOf<"carrier">): void {
    const changed = this.#interface(host, link);
    if (change === "flap") this.#network.flapCarrier(changed);
    else this.#network.setCarrier(changed, change);
    this.#registerAgain(host);
  }

  #changeAddress({ host, link, change, address }: ActionOf<"address">): void {
    const changed = this.#interface(host, link);
    const others = changed.addresses.filter((own) => own.address !== address.address);
    this.#network.setAddresses(changed, change === "add" ? [...others, address] : others);
    this.#registerAgain(host);
  }

  /** The host takes its addresses with it. */
  #move({ host, from, to }: ActionOf<"move">): void {
    const left = this.#interface(host, from);
    this.#network.detach(left);
    this.#network.attach(this.#actor(host).host, this.#link(to), left.addresses);
    this.#registerAgain(host);
  }

  #registerAgain(host: string): void {
    const { host: changed } = this.#actor(host);
    for (const actor of this.#actors.values()) {
      if (actor.host === changed) actor.registerOnNewLinks();
    }
  }

  #reflect(action: ActionOf<"reflect">): void {
    const { source } = action;
    const reflector: Reflector = {
      name: "reflector",
      from: this.#link(action.from),
      to: this.#link(action.to),
      delayMin: action.delayMin,
      delayMax: action.delayMax,
      probability: 1,
      source: source === undefined ? "original" : { ipv4: source, ipv6: source },
      encode: action.isEncodedAgain ? encodeAgain : undefined,
    };
    this.#reflectors.push(reflector);
    this.#network.addReflector(reflector);
  }

  #stopReflecting(link: string): void {
    for (const reflector of this.#reflectors) {
      if (reflector.from.name === link) this.#network.removeReflector(reflector);
    }
  }

  #actor(name: string): AnyActor {
    const actor = this.#actors.get(name);
    if (actor === undefined) throw new Error(`there is no host "${name}"`);
    return actor;
  }

  #script(name: string): Script {
    const script = this.#scripts.get(name);
    if (script === undefined) throw new Error(`${name} is no scripted host`);
    return script;
  }

  #link(name: string): SimulatedLink {
    const link = this.#network.links.find((candidate) => candidate.name === name);
    if (link === undefined) throw new Error(`there is no link "${name}"`);
    return link;
  }

  #interface(host: string, link: string | undefined): Interface {
    const { interfaces } = this.#actor(host).host;
    const found = interfaces.find((own) => link === undefined || own.link.name === link);
    if (found === undefined) throw new Error(`${host} is not on ${link ?? "any link"}`);
    return found;
  }
}

/** A response for each question of a probe, with data that nobody else publishes. */
function contestingResponses({ message }: Packet): Uint8Array[] {
  if (message === undefined || message.authorities.length === 0) return [];
  return message.questions.map(({ name }) =>
    composeMessage(
      {
        id: 0,
        flags: Flag.QR | Flag.AA,
        questions: [],
        answers: [{ ...CONTESTING_RECORD, name }],
        authorities: [],
        additionals: [],
      },
      "mdns",
    ),
  );
}

const CONTESTING_RECORD = {
  type: RecordType.A,
  class: RecordClass.IN,
  cacheFlush: true,
  ttl: HOST_TTL,
  data: { kind: "A", address: "192.0.2.254" as IpAddress },
} as const;

function sourceOf(from: Interface, family: Family | undefined): IpAddress {
  const address = family === undefined ? from.addresses[0]?.address : from.sourceAddress(family);
  if (address === undefined) throw new Error(`${from.host.name} has no such address`);
  return address;
}
