/**
 * A packet of our own on every link, to see it leave and come back: a query that asks for a name
 * nobody has, for this host's name and for the service types, so that it also tells who else is there.
 */

import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Channel, InboundDatagram, OutboundDatagram } from "../../core/datagram.ts";
import { FAMILIES, type Family } from "../../core/ip-address.ts";
import { isOwnAddress, type Link } from "../../core/link.ts";
import { openInterfaceSource } from "../../net/interface-source.ts";
import { LinkMonitor } from "../../net/link-monitor.ts";
import type { InterfaceSelector, NetworkInterface } from "../../net/network-interface.ts";
import { createTransport, type TransportListeners } from "../../net/transport.ts";
import { composeMessage } from "../../wire/compose.ts";
import { RecordClass, RecordType } from "../../wire/constants.ts";
import { isResponse, type Message } from "../../wire/message.ts";
import { Name } from "../../wire/name.ts";
import { parseMessage } from "../../wire/parse.ts";

export interface SelfTestOptions {
  readonly select: InterfaceSelector;
  readonly channels: readonly Channel[];
  /** What this host wants to be called on the links. */
  readonly hostName: Name;
  /** Milliseconds to wait for what comes. */
  readonly wait: number;
}

/** How the packet fared with one protocol and family on one link. */
export interface Trial {
  readonly channel: Channel;
  readonly link: string;
  readonly family: Family;
  /** Why it could not be sent or heard: the operating system's code or sentence. */
  readonly failure: string | undefined;
  readonly cameBack: boolean;
  /** Other hosts that answered it. */
  readonly answerers: readonly string[];
  /** Of those, who has this host's name. */
  readonly namesakes: readonly string[];
}

export interface SelfTest {
  readonly interfaces: readonly NetworkInterface[];
  readonly trials: readonly Trial[];
}

interface Running {
  readonly channel: Channel;
  readonly link: Link;
  readonly family: Family;
  readonly octets: Uint8Array;
  failure: string | undefined;
  cameBack: boolean;
  readonly answerers: Set<string>;
  readonly namesakes: Set<string>;
}

/**
 * RFC 6762 §6: who has just multicast a record does not do so again within a second, so the packet is
 * sent once more after that (in milliseconds).
 */
const REPEAT_INTERVAL = 1100;

/** RFC 6763 §9. */
const SERVICE_TYPES = Name.parse("_services._dns-sd._udp.local");

export async function runSelfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { select, channels, hostName, wait } = options;
  const monitor = new LinkMonitor({ source: openInterfaceSource(), select });
  const running = monitor.links.flatMap((link) => newTrials(link, channels, hostName));
  // One a protocol, since a socket that cannot be made is told without its protocol.
  const transports = channels.map((channel) => {
    const trials = running.filter((trial) => trial.channel === channel);
    const listeners = trialListeners(trials, hostName);
    const options = { channels: [channel], bindsUnicast: () => false };
    return { trials, transport: createTransport("auto", options, listeners) };
  });
  try {
    for (const { transport } of transports) transport.reconcile(monitor.links);
    const send = (): void => {
      for (const { trials, transport } of transports) {
        for (const trial of trials) transport.send(datagramOf(trial));
      }
    };
    send();
    await setTimeout(Math.min(REPEAT_INTERVAL, wait / 2));
    send();
    await setTimeout(Math.max(wait - REPEAT_INTERVAL, wait / 2));
  } finally {
    await Promise.all(transports.map(({ transport }) => transport.close()));
    monitor.close();
  }
  return { interfaces: monitor.interfaces, trials: running.map(outcomeOf) };
}

function newTrials(link: Link, channels: readonly Channel[], hostName: Name): Running[] {
  return channels.flatMap((channel) =>
    FAMILIES.filter((family) => link.families.includes(family)).map((family) => ({
      ...{ channel, link, family, octets: composeTest(channel, hostName) },
      ...{ failure: undefined, cameBack: false },
      ...{ answerers: new Set<string>(), namesakes: new Set<string>() },
    })),
  );
}

/** `running`: the trials of one protocol. */
function trialListeners(running: readonly Running[], hostName: Name): TransportListeners {
  const find = (link: Link["id"], family: Family): Running | undefined =>
    running.find((trial) => trial.link.id === link && trial.family === family);
  const fail = (link: Link["id"], family: Family, reason: string): void => {
    const trial = find(link, family);
    if (trial !== undefined) trial.failure ??= reason;
  };
  return {
    datagram: (datagram) => {
      const trial = find(datagram.link, datagram.family);
      if (trial !== undefined) noteDatagram(trial, datagram, hostName);
    },
    burstEnd() {},
    transmitFailure: ({ link, family }, { code }) => fail(link, family, code),
    linkFailure: (link, family, error) => fail(link.id, family, error.message),
  };
}

function noteDatagram(trial: Running, { octets, source }: InboundDatagram, hostName: Name): void {
  if (isOwnAddress(trial.link, source.address)) {
    if (Buffer.compare(octets, trial.octets) === 0) trial.cameBack = true;
    return;
  }
  const message = parseMessage(octets, trial.channel === "mdns" ? "mdns" : "dns");
  if (!message.ok || !isResponse(message.value)) return;
  trial.answerers.add(source.address);
  const records = [...message.value.answers, ...message.value.additionals];
  const isNamesake = records.some(
    ({ name, type, ttl }) =>
      ttl > 0 && name.equals(hostName) && (type === RecordType.A || type === RecordType.AAAA),
  );
  if (isNamesake) trial.namesakes.add(source.address);
}

function composeTest(channel: Channel, hostName: Name): Uint8Array {
  const label = `dotlocal-test-${randomBytes(6).toString("hex")}`;
  const asked: readonly (readonly [Name, number])[] =
    channel === "mdns"
      ? [
          [Name.of(label, "local"), RecordType.A],
          [hostName, RecordType.A],
          [hostName, RecordType.AAAA],
          [SERVICE_TYPES, RecordType.PTR],
        ]
      : [[Name.of(label), RecordType.A]];
  const message: Message = {
    ...{ id: channel === "mdns" ? 0 : randomBytes(2).readUInt16BE(), flags: 0 },
    questions: asked.map(([name, type]) => {
      return { name, type, class: RecordClass.IN, unicastResponse: false };
    }),
    ...{ answers: [], authorities: [], additionals: [] },
  };
  return composeMessage(message, channel === "mdns" ? "mdns" : "dns");
}

function datagramOf({ channel, link, family, octets }: Running): OutboundDatagram {
  return { channel, octets, link: link.id, family, destination: "group", from: undefined };
}

function outcomeOf({ channel, link, family, failure, cameBack, ...rest }: Running): Trial {
  return {
    ...{ channel, link: link.name, family, failure, cameBack },
    answerers: [...rest.answerers].sort(),
    namesakes: [...rest.namesakes].sort(),
  };
}
