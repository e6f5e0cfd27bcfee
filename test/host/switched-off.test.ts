/**
 * CVE-2025-68276: asking for what is switched off ended another daemon. Here whatever is asked for,
 * by whatever way, with whatever switched off, ends with an outcome.
 */

import { describe, expect, test } from "vitest";
import type { Family, IpAddress } from "../../src/core/ip-address.ts";
import { PLAIN_SERVICE } from "../../src/dnssd/service.ts";
import type { Protocol, ProtocolMode } from "../../src/host/types.ts";
import { RecordClass, RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink } from "./host-kit.ts";

const MODES: readonly ProtocolMode[] = ["full", "resolve", "off"];
const PROTOCOLS: readonly (Protocol | undefined)[] = ["mdns", "llmnr", "unicast", undefined];
const FAMILIES: readonly (Family | "any")[] = ["ipv4", "ipv6", "any"];
const NAMES = ["alpha.local", "alpha", "www.example", "localhost", "node-1.local"];

/** Milliseconds; every look-up has its end by then. */
const PATIENCE = 30_000;

/** Both protocols in every mode, and each family published or not. */
const settings = MODES.flatMap((mdnsMode) =>
  MODES.flatMap((llmnrMode) =>
    [true, false].map((ipv4) => ({ mdnsMode, llmnrMode, ipv4, ipv6: !ipv4 })),
  ),
);

describe.each(settings)("with $mdnsMode mDNS, $llmnrMode LLMNR and IPv4 $ipv4", (chosen) => {
  test.each([[[makeLink()]], [[]]])("each look-up ends: links %#", (links) => {
    const kit = new HostKit(chosen, links);
    kit.advance(2000);
    const asked = PROTOCOLS.flatMap((protocol) => {
      const way = protocol === undefined ? {} : { protocol };
      const limits = { links: "all", ...way } as const;
      return [
        ...NAMES.flatMap((text) =>
          FAMILIES.map((family) =>
            kit.engine.lookup({ name: Name.parse(text), family, ...limits }, kit.instant),
          ),
        ),
        ...NAMES.map((text) =>
          kit.engine.lookupRecords(
            { name: Name.parse(text), type: RecordType.SRV, ...limits },
            kit.instant,
          ),
        ),
        ...["192.0.2.9", "fe80::9"].map((address) =>
          kit.engine.lookupNames({ address: address as IpAddress, ...limits }, kit.instant),
        ),
      ];
    });
    const questions = NAMES.map((text) =>
      kit.engine.answerQuestion(
        {
          ...{ name: Name.parse(text), type: RecordType.A, class: RecordClass.IN },
          ...{ dnssecOk: false, checkingDisabled: false, recursionDesired: true },
        },
        kit.instant,
      ),
    );
    kit.advance(PATIENCE);
    expect(asked.filter((id) => kit.outcome(id) === undefined)).toEqual([]);
    expect(kit.events("question-answered")).toHaveLength(questions.length);
  });

  test("services of a family that is not there are held, browsed for and withdrawn", () => {
    const kit = new HostKit(chosen);
    const domain = Name.parse("local");
    const published = (["ipv4", "ipv6"] as const).map((family) => {
      const spec = { ...PLAIN_SERVICE, type: "_http._tcp", domain, port: 80, family };
      return kit.engine.publishService(
        { instance: `Web ${family}`, services: [spec] },
        kit.instant,
      );
    });
    const browse = kit.engine.browse({ type: "_http._tcp", domain, links: "all" }, kit.instant);
    kit.advance(5000);
    const own = kit.engine.instances(browse).filter((instance) => instance.own);
    expect(own.length).toBe(chosen.mdnsMode === "full" ? 2 : 0);
    for (const id of published) kit.engine.withdrawService(id, kit.instant);
    kit.engine.stopBrowse(browse, kit.instant);
    kit.advance(5000);
    expect(kit.engine.snapshot(kit.instant).services.services).toEqual([]);
  });
});
