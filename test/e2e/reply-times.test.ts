import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { RecordType } from "../../src/wire/constants.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { answersFor, isFrom } from "./kit/messages.ts";
import { measureReplyTimes, median } from "./kit/reply-times.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

/** Service types, so that none is asked for twice in a second (RFC 6762 §6). */
const TYPES = Array.from({ length: 10 }, (_, index) => `_spread-${index}._tcp`);

const SHARED_QUERIES = 200;
const UNIQUE_QUERIES = 50;

/** Milliseconds: no answer waits for the one before (RFC 6762 §6.4), nor is one of them asked twice. */
const PACE = 130;

/** RFC 6762 §6: milliseconds. */
const DELAY_MIN = 20;
const DELAY_MAX = 120;

/** Milliseconds: rounding of the engine's clock, the way of two packets, and a machine that is busy. */
const EARLINESS = 1;
const LATENESS = 5;
const LATENESS_MAX = 380;

/** Part of the answers that a busy machine may send later than the rule says. */
const LATE_PART = 0.05;

/** A median of answers that are due at once. */
const IMMEDIATE = 20;

function format(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const values = { median: median(times), least: sorted[0]!, most: sorted.at(-1)! };
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(1)} ms`)
    .join(", ");
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(`times of replies, ${title}`, { needs: ["tcpdump"], concurrent: true }, () => {
    test("§6: shared answers come after 20 to 120 ms, evenly spread; unique ones at once", async ({
      annotate,
    }) => {
      await using lan = await Lan.create();
      const [responder, asker] = [await lan.host("alpha"), await lan.host("asker")];
      await prepare(responder);
      const capture = await Capture.start(lan);
      const services = TYPES.map((type) => [`${type}.yaml`, { name: "Web", type, port: 80 }]);
      await Daemon.start(responder, { services: Object.fromEntries(services) });
      for (const type of TYPES) {
        const isAnnounced = (packet: Parameters<typeof answersFor>[1]) =>
          isFrom(responder, packet) && answersFor(`${type}.local`, packet).length > 0;
        await capture.until(isAnnounced);
      }
      await setTimeout(2500);

      const asked = (count: number, prefix: string, type: number) =>
        Array.from({ length: count }, (_, index) => {
          return { name: `${prefix}${TYPES[index % TYPES.length]}.local`, type };
        });
      const common = { capture, asker, responder, pace: PACE };
      const shared = await measureReplyTimes({
        ...common,
        questions: asked(SHARED_QUERIES, "", RecordType.PTR),
      });
      await annotate(`shared answers: ${format(shared)}`);
      expect(shared).toHaveLength(SHARED_QUERIES);
      expect(Math.min(...shared)).toBeGreaterThan(DELAY_MIN - EARLINESS);
      expect(Math.max(...shared)).toBeLessThan(DELAY_MAX + LATENESS_MAX);
      const late = shared.filter((time) => time > DELAY_MAX + LATENESS);
      expect(late.length).toBeLessThanOrEqual(SHARED_QUERIES * LATE_PART);
      const quarter = (DELAY_MAX - DELAY_MIN) / 4;
      for (let from = DELAY_MIN; from < DELAY_MAX; from += quarter) {
        const inside = shared.filter((time) => time >= from && time < from + quarter);
        expect(inside.length).toBeGreaterThan(SHARED_QUERIES * 0.1);
        expect(inside.length).toBeLessThan(SHARED_QUERIES * 0.4);
      }

      const unique = await measureReplyTimes({
        ...common,
        questions: asked(UNIQUE_QUERIES, "Web.", RecordType.SRV),
      });
      await annotate(`unique answers: ${format(unique)}`);
      expect(median(unique)).toBeLessThan(IMMEDIATE);
      expect(Math.max(...unique)).toBeLessThan(LATENESS_MAX);
    }, 90_000);
  });
}
