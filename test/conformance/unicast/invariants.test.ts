/**
 * Whatever the servers do, drop, forge, refuse or delay: every question is settled once and in time,
 * nothing that is forged or truncated is ever given out, and nothing is left over.
 */

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/core/random.ts";
import { type Asked, type Behaviour, Resolver, SOA, server } from "../../unicast/resolver-kit.ts";

const FORGED = "203.0.113.66";
const TC_AND_RA = 0x0280;

/** A server that does something else with each question. */
function erratic(random: SeededRandom): Behaviour {
  return (asked: Asked) => {
    const { name } = asked.query.questions[0]!;
    const owner = name.isRoot ? "." : `${name}.`;
    const sound = { answers: [`${owner} ${random.integer(0, 40)} IN A 198.51.100.1`] };
    const forged = { answers: [`${owner} 9999 IN A ${FORGED}`] };
    const isUdp = asked.server.transport === "udp";
    switch (random.integer(0, 15)) {
      case 0:
      case 1:
        return undefined;
      case 2:
        return { ended: "ECONNREFUSED" };
      case 3:
        return isUdp ? { ...forged, flags: TC_AND_RA } : sound;
      case 4:
        return { code: 2 };
      case 5:
        return { code: 3, authorities: [SOA] };
      case 6:
        return { authorities: [SOA] };
      case 7:
        return asked.edns === "absent" ? sound : { code: 1, edns: "absent" };
      case 8:
        return [
          { ...forged, alter: (message) => ({ ...message, id: message.id ^ 0x55 }) },
          { ...forged, from: { address: "192.0.2.99", port: 53 } },
          sound,
        ];
      case 9:
        return { answers: [`${owner} 20 IN CNAME n${random.integer(0, 30)}.example.`] };
      case 10:
        return { octets: asked.octets.slice(0, random.integer(0, asked.octets.length)) };
      case 11:
        return isUdp ? sound : { ended: "ECONNRESET" };
      case 12:
        return [sound, sound, forged];
      default:
        return sound;
    }
  };
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("with seed %i", (seed) => {
  test("questions are settled once, in time, truthfully, and nothing is left over", () => {
    const random = new SeededRandom(seed);
    const resolver = new Resolver({ staleTtl: 60, rotateServers: seed % 2 === 0 }, seed);
    const servers = [1, 2, 3].map((last) =>
      resolver.serve(`192.0.2.${last}`, erratic(random), random.integer(1, 80) ** 2 / 4),
    );
    resolver.use("192.0.2.1", "192.0.2.2", server("192.0.2.3", { transport: "tcp" }));
    const startedAt = new Map<number, number>();
    for (let count = 0; count < 400; count++) {
      const id = resolver.resolve(`n${random.integer(0, 40)}.example`);
      startedAt.set(id, resolver.now);
      resolver.advance(random.integer(0, 400));
      if (count % 50 === 49) servers[random.integer(0, 2)]!.latency = random.integer(1, 2000);
      if (count === 200) resolver.engine.handleNetworkChange(resolver.now as never);
    }
    resolver.advance(180_000);

    const settled = resolver.events.map(({ event }) => event.id as number);
    expect(settled.length).toBe(startedAt.size);
    expect(new Set(settled).size).toBe(startedAt.size);
    for (const { at, event } of resolver.events) {
      // Each name of a chain has the whole time of a question.
      expect(at - startedAt.get(event.id)!).toBeLessThanOrEqual(10_000 * 16);
      if (event.kind === "answered") {
        expect(JSON.stringify(event.answer.message.answers)).not.toContain(FORGED);
      }
    }
    const { questions, waiting, exchanges } = resolver.engine.snapshot();
    expect({ questions, waiting, exchanges }).toEqual({ questions: 0, waiting: 0, exchanges: 0 });
    expect(resolver.closed.size).toBeLessThanOrEqual(resolver.asked.length);
  });

  test("equal seeds give equal runs", () => {
    const run = () => {
      const random = new SeededRandom(seed);
      const resolver = new Resolver({}, seed);
      resolver.serve("192.0.2.1", erratic(random), 30);
      resolver.serve("192.0.2.2", erratic(random), 60);
      resolver.use("192.0.2.1", "192.0.2.2");
      for (let count = 0; count < 60; count++) {
        resolver.resolve(`n${random.integer(0, 20)}.example`);
        resolver.advance(random.integer(0, 500));
      }
      resolver.advance(60_000);
      return [resolver.trace, resolver.asked.map(({ query }) => query.id)];
    };
    expect(run()).toEqual(run());
  });
});
