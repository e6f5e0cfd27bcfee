/**
 * CVE-2025-68276, CVE-2026-34933: flags that contradict each other, or that ask for what is switched
 * off, ended another daemon. Here every call of systemd-resolved's interface is made with every flag
 * alone, with every two of them, and with many at random, known and unknown ones.
 */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import { resolveInterface } from "../../src/servers/resolved/resolve-interface.ts";
import { VarlinkServer } from "../../src/servers/resolved/varlink-server.ts";
import { VarlinkService } from "../../src/servers/resolved/varlink-service.ts";
import { VarlinkClient } from "../e2e/kit/varlink.ts";
import { addresses, FakeDirectory, names, notFound, records } from "../fake-directory.ts";
import { listen } from "./socket-pair.ts";

/** SD_RESOLVED_* has some 27 bits; those above are nobody's. */
const BITS = Array.from({ length: 34 }, (_, bit) => 2 ** bit);
const RANDOM_COUNT = 300;

const random = new SeededRandom(1);
const combinations = [
  ...[0, Number.MAX_SAFE_INTEGER],
  ...BITS,
  ...BITS.flatMap((first, index) => BITS.slice(index + 1).map((second) => first + second)),
  ...Array.from({ length: RANDOM_COUNT }, () =>
    BITS.reduce((sum, bit) => sum + random.integer(0, 1) * bit, 0),
  ),
];

const WEB = "Web._http._tcp.local";
const calls = [
  ["ResolveHostname", { name: "printer.local" }],
  ["ResolveHostname", { name: "192.0.2.1" }],
  ["ResolveAddress", { family: 2, address: [192, 0, 2, 7] }],
  ["ResolveRecord", { name: "printer.local", type: 1 }],
  ["ResolveService", { domain: WEB }],
  ["ResolveService", { domain: "nobody.local" }],
] as const;

const faults: unknown[] = [];
let server: VarlinkServer;
let listener: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const directory = new FakeDirectory({
    addresses: ({ name }) =>
      name === "printer.local" ? addresses(name, ["192.0.2.7"]) : notFound("unavailable"),
    names: () => names("printer.local"),
    records: ({ name, type }) => {
      if (name === WEB && type === "SRV") return records(name, ["SRV", "0 0 80 printer.local."]);
      if (name === WEB && type === "TXT") return records(name, ["TXT", '"path=/"']);
      return type === "A" ? records(name, ["A", "192.0.2.7"]) : notFound("no-such-name");
    },
  });
  const interfaces = {
    indexOf: () => 2,
    nameOf: (index: number) => (index === 2 ? "eth0" : undefined),
  };
  const service = new VarlinkService([resolveInterface({ directory, interfaces })]);
  server = new VarlinkServer({ service, onFault: (fault) => faults.push(fault) });
  listener = await listen((socket) => server.accept(socket));
});

afterAll(async () => {
  server.close();
  await listener[Symbol.asyncDispose]();
});

describe("each combination of flags", () => {
  test.each(calls)("is answered by %s of %j, or refused", async (method, asked) => {
    using client = new VarlinkClient(listener.path);
    for (const flags of combinations) {
      const limits = { flags, ifindex: [0, 2, 9][random.integer(0, 2)] };
      const family = "family" in asked ? {} : { family: [0, 2, 10][random.integer(0, 2)] };
      const reply = await client.call(`io.systemd.Resolve.${method}`, {
        ...asked,
        ...(method === "ResolveHostname" ? family : {}),
        ...limits,
      });
      expect(reply?.parameters, `flags ${flags}`).toBeDefined();
    }
    expect(faults).toEqual([]);
  });
});
