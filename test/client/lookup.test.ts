import { ALL, type LookupAddress, V4MAPPED } from "node:dns";
import { createServer, get, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLookup, type LookupSources } from "../../src/client/lookup.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import type { FailureReason } from "../../src/runtime/directory.ts";
import { addresses, FakeDirectory, notFound } from "../fake-directory.ts";

const directory = new FakeDirectory({
  addresses: ({ name, family }) => {
    if (name === "printer.local" || name === "printer") {
      const all = ["fe80::1", "2001:db8::1", "192.0.2.7"];
      const wanted = (address: string) =>
        family === "any" || address.includes(":") === (family === "ipv6");
      return addresses(name, all.filter(wanted));
    }
    if (name === "v4.local") {
      return family === "ipv6" ? notFound("no-data") : addresses(name, ["192.0.2.7"]);
    }
    if (name === "web.local") return addresses(name, ["127.0.0.1"]);
    if (name === "kept.local") return addresses(name, ["2001:db8::99"]);
    if (name === "lonely.local") return new DotlocalError("NO_LINK", "no usable link");
    if (name === "fault.local") return new DotlocalError("SYSTEM", "the daemon hung up");
    return notFound((/^(.*)\.local$/.exec(name)?.[1] ?? "no-such-name") as FailureReason);
  },
});

const hosts = {
  addressesOf: (name: string) => (name === "kept.local" ? ["192.0.2.200" as never] : []),
};

const KNOWN_THERE: Readonly<Record<string, LookupAddress[]>> = {
  "www.example.com": [
    { address: "2001:db8::80", family: 6 },
    { address: "198.51.100.80", family: 4 },
  ],
  db: [{ address: "172.16.0.2", family: 4 }],
};

const system = vi.fn<LookupSources["system"]>((hostname, _options, callback) => {
  const found = KNOWN_THERE[hostname];
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
    code: "ENOTFOUND",
  });
  setImmediate(() => (found === undefined ? callback(error, []) : callback(null, found)));
});

const lookup = createLookup({ directory, hosts, system });

/** Called with whatever a program may give it. */
const anyLookup = lookup as unknown as (...args: readonly unknown[]) => unknown;

type Arguments = [NodeJS.ErrnoException | null, (string | LookupAddress[])?, number?];

function call(...args: readonly unknown[]): Promise<Arguments> {
  return new Promise((resolve) => {
    anyLookup(...args, (...given: Arguments) => resolve(given));
  });
}

describe("a name of the link is found on the link, in every call form of dns.lookup", () => {
  const link = { address: "fe80::1%eth0", family: 6 };
  const global = { address: "2001:db8::1", family: 6 };
  const ipv4 = { address: "192.0.2.7", family: 4 };

  test.each<[string, readonly unknown[], Arguments]>([
    ["no options", [], [null, "fe80::1%eth0", 6]],
    ["a family", [4], [null, "192.0.2.7", 4]],
    ["family 0", [0], [null, "fe80::1%eth0", 6]],
    ["an object", [{ family: 6 }], [null, "fe80::1%eth0", 6]],
    ["a family in words", [{ family: "IPv4" }], [null, "192.0.2.7", 4]],
    ["empty options", [{}], [null, "fe80::1%eth0", 6]],
    ["undefined options", [undefined], [null, "fe80::1%eth0", 6]],
    ["all", [{ all: true }], [null, [link, global, ipv4]]],
    ["all of a family", [{ all: true, family: 4 }], [null, [ipv4]]],
    ["verbatim", [{ all: true, verbatim: true }], [null, [link, global, ipv4]]],
    ["not verbatim", [{ all: true, verbatim: false }], [null, [ipv4, link, global]]],
    ["ipv4first", [{ all: true, order: "ipv4first" }], [null, [ipv4, link, global]]],
    ["ipv6first", [{ all: true, order: "ipv6first" }], [null, [link, global, ipv4]]],
    ["one of ipv4first", [{ order: "ipv4first" }], [null, "192.0.2.7", 4]],
  ])("%s", async (_title, args, expected) => {
    expect(await call("printer.local", ...args)).toEqual(expected);
  });

  test("the callback comes later, never within the call", async () => {
    let isReturned = false;
    const done = new Promise<boolean>((resolve) => {
      lookup("192.0.2.1", () => resolve(isReturned));
    });
    isReturned = true;
    expect(await done).toBe(true);
  });

  test("V4MAPPED and ALL give IPv4 addresses to who wants IPv6", async () => {
    expect(await call("v4.local", { family: 6, hints: V4MAPPED })).toEqual([
      null,
      "::ffff:192.0.2.7",
      6,
    ]);
    expect(await call("printer.local", { family: 6, hints: V4MAPPED, all: true })).toEqual([
      null,
      [link, global],
    ]);
    expect(await call("printer.local", { family: 6, hints: V4MAPPED | ALL, all: true })).toEqual([
      null,
      [link, global, { address: "::ffff:192.0.2.7", family: 6 }],
    ]);
  });

  test("util.promisify gives what dns.promises.lookup gives", async () => {
    const promised = promisify(lookup) as unknown as (...args: unknown[]) => Promise<unknown>;
    expect(await promised("printer.local", 4)).toEqual({ address: "192.0.2.7", family: 4 });
    expect(await promised("printer.local", { all: true, family: 4 })).toEqual([ipv4]);
    await expect(promised("no-such-name.local")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("what is not on the link is found as before", () => {
  test("a name of the DNS is left to the system", async () => {
    const before = directory.questions.length;
    expect(await call("www.example.com", { family: 0 })).toEqual([null, "2001:db8::80", 6]);
    expect(directory.questions).toHaveLength(before);
  });

  test("a name of one label is the system's first, then the link's", async () => {
    expect(await call("db")).toEqual([null, "172.16.0.2", 4]);
    expect(await call("printer", 4)).toEqual([null, "192.0.2.7", 4]);
  });

  test("what /etc/hosts says goes before the link, a family at a time", async () => {
    expect(await call("kept.local")).toEqual([null, "192.0.2.200", 4]);
    expect(await call("kept.local", 6)).toEqual([null, "2001:db8::99", 6]);
  });

  test("literal addresses and no name at all are answered as Node answers them", async () => {
    expect(await call("fe80::1%eth0")).toEqual([null, "fe80::1%eth0", 6]);
    expect(await call("192.0.2.1", { all: true })).toEqual([
      null,
      [{ address: "192.0.2.1", family: 4 }],
    ]);
    expect(await call("")).toEqual([null, null, 4]);
    expect(await call("", { all: true })).toEqual([null, []]);
  });
});

describe("failures are those of dns.lookup", () => {
  test.each([
    ["no-such-name.local", "ENOTFOUND", -3008],
    ["no-data.local", "ENOTFOUND", -3008],
    ["refused.local", "ENOTFOUND", -3008],
    ["timed-out.local", "EAI_AGAIN", -3001],
    ["unavailable.local", "EAI_AGAIN", -3001],
    ["lonely.local", "EAI_AGAIN", -3001],
    ["fault.local", "EAI_FAIL", -3004],
  ])("%s: %s", async (hostname, code, errno) => {
    system.mockClear();
    const [error, address] = await call(hostname);
    expect(error).toMatchObject({ code, errno, hostname, syscall: "getaddrinfo" });
    expect(error!.message).toBe(`getaddrinfo ${code} ${hostname}`);
    expect(address).toBeUndefined();
    expect(system).not.toHaveBeenCalled();
  });

  test("no address of the family that is wanted is not found", async () => {
    const [error] = await call("v4.local", 6);
    expect(error).toMatchObject({ code: "ENOTFOUND" });
  });

  test.each([
    [[5], "ERR_INVALID_ARG_TYPE"],
    [["printer.local"], "ERR_INVALID_ARG_TYPE"],
    [["printer.local", { family: 7 }, () => {}], "ERR_INVALID_ARG_VALUE"],
    [["printer.local", { hints: 1 << 30 }, () => {}], "ERR_INVALID_ARG_VALUE"],
    [["printer.local", { order: "random" }, () => {}], "ERR_INVALID_ARG_VALUE"],
    [["printer.local", { all: "yes" }, () => {}], "ERR_INVALID_ARG_TYPE"],
    [["printer.local", "IPv4", () => {}], "ERR_INVALID_ARG_TYPE"],
  ])("wrong arguments throw: %j", (args, code) => {
    expect(() => anyLookup(...args)).toThrow(expect.objectContaining({ code }));
  });
});

describe("as the lookup of", () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });

  afterAll(() => {
    server.close();
  });

  test("http.get", async () => {
    const status = await new Promise((resolve, reject) => {
      get({ hostname: "web.local", port, lookup }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
    });
    expect(status).toBe(200);
  });

  test("fetch through an agent of undici", async () => {
    const dispatcher = new Agent({ connect: { lookup } });
    const response = await fetch(`http://web.local:${port}/`, { dispatcher });
    expect(await response.text()).toBe("hello");
    const failed = fetch(`http://no-such-name.local:${port}/`, { dispatcher });
    await expect(failed).rejects.toMatchObject({ cause: { code: "ENOTFOUND" } });
    await dispatcher.close();
  });

  test.each([true, false])("net.connect, autoSelectFamily %s", async (autoSelectFamily) => {
    const options = { host: "web.local", port, lookup, autoSelectFamily };
    const socket = connect(options);
    await new Promise((resolve, reject) => socket.on("connect", resolve).on("error", reject));
    expect(socket.remoteAddress).toBe("127.0.0.1");
    socket.destroy();
  });
});
