/** Each checker finds an engine that breaks what it watches. */

import { expect, test } from "vitest";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import { type Instant, minutes, seconds } from "../../src/core/time.ts";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import type { Answer, MdnsEvent, QueryId, RegistrationId } from "../../src/mdns/types.ts";
import type { MdnsEnginePort } from "../../src/sim/mdns-engine-port.ts";
import { runSwarm } from "../../src/sim/swarm.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { recordKey } from "../../src/wire/record-order.ts";

const HOSTS = 12;
const QUIET = minutes(20);

/** The properties that do not hold when every host has such an engine. */
function broken(Engine: new (...args: ConstructorParameters<typeof MdnsEngine>) => MdnsEnginePort) {
  const { violations } = runSwarm({
    seed: 5,
    hosts: HOSTS,
    createEngine: (options) => new Engine(options),
    startWithin: seconds(0),
    disturbed: minutes(0),
    quiet: QUIET,
  });
  return [...violations.keys()];
}

function isResponse(octets: Uint8Array): boolean {
  return (octets[2]! & 0x80) !== 0;
}

/** The datagram with its message changed. */
function changed(
  datagram: OutboundDatagram | undefined,
  change: (message: Message) => Message,
): OutboundDatagram | undefined {
  if (datagram === undefined) return undefined;
  const parsed = parseMessage(datagram.octets, "mdns");
  if (!parsed.ok) return datagram;
  return { ...datagram, octets: composeMessage(change(parsed.value), "mdns") };
}

test("the engine itself breaks none", () => {
  expect(broken(MdnsEngine)).toEqual([]);
});

test("a deaf engine is found by the owner of its name and by what it does not see", () => {
  class Deaf extends MdnsEngine {
    override handleDatagram(): void {}
  }
  expect(broken(Deaf)).toEqual(
    expect.arrayContaining(["a unique name has one owner", "caches converge"]),
  );
});

test("an engine that keeps what is withdrawn is found by what it still sees", () => {
  class Clinging extends MdnsEngine {
    readonly #kept = new Map<string, Answer>();
    override answers(...args: Parameters<MdnsEngine["answers"]>): readonly Answer[] {
      const answers = super.answers(...args);
      for (const answer of answers) {
        if (!answer.own) this.#kept.set(`${args[0]} ${recordKey(answer.record)}`, answer);
      }
      const kept = [...this.#kept].filter(([key]) => key.startsWith(`${args[0]} `));
      return [...answers, ...kept.map(([, answer]) => answer)];
    }
    override handleDeadline(now: Instant): void {
      super.handleDeadline(now);
      for (let id = 1; id < 10; id++) this.answers(id as QueryId, now);
    }
  }
  expect(broken(Clinging)).toContain("caches converge");
});

test("an engine that gives up names for no reason is found", () => {
  class Timid extends MdnsEngine {
    #state: "calm" | "afraid" | "over" = "calm";
    #registration: RegistrationId | undefined;
    override register(...args: Parameters<MdnsEngine["register"]>): RegistrationId {
      const id = super.register(...args);
      this.#registration ??= id;
      if (this.#state === "calm") this.#state = "afraid";
      return id;
    }
    override pollEvent(): MdnsEvent | undefined {
      const event = super.pollEvent();
      if (this.#state !== "afraid" || event?.kind !== "registered") return event;
      const registration = this.#registration!;
      const first = this.snapshot(0 as Instant).links[0]!.responder.registrations[0]!;
      this.#state = "over";
      const [record] = first.records;
      if (record === undefined) return event;
      const rival = { address: "192.0.2.1", record } as never;
      const { link } = event;
      return { kind: "conflicted", registration, link, name: record.name, rival };
    }
  }
  expect(broken(Timid)).toContain("nobody is renamed without a rival");
});

test("an engine that says no goodbye is found", () => {
  class Silent extends MdnsEngine {
    override pollTransmit(): OutboundDatagram | undefined {
      return changed(super.pollTransmit(), (message) => ({
        ...message,
        answers: message.answers.map((record) =>
          record.ttl === 0 ? { ...record, ttl: 9 } : record,
        ),
      }));
    }
  }
  expect(broken(Silent)).toContain("goodbyes take effect");
});

test("an engine that repeats its packets is found", () => {
  class Stutterer extends MdnsEngine {
    #last: OutboundDatagram | undefined;
    override pollTransmit(): OutboundDatagram | undefined {
      const again = this.#last;
      this.#last = again === undefined ? super.pollTransmit() : undefined;
      return again ?? this.#last;
    }
  }
  expect(broken(Stutterer)).toContain("rate limits are kept");
});

test("an engine that sends what RFC 6762 §18 forbids is found", () => {
  class Recursive extends MdnsEngine {
    override pollTransmit(): OutboundDatagram | undefined {
      return changed(super.pollTransmit(), (message) => ({
        ...message,
        flags: message.flags | Flag.RD,
      }));
    }
  }
  expect(broken(Recursive)).toContain("packets are as RFC 6762 §17 and §18 want them");
});

test("an engine that keeps ever more is found", () => {
  class Hoarder extends MdnsEngine {
    readonly #kept: number[] = [];
    override handleDatagram(datagram: InboundDatagram, now: Instant): void {
      if (isResponse(datagram.octets)) this.#kept.push(now);
      super.handleDatagram(datagram, now);
    }
    override snapshot(now: Instant): ReturnType<MdnsEngine["snapshot"]> {
      const { counters, links } = super.snapshot(now);
      return { counters, links: links.map((link) => ({ ...link, kept: [...this.#kept] })) };
    }
  }
  expect(broken(Hoarder)).toContain("nothing grows without bound");
});
