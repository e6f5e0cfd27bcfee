import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { LOOKUPS_ACTIVE_MAX, LOOKUPS_WAITING_MAX } from "../../src/llmnr/constants.ts";
import type { LlmnrEvent } from "../../src/llmnr/types.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { LlmnrKit, makeLink } from "./llmnr-kit.ts";

function outcomes(kit: LlmnrKit) {
  return kit.events.flatMap((event: LlmnrEvent) =>
    event.kind === "lookup-done" ? [event.outcomes] : [],
  );
}

/** The data of the answers of the last look-up, in order. */
function told(kit: LlmnrKit): string[] {
  return (outcomes(kit).at(-1) ?? []).flatMap((outcome) =>
    outcome.state === "answered"
      ? outcome.answers.map(({ record }) => formatRecordData(record.data))
      : [outcome.state],
  );
}

describe("the LLMNR sender", () => {
  it("§2.2: records are told in the order of the response", () => {
    const kit = new LlmnrKit();
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    kit.answer(kit.query(RecordType.A), [
      "beta. 30 A 192.0.2.30",
      "beta. 30 A 192.0.2.10",
      "beta. 30 A 192.0.2.20",
    ]);
    kit.advance(30);
    expect(told(kit)).toEqual(["192.0.2.30", "192.0.2.10", "192.0.2.20"]);
  });

  it("follows aliases within a response, and takes nothing else from it", () => {
    const kit = new LlmnrKit();
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    kit.answer(kit.query(RecordType.A), [
      "beta. 30 CNAME gamma.",
      "gamma. 30 A 192.0.2.9",
      "other. 30 A 192.0.2.66",
    ]);
    kit.advance(30);
    expect(told(kit)).toEqual(["gamma.", "192.0.2.9"]);
  });

  it("§2.4: a response by UDP to a query by TCP is not used", () => {
    const kit = new LlmnrKit();
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    const udp = kit.query(RecordType.A);
    kit.answer(udp, [], { flags: Flag.TC });
    const tcp = kit.query(RecordType.A, "tcp");
    expect(tcp.spec).toMatchObject({ destination: { address: "192.0.2.9", port: 5355 } });
    // It has the id of the query by TCP, and comes to the port of the one by UDP.
    kit.answer(tcp, ["beta. 30 A 192.0.2.66"], { on: udp.exchange });
    kit.advance(10);
    expect(outcomes(kit)).toEqual([]);
    kit.answer(tcp, ["beta. 30 A 192.0.2.9"]);
    kit.advance(30);
    expect(told(kit)).toEqual(["192.0.2.9"]);
  });

  it("§2.5: TCP has a hop limit of one, and each query its own id and socket", () => {
    const kit = new LlmnrKit(makeLink(1, "192.0.2.1", "fe80::1"));
    kit.resolve("9.2.0.192.in-addr.arpa", RecordType.PTR);
    expect(kit.query(RecordType.PTR, "tcp").spec).toMatchObject({
      hopLimit: 1,
      from: "192.0.2.1",
    });
    kit.resolve("beta", RecordType.A, RecordType.AAAA);
    kit.advance(110);
    const udp = kit.sent.filter(({ spec }) => spec?.transport === "udp");
    expect(udp).toHaveLength(4);
    expect(new Set(udp.map(({ exchange }) => exchange)).size).toBe(4);
    expect(new Set(udp.map(({ message }) => message.id)).size).toBe(4);
  });

  it("closes every socket once a look-up and its watch are over", () => {
    const kit = new LlmnrKit(makeLink(1, "192.0.2.1", "fe80::1"));
    kit.resolve("nobody", RecordType.A, RecordType.AAAA);
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    kit.answer(kit.query(RecordType.A), ["beta. 30 A 192.0.2.9"]);
    kit.advance(5000);
    expect([...kit.open.keys()]).toEqual([]);
    expect(kit.engine.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("begins look-ups beyond its bound when others have ended, and refuses too many", () => {
    const kit = new LlmnrKit();
    const count = LOOKUPS_ACTIVE_MAX + LOOKUPS_WAITING_MAX;
    for (let index = 0; index < count; index++) kit.resolve(`name-${index}`, RecordType.A);
    expect(kit.open.size).toBe(LOOKUPS_ACTIVE_MAX);
    expect(outcomes(kit)).toEqual([]);
    kit.resolve("one-too-many", RecordType.A);
    expect(outcomes(kit)).toHaveLength(1);
    kit.advance(60_000);
    expect(outcomes(kit)).toHaveLength(count + 1);
    expect(kit.open.size).toBe(0);
  });

  it("tells nothing of a look-up that was cancelled, waiting or under way", () => {
    const kit = new LlmnrKit();
    const first = kit.resolve("first", RecordType.A);
    for (let index = 1; index < LOOKUPS_ACTIVE_MAX; index++)
      kit.resolve(`n-${index}`, RecordType.A);
    const waiting = kit.resolve("waiting", RecordType.A);
    kit.do((engine, now) => engine.cancelLookup(waiting, now));
    kit.do((engine, now) => engine.cancelLookup(first, now));
    kit.advance(5000);
    expect(outcomes(kit)).toHaveLength(LOOKUPS_ACTIVE_MAX - 1);
    expect(kit.sent.some(({ message }) => String(message.questions[0]!.name) === "waiting")).toBe(
      false,
    );
  });

  it("ends look-ups on a link that goes as if nobody had answered there", () => {
    const kit = new LlmnrKit();
    kit.resolve("beta", RecordType.A);
    kit.advance(50);
    kit.do((engine, now) => engine.handleLinks([], now));
    kit.advance(1000);
    expect(told(kit)).toEqual(["silent"]);
    expect(kit.open.size).toBe(0);
  });

  it("a look-up without a link that could be asked is silent at its end", () => {
    const kit = new LlmnrKit();
    kit.do((engine, now) => engine.handleLinks([], now));
    kit.resolve("beta", RecordType.A);
    kit.advance(1000);
    expect(told(kit)).toEqual(["silent"]);
  });

  it("takes no more than its bound of responses to one query", () => {
    const kit = new LlmnrKit();
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    const query = kit.query(RecordType.A);
    for (let host = 2; host < 102; host++) {
      const source = `192.0.2.${host}` as IpAddress;
      kit.answer(query, ["beta. 30 A 192.0.2.9"], { source });
    }
    expect(kit.counter("discarded-responses-overflow")).toBe(68);
    kit.advance(300);
    expect(told(kit)).toEqual(["192.0.2.9"]);
  });
});
