import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { type Instant, instant, NEVER, seconds } from "../../src/core/time.ts";
import { BootClock } from "../../src/net/clock.ts";
import { Driver } from "../../src/net/driver.ts";
import { LinkMonitor } from "../../src/net/link-monitor.ts";
import type { NetworkInterface } from "../../src/net/network-interface.ts";
import type { TransportListeners } from "../../src/net/transport.ts";

/** Writes down its inputs; what it gives out is put into its queues by the test. */
class NotingEngine implements Engine<string> {
  readonly inputs: string[] = [];
  readonly linksAt: Instant[] = [];
  readonly transmits: OutboundDatagram[] = [];
  readonly events: string[] = [];
  nextDeadline: Instant = NEVER;
  onDatagram: () => void = () => {};

  handleDatagram({ octets }: InboundDatagram, now: Instant): void {
    this.inputs.push(`datagram ${octets[0]} at ${now}`);
    this.onDatagram();
  }
  handleLinks(links: readonly Link[], now: Instant): void {
    this.linksAt.push(now);
    this.inputs.push(`links ${links.map(({ name }) => name).join(" ")}`);
  }
  handleDeadline(now: Instant): void {
    this.inputs.push(`deadline at ${now}`);
    this.nextDeadline = NEVER;
  }
  handleWake(): void {
    this.inputs.push("wake");
  }
  handleTransmitFailure(_datagram: OutboundDatagram, { code }: { code: string }): void {
    this.inputs.push(`failure ${code}`);
  }
  pollTransmit(): OutboundDatagram | undefined {
    return this.transmits.shift();
  }
  pollEvent(): string | undefined {
    return this.events.shift();
  }
}

const ETHERNET: NetworkInterface = {
  index: 2,
  name: "eth0",
  up: true,
  carrier: true,
  loopback: false,
  multicast: true,
  pointToPoint: false,
  mtu: 1500,
  mac: undefined,
  addresses: [
    {
      family: "ipv4",
      address: "192.0.2.1" as IpAddress,
      prefixLength: 24,
      tentative: false,
      deprecated: false,
      temporary: false,
    },
  ],
  interruptions: 0,
};

const DATAGRAM: OutboundDatagram = {
  channel: "mdns",
  octets: Uint8Array.of(1),
  link: 2 as LinkId,
  family: "ipv4",
  destination: "group",
  from: undefined,
};

function inbound(octet: number): InboundDatagram {
  const source = { address: "192.0.2.7" as IpAddress, port: 5353 };
  const octets = Uint8Array.of(octet);
  return { ...DATAGRAM, octets, source, arrival: { to: "group" } };
}

let worked: number;
let suspended: number;
let interfaces: NetworkInterface[];
let announce: () => void;
let listeners: TransportListeners;
let sent: OutboundDatagram[];
let reconciled: (readonly Link[])[];
let engine: NotingEngine;
let heard: string[];
let driver: Driver<string, NotingEngine>;

/** What the clocks show: the faked date, which moves with the timers, and the work done since. */
function monotonic(): number {
  return 1_000 + Date.now() + worked;
}

/** A command that asks for a deadline in so many seconds. */
function setDeadline(count: number): void {
  driver.run((driven, now) => {
    driven.nextDeadline = instant(now + seconds(count));
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
  worked = 0;
  suspended = 0;
  interfaces = [ETHERNET];
  sent = [];
  reconciled = [];
  heard = [];
  engine = new NotingEngine();
  driver = new Driver<string, NotingEngine>({
    engine,
    clock: new BootClock({
      monotonic,
      boot: () => monotonic() + suspended,
      lookInterval: 0,
    }),
    monitor: new LinkMonitor({
      source: {
        interfaces: () => interfaces,
        watch(onChange) {
          announce = onChange;
        },
        close() {},
      },
      select: () => ({ ipv4: true, ipv6: true }),
    }),
    openTransport(given) {
      listeners = given;
      return {
        kind: "portable",
        reconcile: (links) => reconciled.push(links),
        send: (datagram) => sent.push(datagram),
        close: async () => {},
      };
    },
    startedAt: instant(20),
    onEvent: (event) => {
      heard.push(event);
      if (event === "command") driver.run(() => engine.events.push("outcome"));
    },
  });
  engine.inputs.length = 0;
});

afterEach(async () => {
  await driver.close();
  vi.useRealTimers();
});

describe("Driver", () => {
  it("counts the waits of the first links from the start, those of later ones from now", () => {
    interfaces = [];
    announce();
    expect(engine.linksAt).toEqual([20, 1_000]);
  });

  it("wakes the engine at its deadline, neither early nor late", () => {
    setDeadline(2);
    vi.advanceTimersByTime(1_999);
    expect(engine.inputs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(engine.inputs).toEqual(["deadline at 3000"]);
  });

  it("handles what arrived while the process could not run before a deadline that it missed", async () => {
    setDeadline(2);
    worked = 500;
    vi.advanceTimersByTime(2_000);
    expect(engine.inputs).toEqual([]);
    listeners.datagram(inbound(7));
    listeners.burstEnd();
    await new Promise(setImmediate);
    expect(engine.inputs).toEqual(["datagram 7 at 3500", "deadline at 3500"]);
  });

  it("handles no deadline that it missed once it is closed", async () => {
    setDeadline(2);
    worked = 500;
    vi.advanceTimersByTime(2_000);
    await driver.close();
    await new Promise(setImmediate);
    expect(engine.inputs).toEqual([]);
  });

  it("keeps to a deadline that is farther off than any timer can wait", () => {
    const month = 30 * 24 * 3_600;
    setDeadline(month);
    vi.advanceTimersByTime(month * 1_000 - 1);
    expect(engine.inputs).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(engine.inputs).toEqual([`deadline at ${1_000 + month * 1_000}`]);
  });

  it("follows a deadline that moves closer", () => {
    setDeadline(5);
    vi.advanceTimersByTime(100);
    setDeadline(1);
    vi.advanceTimersByTime(1_000);
    expect(engine.inputs).toEqual(["deadline at 2100"]);
  });

  it("gives a burst of datagrams one instant and drains the engine after the last", () => {
    engine.onDatagram = () => {
      engine.transmits.push(DATAGRAM);
      worked++;
    };
    listeners.datagram(inbound(1));
    listeners.datagram(inbound(2));
    expect(sent).toEqual([]);
    listeners.burstEnd();
    expect(engine.inputs).toEqual(["datagram 1 at 1000", "datagram 2 at 1000"]);
    expect(sent).toEqual([DATAGRAM, DATAGRAM]);
  });

  it("says of a burst whether anybody was told of it", () => {
    engine.onDatagram = () => engine.transmits.push(DATAGRAM);
    listeners.datagram(inbound(1));
    expect(listeners.burstEnd()).toBe("quiet");
    engine.onDatagram = () => engine.events.push("heard");
    listeners.datagram(inbound(2));
    expect(listeners.burstEnd()).toBeUndefined();
  });

  it("takes commands from within an event and delivers what comes of them afterwards", () => {
    driver.run(() => engine.events.push("command", "second"));
    expect(heard).toEqual(["command", "second", "outcome"]);
  });

  it("hands over the new links when an interface goes, sockets first", () => {
    interfaces = [];
    announce();
    expect(reconciled.map((links) => links.length)).toEqual([1, 0]);
    expect(engine.inputs).toEqual(["links "]);
  });

  it("tells the engine of datagrams that could not be sent", () => {
    listeners.transmitFailure(DATAGRAM, { code: "ENETUNREACH" });
    expect(engine.inputs).toEqual(["failure ENETUNREACH"]);
  });

  it("§8.3: after a suspend gives every link a new incarnation and wakes the engine", async () => {
    const [before] = driver.links;
    suspended = 3_600_000;
    vi.advanceTimersByTime(60_000);
    await Promise.resolve();
    expect(engine.inputs).toEqual(["links eth0", "wake"]);
    expect(driver.links[0]!.incarnation).toBe(before!.incarnation + 1);
  });

  it("learns of a suspend before it is told of the deadlines that passed meanwhile", async () => {
    setDeadline(60);
    suspended = 3_600_000;
    driver.run(() => {});
    vi.advanceTimersByTime(1);
    await new Promise(setImmediate);
    expect(engine.inputs).toEqual(["links eth0", "wake", "deadline at 3601001"]);
  });
});
