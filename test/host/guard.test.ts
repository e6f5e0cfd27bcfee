import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { hours, type Instant, minutes, seconds } from "../../src/core/time.ts";
import { HostEngine } from "../../src/host/host-engine.ts";
import type { HostEvent, HostSettings, LookupId, LookupOutcome } from "../../src/host/types.ts";
import { SimulatedNetwork } from "../../src/sim/network.ts";
import { linkAddress, type Process } from "../../src/sim/simulated-host.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordClass, RecordType } from "../../src/wire/constants.ts";
import { isResponse } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";

const POISONER = "192.0.2.66" as IpAddress;

type Channels = readonly ("mdns" | "llmnr")[];

/** Hosts on one link, and what they say. */
class Lab {
  readonly network: SimulatedNetwork;
  readonly said: { readonly host: string; readonly at: Instant; readonly event: HostEvent }[] = [];
  readonly #link;

  constructor(seed = 1) {
    this.network = new SimulatedNetwork({ seed });
    this.#link = this.network.addLink("lan");
  }

  host(name: string, address: string, settings: Partial<HostSettings> = {}): Process<HostEngine> {
    const host = this.network.addHost(name);
    this.network.attach(host, this.#link, [linkAddress(address as IpAddress)]);
    const own = { systemHostName: name, llmnrMode: "full", ...settings } as const;
    const engine = new HostEngine({ random: this.network.forkRandom(), settings: own });
    return this.network.start(host, engine, {
      channels: ["mdns", "llmnr"],
      listener: (event, _, at) => this.said.push({ host: name, at, event }),
    });
  }

  /** A host that answers every question for an address with its own, from `address`. */
  poisoner(channels: Channels, address = POISONER): void {
    const host = this.network.addHost("poisoner");
    const at = this.network.attach(host, this.#link, [linkAddress(POISONER)]);
    this.network.observe({
      packetReceived: (packet, receiver) => {
        const { message, channel } = packet;
        if (receiver !== at || message === undefined || isResponse(message)) return;
        if (channel !== "mdns" && channel !== "llmnr") return;
        const asked = message.questions.find(({ type }) => type === RecordType.A);
        if (asked === undefined || !channels.includes(channel)) return;
        const record = { ...asked, class: RecordClass.IN, cacheFlush: false, ttl: 30 };
        const answer = { ...record, data: { kind: "A", address: POISONER } as const };
        const isMdns = channel === "mdns";
        const octets = composeMessage(
          {
            id: message.id,
            flags: isMdns ? Flag.QR | Flag.AA : Flag.QR,
            questions: isMdns ? [] : message.questions,
            answers: [answer],
            authorities: [],
            additionals: [],
          },
          isMdns ? "mdns" : "dns",
        );
        const source = { address, port: isMdns ? 5353 : 5355 };
        const destination = isMdns ? "group" : packet.source;
        this.network.transmit({ sender: "poisoner", channel, source, destination, octets }, at);
      },
    });
  }

  run(until: number): void {
    this.network.run(until as Instant);
  }

  found(host: string): { at: Instant; addresses: readonly IpAddress[] }[] {
    return this.said.flatMap(({ host: own, at, event }) =>
      own === host && event.kind === "poisoner-found" ? [{ at, addresses: event.addresses }] : [],
    );
  }

  resolve(process: Process<HostEngine>, name: string): LookupOutcome | undefined {
    const spec = { name: Name.parse(name), family: "ipv4", links: "all" } as const;
    const id: LookupId = this.network.command(process, (engine, now) => engine.lookup(spec, now));
    this.run(this.network.now + seconds(1));
    for (const { event } of this.said) {
      if (event.kind === "lookup-done" && event.lookup === id) return event.outcome;
    }
    return undefined;
  }
}

function addressesOf(outcome: LookupOutcome | undefined): readonly IpAddress[] {
  return outcome?.kind === "addresses" ? outcome.addresses.map(({ address }) => address) : [];
}

describe("the sentinel", () => {
  it("is not deceived by five honest hosts in an hour", () => {
    const lab = new Lab();
    for (const number of [1, 2, 3, 4, 5]) {
      lab.host(`host-${number}`, `192.0.2.${number}`, { llmnrGuardInterval: minutes(1) });
    }
    let sentinels = 0;
    lab.network.observe({
      packetSent: ({ channel, message }) => {
        if (channel === "llmnr" && message?.questions[0]?.type === RecordType.A) sentinels++;
      },
    });
    lab.run(hours(1));
    expect(sentinels).toBeGreaterThan(5 * 40);
    expect(lab.said.filter(({ event }) => event.kind === "poisoner-found")).toEqual([]);
  });

  it.each([[["llmnr", "mdns"]], [["llmnr"]], [["mdns"]]] as const)(
    "finds a poisoner by %s and tells of it once",
    (channels) => {
      const lab = new Lab();
      const host = lab.host("alpha", "192.0.2.1", { llmnrGuardInterval: minutes(1) });
      lab.poisoner(channels);
      lab.run(minutes(30));
      expect(lab.found("alpha")).toMatchObject([{ addresses: [POISONER] }]);
      const { poisoners } = lab.network.command(host, (engine, now) => engine.snapshot(now));
      expect(poisoners).toMatchObject([
        { address: POISONER, linkName: "lan", protocols: channels },
      ]);
    },
  );

  it("asks at uneven intervals, each time for another name of letters", () => {
    const lab = new Lab();
    lab.host("alpha", "192.0.2.1", { llmnrGuardInterval: minutes(10) });
    const asked = new Map<string, Instant>();
    lab.network.observe({
      packetSent: ({ channel, message, sentAt }) => {
        const question = message?.questions[0];
        if (channel !== "llmnr" || question?.type !== RecordType.A) return;
        if (!asked.has(question.name.key)) asked.set(question.name.key, sentAt);
      },
    });
    lab.run(hours(10));
    const instants = [...asked.values()];
    const intervals = instants.slice(1).map((at, index) => at - instants[index]!);
    expect(instants.length).toBeGreaterThan(45);
    expect(Math.min(...intervals)).toBeGreaterThan(minutes(4.9));
    expect(Math.max(...intervals)).toBeLessThan(minutes(15.1));
    expect(new Set(intervals).size).toBeGreaterThan(40);
  });

  it("has the poisoner's LLMNR answers ignored for an hour, and only its", () => {
    const lab = new Lab();
    const settings = { llmnrGuardInterval: minutes(1), mdnsMode: "off" } as const;
    const alpha = lab.host("alpha", "192.0.2.1", settings);
    lab.host("beta", "192.0.2.2", { mdnsMode: "off", llmnrGuard: false });
    lab.poisoner(["llmnr"]);
    lab.run(minutes(3));
    expect(lab.found("alpha")).toHaveLength(1);
    expect(lab.resolve(alpha, "nobody")).toEqual({ kind: "no-such-name" });
    expect(addressesOf(lab.resolve(alpha, "beta"))).toEqual(["192.0.2.2"]);
  });

  it("never has Multicast DNS answers ignored", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", "192.0.2.1", { llmnrGuardInterval: minutes(1) });
    const victim = lab.host("victim", "192.0.2.2", { llmnrGuard: false });
    // The poisoner forges the victim's address, to have it silenced.
    lab.poisoner(["mdns"], "192.0.2.2" as IpAddress);
    lab.run(minutes(3));
    expect(lab.found("alpha")).toMatchObject([{ addresses: ["192.0.2.2"] }]);
    expect(addressesOf(lab.resolve(alpha, "victim.local"))).toContain("192.0.2.2");
    expect(victim.engine.settings.mdnsMode).toBe("full");
  });

  it("forgets a poisoner after an hour, and finds it again if it is still there", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", "192.0.2.1", { llmnrGuardInterval: minutes(1) });
    lab.poisoner(["llmnr"]);
    lab.run(minutes(3));
    const off = { ...alpha.engine.settings, llmnrGuard: false };
    lab.network.command(alpha, (engine, now) => engine.applySettings(off, now));
    lab.run(minutes(70));
    const { poisoners } = lab.network.command(alpha, (engine, now) => engine.snapshot(now));
    expect(poisoners).toEqual([]);
    const on = { ...off, llmnrGuard: true };
    lab.network.command(alpha, (engine, now) => engine.applySettings(on, now));
    lab.run(minutes(75));
    expect(lab.found("alpha")).toHaveLength(2);
  });

  it("asks nothing where it is switched off, or LLMNR is", () => {
    for (const settings of [{ llmnrGuard: false }, { llmnrMode: "off" }] as const) {
      const lab = new Lab();
      lab.host("alpha", "192.0.2.1", { llmnrGuardInterval: minutes(1), ...settings });
      let questions = 0;
      lab.network.observe({
        packetSent: ({ message }) => {
          if (message?.questions[0]?.type === RecordType.A) questions++;
        },
      });
      lab.run(hours(1));
      expect(questions).toBe(0);
    }
  });
});
