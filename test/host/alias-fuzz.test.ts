import { expect, it } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink } from "./host-kit.ts";

const LINKS = [makeLink({ id: 2 }), makeLink({ id: 3, addresses: ["198.51.100.1/24"] })];

/** Aliases in loops and diamonds, addresses, goodbyes and short TTLs, over few names. */
function randomRecord(random: SeededRandom): string {
  const name = () => `n${random.integer(0, 7)}.local`;
  const ttl = [0, 1, 2, 120][random.integer(0, 3)];
  const kinds = [`CNAME ${name()}`, `CNAME ${name()}`, "A 192.0.2.5", `NSEC ${name()} A`];
  return `${name()} ${ttl} ${kinds[random.integer(0, 3)]}`;
}

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  "look-ups end in time whatever aliases come and go meanwhile (seed %i)",
  (seed) => {
    const random = new SeededRandom(seed);
    const kit = new HostKit({ mdnsMode: "resolve" }, LINKS);
    const begun = new Map<number, number>();
    for (let step = 0; step < 150; step++) {
      const name = Name.parse(`n${random.integer(0, 7)}.local`);
      const family = (["any", "ipv4", "ipv6"] as const)[random.integer(0, 2)]!;
      begun.set(kit.engine.lookup({ name, family, links: "all" }, kit.instant), kit.now);
      const records = Array.from({ length: random.integer(0, 3) }, () => randomRecord(random));
      if (records.length > 0) kit.hear(records, { link: LINKS[random.integer(0, 1)]! });
      kit.advance(random.integer(0, 400));
    }
    kit.advance(3020);
    const ends = kit.said.flatMap(({ at, event }) =>
      event.kind === "lookup-done" ? [{ id: event.lookup, at }] : [],
    );
    expect(ends).toHaveLength(begun.size);
    for (const { id, at } of ends) expect(at - begun.get(id)!).toBeLessThanOrEqual(3000);
    kit.advance(10_000);
    const asked = kit.sent.length;
    kit.advance(60 * 60_000);
    expect(kit.sent).toHaveLength(asked);
    expect(kit.engine.snapshot(kit.instant).lookups.active).toBe(0);
  },
);
