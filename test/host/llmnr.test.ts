import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Instant } from "../../src/core/time.ts";
import { HostEngine } from "../../src/host/host-engine.ts";
import type { HostEvent, HostSettings, LookupOutcome } from "../../src/host/types.ts";
import { SimulatedNetwork } from "../../src/sim/network.ts";
import type { Packet } from "../../src/sim/packet.ts";
import { linkAddress, type Process } from "../../src/sim/simulated-host.ts";
import type { SimulatedLink } from "../../src/sim/simulated-link.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag } from "../../src/wire/constants.ts";
import { isResponse } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { record } from "./host-kit.ts";

type Addresses = Readonly<Record<string, readonly string[]>>;

const LLMNR_ALONE = { mdnsMode: "off", llmnrMode: "full", llmnrGuard: false } as const;
const BOTH = { llmnrMode: "full", llmnrGuard: false } as const;

/** Hosts on simulated links, with all that is sent by LLMNR. */
class Lab {
  readonly network = new SimulatedNetwork({ seed: 5 });
  readonly sent: Packet[] = [];
  readonly said: HostEvent[] = [];
  readonly #links = new Map<string, SimulatedLink>();

  constructor() {
    this.network.observe({
      packetSent: (packet) => {
        if (packet.channel === "llmnr") this.sent.push(packet);
      },
    });
  }

  host(
    name: string,
    addresses: Addresses,
    settings: Partial<HostSettings> = LLMNR_ALONE,
  ): Process<HostEngine> {
    const host = this.network.addHost(name);
    for (const [link, own] of Object.entries(addresses)) {
      const on = this.#links.get(link) ?? this.network.addLink(link);
      this.#links.set(link, on);
      this.network.attach(
        host,
        on,
        own.map((text) => linkAddress(text as IpAddress)),
      );
    }
    const engine = new HostEngine({
      random: this.network.forkRandom(),
      settings: { systemHostName: name, ...settings },
    });
    return this.network.start(host, engine, {
      channels: ["mdns", "llmnr"],
      listener: (event) => this.said.push(event),
    });
  }

  /** A host on `lan` that answers by LLMNR with the records it has of a name, whatever the type. */
  aliasing(address: string, ...records: readonly string[]): void {
    const host = this.network.addHost("aliasing");
    const on = this.#links.get("lan")!;
    const at = this.network.attach(host, on, [linkAddress(address as IpAddress)]);
    const known = records.map(record);
    this.network.observe({
      packetReceived: ({ message, channel, source: asker }, receiver) => {
        if (receiver !== at || channel !== "llmnr" || isResponse(message!)) return;
        const [question] = message!.questions;
        const answers = known.filter(({ name }) => name.equals(question!.name));
        if (answers.length === 0) return;
        const sections = { answers, authorities: [], additionals: [] };
        const response = { id: message!.id, flags: Flag.QR, questions: [question!], ...sections };
        const octets = composeMessage(response, "dns");
        const source = { address: address as IpAddress, port: 5355 };
        this.network.transmit(
          { sender: "aliasing", channel, source, destination: asker, octets },
          at,
        );
      },
    });
  }

  run(milliseconds: number): void {
    this.network.run((this.network.now + milliseconds) as Instant);
  }

  /** What a look-up comes to, and after how long. */
  find(process: Process<HostEngine>, name: string) {
    return this.#outcome(process, (engine, now) =>
      engine.lookup({ name: Name.parse(name), family: "any", links: "all" }, now),
    );
  }

  names(process: Process<HostEngine>, address: string): readonly string[] {
    const { outcome } = this.#outcome(process, (engine, now) =>
      engine.lookupNames({ address: address as IpAddress, links: "all" }, now),
    );
    return outcome.kind === "names" ? outcome.names.map(({ name }) => name.toString()) : [];
  }

  /** What `status` says of a name on the first link. */
  nameOf(process: Process<HostEngine>, name: string) {
    const { llmnr } = process.engine.snapshot(this.network.now);
    return llmnr.links[0]!.names.find((known) => known.name === name);
  }

  /** Data of the records in LLMNR responses on a link. */
  answersOn(link: string): string[] {
    const responses = this.sent.filter(
      ({ message, link: on }) => on.name === link && message !== undefined && isResponse(message),
    );
    const records = responses.flatMap(({ message }) => message!.answers);
    return [...new Set(records.map(({ data }) => formatRecordData(data)))].sort();
  }

  #outcome(
    process: Process<HostEngine>,
    start: (engine: HostEngine, now: Instant) => number,
  ): { outcome: LookupOutcome; took: number } {
    const begun = this.network.now;
    const id = this.network.command(process, start);
    for (let waited = 0; waited <= 5000; waited += 5) {
      const done = this.said.find((event) => event.kind === "lookup-done" && event.lookup === id);
      if (done?.kind === "lookup-done") {
        this.said.splice(this.said.indexOf(done), 1);
        return { outcome: done.outcome, took: this.network.now - begun };
      }
      this.run(5);
    }
    throw new Error("the look-up has no outcome");
  }
}

function addressesIn(outcome: LookupOutcome): string[] {
  return outcome.kind === "addresses" ? outcome.addresses.map(({ address }) => address) : [];
}

describe("this host by LLMNR", () => {
  it("§2.6: each link is told its own addresses", () => {
    const lab = new Lab();
    lab.host("alpha", { lan: ["192.0.2.1", "fe80::1"], wifi: ["198.51.100.1", "fe80::2"] });
    const near = lab.host("near", { lan: ["192.0.2.9", "fe80::9"] });
    const far = lab.host("far", { wifi: ["198.51.100.9", "fe80::9"] });
    lab.run(2000);
    expect(addressesIn(lab.find(near, "alpha").outcome).sort()).toEqual(["192.0.2.1", "fe80::1"]);
    expect(addressesIn(lab.find(far, "alpha").outcome).sort()).toEqual(["198.51.100.1", "fe80::2"]);
    expect(lab.answersOn("lan")).toEqual(["192.0.2.1", "fe80::1"]);
    expect(lab.answersOn("wifi")).toEqual(["198.51.100.1", "fe80::2"]);
  });

  it("§2.6: a reverse name leads to a name that is answered for", () => {
    const lab = new Lab();
    lab.host("alpha", { lan: ["192.0.2.1", "fe80::1"] });
    const beta = lab.host("beta", { lan: ["192.0.2.2", "fe80::2"] });
    lab.run(2000);
    expect(lab.names(beta, "192.0.2.1")).toEqual(["alpha"]);
    expect(lab.names(beta, "fe80::1")).toEqual(["alpha"]);
    expect(addressesIn(lab.find(beta, "alpha").outcome)).toHaveLength(2);
  });

  it("is found by its aliases too", () => {
    const lab = new Lab();
    lab.host("alpha", { lan: ["192.0.2.1"] }, { ...LLMNR_ALONE, aliases: ["files"] });
    const beta = lab.host("beta", { lan: ["192.0.2.2"] });
    lab.run(2000);
    expect(addressesIn(lab.find(beta, "FILES").outcome)).toEqual(["192.0.2.1"]);
  });

  it("is called what Multicast DNS calls it, and silent where that is taken by LLMNR", () => {
    const lab = new Lab();
    lab.host("alpha", { lan: ["192.0.2.1"] }, BOTH);
    lab.run(5000);
    const second = lab.host("other", { lan: ["192.0.2.2"] }, { ...BOTH, hostname: "alpha" });
    lab.run(5000);
    expect(second.engine.hostName(1 as never).toString()).toBe("alpha-2.local");
    expect(lab.nameOf(second, "alpha-2")).toMatchObject({ state: "unique" });

    const third = lab.host("third", { lan: ["192.0.2.3"] }, { ...LLMNR_ALONE, hostname: "alpha" });
    lab.run(2000);
    expect(lab.nameOf(third, "alpha")).toMatchObject({ state: "conflicted", rival: "192.0.2.1" });
    expect(third.engine.hostName(1 as never).toString()).toBe("alpha.local");
  });

  it("answers for nothing where it is only to ask, and does not ask where it is off", () => {
    const lab = new Lab();
    const asking = lab.host(
      "alpha",
      { lan: ["192.0.2.1"] },
      { ...LLMNR_ALONE, llmnrMode: "resolve" },
    );
    const off = lab.host("beta", { lan: ["192.0.2.2"] }, { ...LLMNR_ALONE, llmnrMode: "off" });
    const full = lab.host("gamma", { lan: ["192.0.2.3"] });
    lab.run(2000);
    expect(addressesIn(lab.find(asking, "gamma").outcome)).toEqual(["192.0.2.3"]);
    expect(lab.find(full, "alpha").outcome).toEqual({ kind: "no-such-name" });
    expect(lab.find(off, "gamma").outcome).toMatchObject({ kind: "unavailable" });
    expect(lab.sent.some(({ source }) => source.address === "192.0.2.2")).toBe(false);
  });

  it("follows a change of its settings", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] });
    const beta = lab.host("beta", { lan: ["192.0.2.2"] });
    lab.run(2000);
    const apply = (changes: Partial<HostSettings>) =>
      lab.network.command(alpha, (engine, now) =>
        engine.applySettings({ ...engine.settings, ...changes }, now),
      );
    apply({ hostname: "delta" });
    lab.run(2000);
    expect(lab.find(beta, "alpha").outcome).toEqual({ kind: "no-such-name" });
    expect(addressesIn(lab.find(beta, "delta").outcome)).toEqual(["192.0.2.1"]);
    apply({ llmnrMode: "off" });
    expect(lab.find(beta, "delta").outcome).toEqual({ kind: "no-such-name" });
  });
});

describe("RFC 4795 §2.6: an alias that comes without what it leads to", () => {
  const found = (...records: readonly string[]) => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] }, BOTH);
    lab.host("beta", { lan: ["192.0.2.2"] }, BOTH);
    lab.aliasing("192.0.2.3", ...records);
    lab.run(5000);
    return { lab, alpha };
  };

  it.each(["beta", "beta.local"])("is followed to %s", (target) => {
    const { lab, alpha } = found(`files 30 CNAME ${target}`);
    const { outcome } = lab.find(alpha, "files");
    expect(addressesIn(outcome)).toEqual(["192.0.2.2"]);
    expect(outcome).toMatchObject({ canonicalName: Name.parse("beta.local") });
  });

  it("to itself, or to a name that nobody has, comes to nothing", () => {
    const { lab, alpha } = found(
      "files 30 CNAME store",
      "store 30 CNAME files",
      "old 30 CNAME gone",
    );
    expect(addressesIn(lab.find(alpha, "files").outcome)).toEqual([]);
    expect(addressesIn(lab.find(alpha, "old").outcome)).toEqual([]);
  });
});

describe("single labels", () => {
  it("§3: a single label is asked for as it is", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] }, BOTH);
    lab.run(5000);
    lab.find(alpha, "printer");
    const asked = lab.sent.map(({ message }) => message!.questions[0]!.name.toString());
    expect(new Set(asked)).toEqual(new Set(["alpha", "printer"]));
  });

  it("are found by whichever protocol the host speaks", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] }, BOTH);
    lab.host("windows", { lan: ["192.0.2.2"] }, LLMNR_ALONE);
    lab.host("mac", { lan: ["192.0.2.3"] }, { llmnrMode: "off" });
    lab.run(5000);
    const windows = lab.find(alpha, "windows");
    expect(windows.outcome).toMatchObject({
      kind: "addresses",
      addresses: [{ address: "192.0.2.2", protocol: "llmnr" }],
    });
    // 300 ms more for Multicast DNS, which ranks higher.
    expect(windows.took).toBeLessThan(600);
    const mac = lab.find(alpha, "mac");
    expect(mac.outcome).toMatchObject({ addresses: [{ address: "192.0.2.3", protocol: "mdns" }] });
  });

  it("§3: what ranks higher is waited for, and wins", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] }, BOTH);
    lab.host("twice", { lan: ["192.0.2.2"] }, BOTH);
    lab.run(5000);
    expect(lab.find(alpha, "twice").outcome).toMatchObject({ addresses: [{ protocol: "mdns" }] });
    lab.network.command(alpha, (engine, now) =>
      engine.applySettings({ ...engine.settings, singleLabel: ["llmnr", "mdns"] }, now),
    );
    expect(lab.find(alpha, "twice").outcome).toMatchObject({ addresses: [{ protocol: "llmnr" }] });
  });

  it("that nobody has fail within 600 ms by both protocols", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1", "fe80::1"] }, BOTH);
    lab.run(5000);
    for (const name of ["nobody", "nothing", "nowhere"]) {
      const { outcome, took } = lab.find(alpha, name);
      expect(outcome).toEqual({ kind: "no-such-name" });
      expect(took).toBeLessThanOrEqual(605);
    }
  });

  it("of this host itself are known without asking", () => {
    const lab = new Lab();
    const alpha = lab.host("alpha", { lan: ["192.0.2.1"] });
    lab.run(2000);
    const before = lab.sent.length;
    expect(lab.find(alpha, "alpha").outcome).toMatchObject({
      addresses: [{ address: "192.0.2.1", protocol: "local" }],
    });
    expect(lab.sent).toHaveLength(before);
  });
});
