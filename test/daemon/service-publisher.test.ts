import { describe, expect, test } from "vitest";
import { parseAvahiHosts } from "../../src/config/avahi-hosts.ts";
import { type ExpandedGroup, expandGroup } from "../../src/config/expand.ts";
import { parseYamlServices } from "../../src/config/yaml-services.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import { HostPublisher } from "../../src/daemon/host-publisher.ts";
import { ServicePublisher } from "../../src/daemon/service-publisher.ts";
import type { ServiceGroupSpec } from "../../src/dnssd/service.ts";
import type { ServiceId } from "../../src/dnssd/types.ts";
import type { HostPublication, PublicationId } from "../../src/host/types.ts";

function group(text: string): ExpandedGroup {
  const read = parseYamlServices(text, "web.yaml");
  const expanded = read.group && expandGroup(read.group, { hostLabel: "alpha" });
  if (!expanded?.ok) throw new Error(JSON.stringify(read.diagnostics));
  return expanded.value;
}

const web = (name: string, rest = "port: 80"): ExpandedGroup =>
  group(`name: "${name}"\ntype: _http._tcp\n${rest}\n`);

/** Writes down what is asked of the engine. */
class Engine {
  commands: string[] = [];
  refuses = "";
  ownAddresses: string[] = [];
  #lastId = 0;

  publishService(spec: ServiceGroupSpec): ServiceId {
    this.#refuse(spec);
    this.commands.push(`publish ${++this.#lastId} ${spec.instance}`);
    return this.#lastId as ServiceId;
  }

  updateService(id: ServiceId, spec: ServiceGroupSpec): void {
    this.#refuse(spec);
    this.commands.push(`update ${id} ${spec.instance}`);
  }

  withdrawService(id: ServiceId): void {
    this.commands.push(`withdraw ${id}`);
  }

  isOwnAddress(address: string): boolean {
    return this.ownAddresses.includes(address);
  }

  publishHost({ name, addresses, reverse }: HostPublication): PublicationId {
    if (!String(name).endsWith(".local")) throw new DotlocalError("INVALID_NAME", `not ${name}`);
    const way = reverse ? "both ways" : "one way";
    this.commands.push(`host ${++this.#lastId} ${name} ${addresses} ${way}`);
    return this.#lastId as PublicationId;
  }

  withdrawPublication(id: PublicationId): void {
    this.commands.push(`withdraw ${id}`);
  }

  /** What was asked since the last time. */
  take(): readonly string[] {
    return this.commands.splice(0);
  }

  #refuse({ instance }: ServiceGroupSpec): void {
    if (instance === this.refuses) throw new DotlocalError("INVALID_DATA", "too much");
  }
}

describe("groups of services", () => {
  test("are published, updated and withdrawn as they come, change and go", () => {
    const engine = new Engine();
    const publisher = new ServicePublisher(engine);
    publisher.publish(
      new Map([
        ["a", web("A")],
        ["b", web("B")],
      ]),
    );
    expect(engine.take()).toEqual(["publish 1 A", "publish 2 B"]);
    publisher.publish(
      new Map([
        ["a", web("A", "port: 81")],
        ["b", web("B")],
      ]),
    );
    expect(engine.take()).toEqual(["update 1 A"]);
    publisher.publish(new Map([["b", web("B")]]));
    expect(engine.take()).toEqual(["withdraw 1"]);
    expect(publisher.standingOf("a")).toBeUndefined();
    expect(publisher.standingOf("b")).toEqual({ state: "published", service: 2 });
  });

  test.each([
    ["the port", "port: 81"],
    ["TXT", "port: 80\ntxt: { path: / }"],
    ["binary TXT", 'port: 80\ntxt: { blob: { hex: "00ff" } }'],
    ["the host", "port: 80\nhost: nas.local"],
    ["subtypes", "port: 80\nsubtypes: [_x]"],
    ["interfaces", 'port: 80\ninterfaces: ["eth*"]'],
    ["the family", "port: 80\nprotocol: ipv4"],
  ])("differ by %s", (_, rest) => {
    const engine = new Engine();
    const publisher = new ServicePublisher(engine);
    publisher.publish(new Map([["a", web("A")]]));
    publisher.publish(new Map([["a", web("A", rest)]]));
    publisher.publish(new Map([["a", web("A", rest)]]));
    expect(engine.take()).toEqual(["publish 1 A", "update 1 A"]);
  });

  test("do not differ by comments, places and conditions", () => {
    const engine = new Engine();
    const publisher = new ServicePublisher(engine);
    publisher.publish(new Map([["a", web("A")]]));
    const same = group(`# new\n\nname: A\ntype: _http._tcp\nport: 80\nwhen: { tcp: 80 }\n`);
    publisher.publish(new Map([["a", same]]));
    expect(engine.take()).toEqual(["publish 1 A"]);
  });

  test("of a renamed file go on as they are, or with what changed", () => {
    const engine = new Engine();
    const publisher = new ServicePublisher(engine);
    publisher.publish(
      new Map([
        ["a", web("A")],
        ["b", web("B")],
      ]),
    );
    engine.take();
    publisher.publish(
      new Map([
        ["c", web("A")],
        ["d", web("B", "port: 81")],
      ]),
    );
    expect(engine.take()).toEqual(["update 2 B"]);
    expect(publisher.standingOf("c")).toEqual({ state: "published", service: 1 });
  });

  test("that the engine refuses say why, and are no longer published", () => {
    const engine = new Engine();
    const publisher = new ServicePublisher(engine);
    publisher.publish(new Map([["a", web("A")]]));
    engine.refuses = "Odd";
    publisher.publish(
      new Map([
        ["a", web("Odd")],
        ["b", web("B")],
      ]),
    );
    expect(engine.take()).toEqual(["publish 1 A", "withdraw 1", "publish 2 B"]);
    expect(publisher.standingOf("a")).toEqual({ state: "refused", reason: "too much" });
    publisher.publish(
      new Map([
        ["a", web("Odd")],
        ["b", web("B")],
      ]),
    );
    expect(engine.take()).toEqual([]);
    publisher.publish(
      new Map([
        ["a", web("A")],
        ["b", web("B")],
      ]),
    );
    expect(engine.take()).toEqual(["publish 3 A"]);
  });
});

describe("further hosts", () => {
  const entries = (text: string) => parseAvahiHosts(text, "hosts").entries;

  test("are published and withdrawn line by line", () => {
    const engine = new Engine();
    const publisher = new HostPublisher(engine);
    publisher.publish(entries("192.0.2.5 nas.local files.local\n192.0.2.6 cam.local\n"));
    expect(engine.take()).toEqual([
      "host 1 nas.local 192.0.2.5 both ways",
      "host 2 files.local 192.0.2.5 one way",
      "host 3 cam.local 192.0.2.6 both ways",
    ]);
    publisher.publish(entries("# only\n192.0.2.5 nas.local files.local\n192.0.2.7 cam.local\n"));
    expect(engine.take()).toEqual(["withdraw 3", "host 4 cam.local 192.0.2.7 both ways"]);
  });

  test("at an address of this host leave the way back to its own name", () => {
    const engine = new Engine();
    const publisher = new HostPublisher(engine);
    const all = entries("192.0.2.1 nas.local\n192.0.2.6 cam.local\n");
    engine.ownAddresses = ["192.0.2.1"];
    publisher.publish(all);
    expect(engine.take()).toEqual([
      "host 1 nas.local 192.0.2.1 one way",
      "host 2 cam.local 192.0.2.6 both ways",
    ]);
    engine.ownAddresses = [];
    publisher.publish(all);
    expect(engine.take()).toEqual(["withdraw 1", "host 3 nas.local 192.0.2.1 both ways"]);
  });

  test("that the engine refuses say why, and leave the others alone", () => {
    const engine = new Engine();
    const publisher = new HostPublisher(engine);
    const all = entries("192.0.2.5 router.lan\n192.0.2.6 cam.local\n");
    publisher.publish(all);
    expect(all.map((entry) => publisher.refusalOf(entry))).toEqual(["not router.lan", undefined]);
    publisher.publish([]);
    expect(engine.take()).toEqual(["host 1 cam.local 192.0.2.6 both ways", "withdraw 1"]);
  });
});
