/**
 * What scripted hosts of a scenario do beyond sending packets: they answer the queries that they have
 * received, take TCP connections and make them.
 */

import type { Endpoint } from "../../core/datagram.ts";
import type { IpAddress } from "../../core/ip-address.ts";
import { familyOf } from "../../core/ip-address.ts";
import { composeMessage } from "../../wire/compose.ts";
import { Flag } from "../../wire/constants.ts";
import type { Message } from "../../wire/message.ts";
import type { Question } from "../../wire/record.ts";
import { EPHEMERAL_PORT_FIRST, LLMNR_PORT } from "../constants.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { Packet } from "../packet.ts";
import type { Connection, ConnectionEnd } from "../simulated-exchanges.ts";
import type { Interface, SimulatedHost } from "../simulated-host.ts";
import type { Action } from "./syntax.ts";

type Reply = Extract<Action, { kind: "reply" }>;

interface OpenConnection {
  readonly connection: Connection;
  readonly end: ConnectionEnd;
}

export class Script {
  readonly #network: SimulatedNetwork;
  readonly #name: string;
  readonly #host: SimulatedHost;
  /** The queries received from others, with the interface they came by. */
  readonly #queries: { readonly packet: Packet; readonly at: Interface }[] = [];
  readonly #connections = new Map<IpAddress, OpenConnection>();
  #connects = 0;

  constructor(network: SimulatedNetwork, name: string, host: SimulatedHost) {
    this.#network = network;
    this.#name = name;
    this.#host = host;
    network.observe({
      packetReceived: (packet, receiver) => {
        if (receiver.host === host && packet.sender !== name) this.#hear(packet, receiver);
      },
    });
  }

  /** Takes connections to its LLMNR port. */
  accept(): void {
    this.#network.exchanges.listen(this.#host, (connection) => {
      const { endpoint: peer, at: there } = connection.client;
      const at = this.#host.interfaceOn(there.link)!;
      const address = at.sourceAddress(familyOf(peer.address))!;
      const end = this.#endAt(at, { address, port: LLMNR_PORT }, peer.address);
      this.#connections.set(peer.address, { connection, end });
      return end;
    });
  }

  /** Another connection, by which what is sent to the address by TCP goes from now on. */
  connect(address: IpAddress, from: IpAddress | undefined): OpenConnection {
    const at = this.#host.interfaces[0]!;
    const own = from ?? at.sourceAddress(familyOf(address))!;
    const port = EPHEMERAL_PORT_FIRST + this.#connects++;
    const end = this.#endAt(at, { address: own, port }, address);
    const connection = this.#network.exchanges.connect(end, { address, port: LLMNR_PORT });
    const opened = { connection, end };
    this.#connections.set(address, opened);
    return opened;
  }

  sendTcp(address: IpAddress, from: IpAddress | undefined, octets: Uint8Array): void {
    const { connection, end } = this.#connections.get(address) ?? this.connect(address, from);
    this.#network.exchanges.send(connection, end, octets);
  }

  /** Answers a query as an LLMNR responder would, or as the scenario says. */
  reply(action: Reply): void {
    const query = this.#queries.findLast(({ packet }) => isAbout(packet, action.question));
    if (query === undefined) throw new Error(`${this.#name} has received no such query`);
    const { packet, at } = query;
    const octets = composeMessage(responseTo(packet.message!, action), "dns");
    if (packet.transport === "tcp") {
      this.sendTcp(packet.source.address, undefined, octets);
      return;
    }
    const address = action.sourceAddress ?? at.sourceAddress(packet.family)!;
    const source = { address, port: action.sourcePort };
    const destination = packet.source;
    this.#network.transmit(
      { sender: this.#name, channel: "llmnr", source, destination, octets },
      at,
    );
  }

  #hear(packet: Packet, at: Interface): void {
    const { message } = packet;
    if (message === undefined || (message.flags & Flag.QR) !== 0) return;
    this.#queries.push({ packet, at });
  }

  #endAt(at: Interface, endpoint: Endpoint, peer: IpAddress): ConnectionEnd {
    const end: ConnectionEnd = {
      name: this.#name,
      at,
      endpoint,
      receive: () => {},
      end: () => {
        if (this.#connections.get(peer)?.end === end) this.#connections.delete(peer);
      },
    };
    return end;
  }
}

function isAbout({ message }: Packet, wanted: Reply["question"]): boolean {
  if (wanted === undefined) return true;
  return message!.questions.some(
    ({ name, type }) => type === wanted.type && name.equals(wanted.name),
  );
}

function responseTo(query: Message, reply: Reply): Message {
  const { flags, answers, authorities, additionals, id, asked } = reply;
  return {
    id: id ?? query.id,
    flags,
    questions: questionsOf(query, asked),
    answers,
    authorities,
    additionals,
  };
}

function questionsOf(query: Message, asked: Reply["asked"]): readonly Question[] {
  if (asked === "copied") return query.questions;
  return asked === "left-out" ? [] : [asked];
}
