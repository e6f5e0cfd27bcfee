/**
 * What hosts without an engine say on a link: devices that nobody has met before come with a service
 * and go, with a goodbye or without; everybody is asked for this and that, in every way there is.
 *
 * No name of a device comes twice, so that whatever is kept by name, and not let go, adds up.
 */

import type { Channel, Endpoint } from "../../../src/core/datagram.ts";
import type { Random } from "../../../src/core/random.ts";
import type { SimulatedNetwork } from "../../../src/sim/network.ts";
import type { Interface } from "../../../src/sim/simulated-host.ts";
import { composeMessage } from "../../../src/wire/compose.ts";
import { Flag, RecordClass, RecordType } from "../../../src/wire/constants.ts";
import type { Message } from "../../../src/wire/message.ts";
import { Name } from "../../../src/wire/name.ts";
import type { Question, ResourceRecord } from "../../../src/wire/record.ts";
import { addressOf, Device, record, SERVICE_TYPES } from "./device.ts";

/** Devices that are there at a time; beyond them the one that came first goes. */
const PRESENT_MAX = 60;

/** The host under watch, as those that ask for it call it. */
const RESIDENT = Name.parse("resident.local");
const RESIDENT_LABEL = Name.parse("resident");

const RESIDENT_QUESTIONS = [
  question(RESIDENT, RecordType.A),
  question(RESIDENT, RecordType.AAAA),
  question(RESIDENT, RecordType.ANY),
  question(Name.parse("Web._http._tcp.local"), RecordType.SRV),
  question(Name.parse("_services._dns-sd._udp.local"), RecordType.PTR),
  question(Name.parse("1.0.1.10.in-addr.arpa"), RecordType.PTR),
];

const BROWSES = SERVICE_TYPES.map((type) => question(Name.parse(`${type}.local`), RecordType.PTR));

/** One way to say something, and how often it is chosen beside the others. */
type Saying = readonly [weight: number, say: (crowd: Crowd) => void];

const SAYINGS: readonly Saying[] = [
  [5, (crowd) => crowd.come()],
  [8, (crowd) => crowd.repeat()],
  [25, (crowd) => crowd.browse()],
  [15, (crowd) => crowd.askForDevice()],
  [12, (crowd) => crowd.askForResident()],
  [4, (crowd) => crowd.askInTwoPackets()],
  [5, (crowd) => crowd.probe()],
  [1, (crowd) => crowd.claimResidentName()],
  [4, (crowd) => crowd.askByLegacyUnicast()],
  [8, (crowd) => crowd.askByLlmnr()],
  [2, (crowd) => crowd.talkNonsense()],
];

export class Crowd {
  readonly #network: SimulatedNetwork;
  readonly #from: Interface;
  readonly #random: Random;
  readonly #sayings: readonly Saying[1][];
  readonly #present = [new Device(0)];
  #names = 0;

  constructor(network: SimulatedNetwork, from: Interface) {
    this.#network = network;
    this.#from = from;
    this.#random = network.forkRandom();
    this.#sayings = SAYINGS.flatMap(([weight, say]) => new Array(weight).fill(say));
  }

  get someDevice(): Device {
    return this.#pick(this.#present);
  }

  say(): void {
    this.#pick(this.#sayings)(this);
  }

  come(): void {
    const device = new Device(++this.#names);
    this.#present.push(device);
    this.#respond(device, device.records);
    if (this.#present.length > PRESENT_MAX) this.#leave(this.#present.shift()!);
  }

  /** Says it again, with other data. */
  repeat(): void {
    const device = this.someDevice;
    const strings = [Uint8Array.of(0x72, 0x3d, this.#random.integer(0x30, 0x39))];
    const changed: ResourceRecord = { ...device.text, data: { kind: "TXT", strings } };
    this.#respond(device, [device.pointer, device.service, changed]);
  }

  /** RFC 6762 §7.1. */
  browse(): void {
    const index = this.#random.integer(0, SERVICE_TYPES.length - 1);
    const known = this.#present.filter(({ type }) => type === SERVICE_TYPES[index]);
    const answers = known.slice(0, this.#random.integer(0, 10)).map(({ pointer }) => pointer);
    this.#send({ questions: [BROWSES[index]!], answers });
  }

  askForDevice(): void {
    const { number, service, host } = this.someDevice;
    const nobody = Name.parse(`nobody-${number}.local`);
    const questions = [
      question(host.name, RecordType.A),
      question(service.name, RecordType.SRV),
      question(nobody, RecordType.A),
    ];
    this.#send({ questions: [this.#pick(questions)] });
  }

  /** RFC 6762 §5.4: one in four wants a unicast response. */
  askForResident(): void {
    const unicastResponse = this.#random.integer(1, 4) === 1;
    this.#send({ questions: [{ ...this.#pick(RESIDENT_QUESTIONS), unicastResponse }] });
  }

  /** RFC 6762 §7.2; of one in four the second does not come. */
  askInTwoPackets(): void {
    const known = this.#present.map(({ pointer }) => pointer);
    const source = this.#source();
    const [first, second] = [known.slice(0, 10), known.slice(10, 20)];
    this.#send({ questions: [BROWSES[0]!], answers: first, flags: Flag.TC, source });
    if (this.#random.integer(1, 4) > 1) this.#send({ answers: second, source });
  }

  /** RFC 6762 §8.1; one in ten for a name that is taken. */
  probe(): void {
    const isTaken = this.#random.integer(1, 10) === 1;
    const name = isTaken ? RESIDENT : Name.parse(`new-${++this.#names}.local`);
    const source = this.#source();
    const claimed = record(`${name} 120 IN A ${source.address}`);
    this.#send({ questions: [question(name, RecordType.ANY)], authorities: [claimed], source });
  }

  /** RFC 6762 §9: a conflict with somebody who does not stand by it. */
  claimResidentName(): void {
    const source = this.#source();
    const claimed = record(`${RESIDENT} 120 IN+flush A ${source.address}`);
    this.#send({ answers: [claimed], flags: Flag.QR | Flag.AA, source });
  }

  /** RFC 6762 §6.7. */
  askByLegacyUnicast(): void {
    const questions = [RESIDENT_QUESTIONS[0]!];
    this.#send({ questions, id: this.#someId(), source: this.#passingSource() });
  }

  /** RFC 4795 §2.1: the resident is asked for, or somebody nobody knows. */
  askByLlmnr(): void {
    const isForUs = this.#random.integer(1, 3) === 1;
    const name = isForUs ? RESIDENT_LABEL : Name.parse(`pc-${++this.#names}`);
    const questions = [question(name, RecordType.A)];
    this.#send({ questions, id: this.#someId(), source: this.#passingSource(), channel: "llmnr" });
  }

  talkNonsense(): void {
    const octets = Uint8Array.from({ length: this.#random.integer(1, 60) }, () =>
      this.#random.integer(0, 255),
    );
    this.#transmit("mdns", this.#source(), octets);
  }

  /** Two in three say goodbye (RFC 6762 §10.1); the others are just gone. */
  #leave(device: Device): void {
    if (this.#random.integer(1, 3) === 1) return;
    this.#respond(
      device,
      device.records.map((known) => ({ ...known, ttl: 0 })),
    );
  }

  #respond({ address }: Device, answers: readonly ResourceRecord[]): void {
    this.#send({ answers, flags: Flag.QR | Flag.AA, source: { address, port: 5353 } });
  }

  #send(said: {
    readonly questions?: readonly Question[];
    readonly answers?: readonly ResourceRecord[];
    readonly authorities?: readonly ResourceRecord[];
    readonly flags?: number;
    readonly id?: number;
    readonly source?: Endpoint;
    readonly channel?: Channel;
  }): void {
    const { questions = [], answers = [], authorities = [], flags = 0, id = 0 } = said;
    const { channel = "mdns", source = this.#source() } = said;
    const message: Message = { id, flags, questions, answers, authorities, additionals: [] };
    this.#transmit(channel, source, composeMessage(message, channel === "mdns" ? "mdns" : "dns"));
  }

  #transmit(channel: Channel, source: Endpoint, octets: Uint8Array): void {
    const destination = "group";
    this.#network.transmit({ sender: "crowd", channel, source, destination, octets }, this.#from);
  }

  #source(): Endpoint {
    return { address: addressOf(this.#random.integer(1, 5000)), port: 5353 };
  }

  #passingSource(): Endpoint {
    return { ...this.#source(), port: this.#random.integer(32_768, 60_999) };
  }

  #someId(): number {
    return this.#random.integer(1, 0xffff);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(0, items.length - 1)]!;
  }
}

function question(name: Name, type: number): Question {
  return { name, type, class: RecordClass.IN, unicastResponse: false };
}
