import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import type { QueryId } from "../../src/mdns/types.ts";
import { name, QuerierLink, record } from "./querier-link.ts";

const HOSTS = ["a.local.", "b.local.", "_ipp._tcp.local."];
const TYPES = ["A", "AAAA", "PTR", "CNAME", "NSEC", "ANY"];
const DATA: Record<string, readonly string[]> = {
  A: ["192.0.2.7", "192.0.2.8"],
  AAAA: ["2001:db8::7", "2001:db8::8"],
  PTR: ["a.local.", "A.local.", "b.local."],
  CNAME: ["a.local.", "b.local."],
  NSEC: ["a.local. A", "a.local. A AAAA", "b.local. CNAME"],
};

/** A client that checks that it is told each answer once, and believes what it is told. */
class Clients {
  readonly running = new Map<QueryId, Set<string>>();

  tell(events: readonly string[]): void {
    for (const event of events) {
      const match = /^([+-]) (\d+) (.*)$/.exec(event);
      if (match === null) continue;
      const [, sign, id, text] = match;
      const told = this.running.get(Number(id) as QueryId);
      if (told === undefined) continue;
      const key = identity(text!);
      if (told.has(key) === (sign === "+")) throw new Error(`told again: ${event}`);
      if (sign === "+") told.add(key);
      else told.delete(key);
    }
  }
}

/** A record's text without its ttl and cache-flush bit, in lower case. */
function identity(text: string): string {
  return text
    .replace(/ own$/, "")
    .replace(/ \d+ IN(\+flush)? /, " ")
    .toLowerCase();
}

describe("whatever happens on a link", () => {
  test.each([1, 2, 3, 4, 5])(
    "each answer is told once when it comes and goes (seed %i)",
    (seed) => {
      const random = new SeededRandom(seed);
      const pick = <T>(items: readonly T[]): T => items[random.integer(0, items.length - 1)]!;
      const link = new QuerierLink({ cacheSizeMax: pick([5, 20, 1000]) });
      const clients = new Clients();
      const anyRecord = (): string => {
        const type = pick(Object.keys(DATA));
        const flush = pick(["", "+flush"]);
        return `${pick(HOSTS)} ${pick([0, 1, 3, 20, 120])} IN${flush} ${type} ${pick(DATA[type]!)}`;
      };
      const records = () => Array.from({ length: random.integer(1, 4) }, anyRecord);
      const actions: (() => void)[] = [
        () => link.respond(...records()),
        () => link.respond(...records()),
        () => link.receiveResponse({ answers: records(), additionals: records(), unicast: true }),
        () => link.overhear([`${pick(HOSTS)} ${pick(TYPES)}`], { knownAnswers: records() }),
        () => {
          const id = link.start(`${pick(HOSTS)} ${pick(TYPES)}`, pick(["continuous", "one-shot"]));
          clients.running.set(id, new Set());
        },
        () => {
          const id = pick([...clients.running.keys()]);
          if (id === undefined) return;
          link.stop(id);
          clients.running.delete(id);
        },
        () =>
          link.querier.reconfirm({ name: name(pick(HOSTS)), type: pick([1, 12, 28]) }, link.now),
        () =>
          pick([() => link.querier.handleReset(link.now), () => link.querier.flush(link.now)])(),
        () => {
          const text = anyRecord().replace(/ \d+ /, " 120 ");
          if (text.includes("NSEC")) return;
          if (link.isOurs(record(text))) link.withdraw(text);
          else link.publish(text);
        },
      ];

      for (let step = 0; step < 1500; step++) {
        pick(actions)();
        link.run(pick([0, 0, 10, 300, 1000, 7000]));
        clients.tell(link.takeEvents());
        for (const [id, told] of clients.running) {
          expect(new Set(link.answers(id).map(identity))).toEqual(told);
        }
      }
      for (const id of clients.running.keys()) link.stop(id);
      link.run(200_000);
      expect(link.querier.cacheSize).toBe(0);
      expect(link.pending).toBe(0);
      expect(link.querier.snapshot(link.now).questions).toEqual([]);
    },
  );
});
