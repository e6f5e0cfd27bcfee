import { describe, expect, it } from "vitest";
import { HostKit, makeLink } from "./host-kit.ts";

const NIGHT = 8 * 3_600_000;

/** RFC 6762 §8.1, §8.3: three probes and two announcements, in two families. */
const CLAIM_PACKETS = 2 * (3 + 2);

/** A host that has its name, and is quiet. */
function quietHost(): HostKit {
  const kit = new HostKit({ llmnrMode: "off" });
  kit.advance(10_000);
  return kit;
}

/** The clock of production counts the time that the host sleeps: nothing is handled meanwhile. */
function suspend(kit: HostKit, duration = NIGHT): void {
  kit.now += duration;
  kit.engine.handleWake(kit.instant);
  kit.drain();
}

describe("a host that was suspended", () => {
  it("§8: claims its name anew and keeps it, night after night, with no more packets than a start", () => {
    const kit = quietHost();
    for (let night = 0; night < 100; night++) {
      const sentBefore = kit.sent.length;
      suspend(kit);
      kit.advance(10_000);
      expect(kit.sent.length - sentBefore).toBeLessThanOrEqual(CLAIM_PACKETS);
    }
    expect(kit.events("renamed")).toEqual([]);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1.local");
    expect(kit.events("name-registered")).toHaveLength(101);
  });

  it("is not renamed by what it said before it slept, though its address is another now", () => {
    const kit = quietHost();
    const old = kit.answersSent();
    expect(old.length).toBeGreaterThan(0);
    suspend(kit);
    kit.useLinks([makeLink({ addresses: ["192.0.2.55/24"] })]);
    kit.advance(100);
    kit.hear(["node-1.local. 120 A 192.0.2.1"], { source: "192.0.2.1" as never });
    kit.advance(10_000);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1.local");
    expect(kit.answersSent(kit.now - 9_000).join("\n")).toContain("192.0.2.55");
  });

  it("leaves a name that another took in the night to it, and takes it back when that one goes", () => {
    const kit = quietHost();
    suspend(kit);
    for (let times = 0; times < 20; times++) {
      kit.hear(["node-1.local. 120 A 192.0.2.99"]);
      kit.advance(250);
    }
    kit.advance(10_000);
    expect(kit.events("renamed")).toMatchObject([{ from: "node-1", to: "node-1-2" }]);
    suspend(kit);
    kit.advance(NIGHT);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1.local");
  });
});
