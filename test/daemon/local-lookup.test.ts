import type { LookupAddress } from "node:dns";
import { describe, expect, test } from "vitest";
import { localLookup } from "../../src/daemon/local-lookup.ts";
import type { AddressQuery, AddressResult } from "../../src/runtime/directory.ts";

const found = (...addresses: [address: string, link: string | null][]): AddressResult => ({
  outcome: "found",
  canonicalName: "cam.local",
  addresses: addresses.map(([address, link]) => ({
    ...{ address, interface: link, ttl: 120, protocol: "mdns" as const, source: null },
  })),
});

function lookUp(result: AddressResult, name: string, all: boolean) {
  const asked: AddressQuery[] = [];
  const lookup = localLookup({
    lookupAddresses: async (query) => {
      asked.push(query);
      return result;
    },
  });
  return new Promise<{ error: Error | null; address: unknown; family: unknown; asked: unknown }>(
    (resolve) => {
      lookup(name, { all }, (error, address, family) => {
        resolve({ error, address, family, asked: asked.map((query) => query.name) });
      });
    },
  );
}

describe("names below .local in conditions", () => {
  test("are asked for by the daemon itself, one address or all", async () => {
    const result = found(["192.0.2.5", "eth0"], ["fe80::5", "eth0"], ["2001:db8::5", "eth0"]);
    expect(await lookUp(result, "cam.local", false)).toMatchObject({
      ...{ error: null, address: "192.0.2.5", family: 4, asked: ["cam.local"] },
    });
    const all = await lookUp(result, "Cam.LOCAL.", true);
    expect(all.address).toEqual<LookupAddress[]>([
      { address: "192.0.2.5", family: 4 },
      { address: "fe80::5%eth0", family: 6 },
      { address: "2001:db8::5", family: 6 },
    ]);
  });

  test("that nobody has are an error as the system's own", async () => {
    const result = { outcome: "not-found", reason: "no-such-name", message: "nobody" } as const;
    const { error } = await lookUp(result, "cam.local", true);
    expect(error).toMatchObject({ code: "ENOTFOUND", message: "cam.local: nobody" });
  });
});

test("other names are the system's", async () => {
  const { asked, address } = await lookUp(found(), "localhost", false);
  expect(asked).toEqual([]);
  expect(address).toMatch(/^(127\.0\.0\.1|::1)$/);
});
