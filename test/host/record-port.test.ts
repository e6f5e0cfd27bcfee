import { describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import { type Instant, milliseconds } from "../../src/core/time.ts";
import type { RecordQuerySpec } from "../../src/dnssd/record-port.ts";
import { RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink } from "./host-kit.ts";

const ETH0 = makeLink({ id: 2 });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });

const BROWSE: RecordQuerySpec = {
  name: Name.parse("_ipp._tcp.local"),
  type: RecordType.PTR,
  links: "all",
};
const LASER = ["shared _ipp._tcp.local 4500 PTR Laser._ipp._tcp.local"];

/** Answers that came and went, with their link. */
function changes(kit: HostKit): string[] {
  return kit.events("record").flatMap(({ event }) => {
    if (event.kind !== "answer-added" && event.kind !== "answer-removed") return [];
    const { link, record } = event.answer;
    const target = record.data.kind === "PTR" ? record.data.name.firstLabel : "";
    return [`${event.kind === "answer-added" ? "+" : "-"}${target}%${link}`];
  });
}

describe("a standing question", () => {
  it("tells answers as they come and go, on links that come later too", () => {
    const kit = new HostKit({ mdnsMode: "resolve" }, [ETH0]);
    kit.engine.startQuery(BROWSE, kit.instant);
    kit.hear(LASER);
    kit.useLinks([ETH0, ETH1]);
    kit.hear(LASER, { link: ETH1 });
    kit.useLinks([ETH0]);
    expect(changes(kit)).toEqual(["+Laser%2", "+Laser%3", "-Laser%3"]);
  });

  it("can be confined to links, those that come later too", () => {
    const kit = new HostKit({ mdnsMode: "resolve" }, [ETH0]);
    const links = ({ name }: { name: string }) => name === "eth1";
    const id = kit.engine.startQuery({ ...BROWSE, links }, kit.instant);
    kit.useLinks([ETH0, ETH1]);
    kit.hear(LASER);
    kit.hear(LASER, { link: ETH1 });
    kit.advance(2000);
    expect(changes(kit)).toEqual(["+Laser%3"]);
    expect(kit.engine.answers(id, kit.instant)).toHaveLength(1);
    expect(new Set(kit.sent.map(({ datagram }) => datagram.link))).toEqual(new Set([ETH1.id]));
  });

  it("tells at once what is known already, and nothing after it is stopped", () => {
    const kit = new HostKit({ mdnsMode: "resolve" }, [ETH0]);
    const first = kit.engine.startQuery(BROWSE, kit.instant);
    kit.hear(LASER);
    kit.engine.startQuery(BROWSE, kit.instant);
    kit.drain();
    expect(changes(kit)).toEqual(["+Laser%2", "+Laser%2"]);
    kit.engine.stopQuery(first, kit.instant);
    kit.hear(["shared _ipp._tcp.local 4500 PTR Ink._ipp._tcp.local"]);
    expect(changes(kit).slice(2)).toEqual(["+Ink%2"]);
  });

  it("asks nothing while Multicast DNS is off, and goes on when it is back", () => {
    const kit = new HostKit({ mdnsMode: "off" }, [ETH0]);
    kit.engine.startQuery(BROWSE, kit.instant);
    kit.hear(LASER);
    kit.advance(5000);
    expect(kit.sent).toEqual([]);
    expect(changes(kit)).toEqual([]);
    kit.apply({ mdnsMode: "resolve" });
    kit.advance(200);
    expect(kit.questionsSent()).toHaveLength(1);
  });
});

it("a run is the same each time for one seed", () => {
  const run = () => {
    const kit = new HostKit({ aliases: ["nas"] }, [ETH0, ETH1], { random: new SeededRandom(3) });
    kit.engine.lookup(
      {
        name: Name.parse("nobody.local"),
        family: "any",
        links: "all",
        timeout: milliseconds(2000),
      },
      0 as Instant,
    );
    kit.advance(60_000);
    return kit.sent.map(({ at, datagram }) => `${at} ${datagram.link} ${datagram.octets}`);
  };
  expect(run()).toEqual(run());
});
