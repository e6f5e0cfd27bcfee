import { EventEmitter, on, once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { DotlocalError } from "../../src/core/errors.ts";
import type { FailureReason } from "../../src/runtime/directory.ts";
import type { BrowseEvent } from "../../src/runtime/services.ts";
import { resolveInterface } from "../../src/servers/resolved/resolve-interface.ts";
import {
  VarlinkServer,
  type VarlinkServerOptions,
} from "../../src/servers/resolved/varlink-server.ts";
import { VarlinkService } from "../../src/servers/resolved/varlink-service.ts";
import { VarlinkClient, type VarlinkReply } from "../e2e/kit/varlink.ts";
import { addresses, FakeDirectory, names, notFound, records } from "../fake-directory.ts";
import { listen } from "./socket-pair.ts";

/** SD_RESOLVED_* of resolved-def.h. */
const MDNS_IPV4 = 1 << 3;
const MDNS_IPV6 = 1 << 4;
const NO_TXT = 1 << 6;
const NO_ADDRESS = 1 << 7;
const NO_NETWORK = 1 << 15;
const FROM_NETWORK = 1 << 23;
/** DNS, AUTHENTICATED, CONFIDENTIAL and SYNTHETIC: what systemd-resolved itself answers. */
const LITERAL = 786_945;

const IPV6 = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const WEB = "Web._http._tcp.local";

const service = {
  ...{ interface: "eth0", instance: "Web", type: "_http._tcp", domain: "local" },
  ...{ name: WEB, own: false },
};
const events: readonly BrowseEvent[] = [
  { event: "added", service },
  { event: "removed", service },
];

const directory = new FakeDirectory({
  services: events,
  addresses: ({ name }) => {
    if (name === "printer.local") return addresses(name, ["fe80::1", "192.0.2.7"]);
    if (name === "alias.local") return addresses("Printer.local", ["192.0.2.7"]);
    if (name === "localhost") {
      const local = { interface: null, ttl: 120, protocol: "local", source: null } as const;
      return addresses(name, [{ address: "127.0.0.1", ...local }]);
    }
    if (name === "silent.local") return "silence";
    if (name === "bad..name") return new DotlocalError("INVALID_NAME", "a label is empty");
    if (name === "fault.local") return new TypeError("a fault");
    return notFound((/^(.*)\.local$/.exec(name)?.[1] ?? "no-such-name") as FailureReason);
  },
  names: ({ address }) => (address === "192.0.2.7" ? names("printer.local") : notFound("no-data")),
  records: ({ name, type }) => {
    if (name === WEB && type === "SRV") {
      return records(name, ["SRV", "1 0 81 gone.local."], ["SRV", "0 0 80 printer.local."]);
    }
    if (name === WEB && type === "TXT") return records(name, ["TXT", '"" "path=/" "raw=\\255"']);
    if (name === "none.local" && type === "SRV") return records(name, ["SRV", "0 0 0 ."]);
    if (name === "printer.local" && type === "A") return records(name, ["A", "192.0.2.7"]);
    if (name === "printer.local" && type === "TYPE65280") {
      return records(name, ["TYPE65280", "\\# 2 00ff"]);
    }
    return notFound("no-such-name");
  },
});

const interfaces = {
  indexOf: (name: string) => (name === "eth0" ? 2 : undefined),
  nameOf: (index: number) => (index === 2 ? "eth0" : undefined),
};

function varlinkServer(options: Partial<VarlinkServerOptions> = {}): VarlinkServer {
  return new VarlinkServer({
    service: new VarlinkService([resolveInterface({ directory, interfaces })]),
    onFault: (error) => {
      throw error;
    },
    ...options,
  });
}

async function call(method: string, parameters: object = {}): Promise<VarlinkReply | undefined> {
  const server = varlinkServer();
  await using listener = await listen((socket) => server.accept(socket));
  using client = new VarlinkClient(listener.path);
  return await client.call(method, parameters);
}

const resolve = (method: string, parameters: object) =>
  call(`io.systemd.Resolve.${method}`, parameters);

describe("ResolveHostname", () => {
  test("gives addresses with their interface, as nss-resolve asks", async () => {
    const asked = { name: "printer.local", ifindex: 0, flags: 0 };
    expect(await resolve("ResolveHostname", asked)).toEqual({
      parameters: {
        addresses: [
          { ifindex: 2, family: 10, address: IPV6 },
          { ifindex: 2, family: 2, address: [192, 0, 2, 7] },
        ],
        name: "printer.local",
        flags: MDNS_IPV4 | FROM_NETWORK,
      },
    });
  });

  test("names the host that an alias leads to", async () => {
    const reply = await resolve("ResolveHostname", { name: "alias.local", family: 2 });
    expect(reply?.parameters).toMatchObject({ name: "Printer.local" });
  });

  test("answers a literal address itself, as systemd-resolved does", async () => {
    const { length } = directory.questions;
    expect(await resolve("ResolveHostname", { name: "192.0.2.77" })).toEqual({
      parameters: {
        addresses: [{ family: 2, address: [192, 0, 2, 77] }],
        name: "192.0.2.77",
        flags: LITERAL,
      },
    });
    expect(await resolve("ResolveHostname", { name: "fe80::1%eth0", family: 10 })).toEqual({
      parameters: {
        addresses: [{ ifindex: 2, family: 10, address: IPV6 }],
        name: "fe80::1%2",
        flags: LITERAL,
      },
    });
    expect((await resolve("ResolveHostname", { name: "::1", family: 2 }))?.error).toBe(
      "io.systemd.Resolve.NoSuchResourceRecord",
    );
    expect(directory.questions).toHaveLength(length);
  });

  test("marks what is this host's alone as synthetic", async () => {
    const reply = await resolve("ResolveHostname", { name: "localhost" });
    expect(reply?.parameters).toEqual({
      addresses: [{ family: 2, address: [127, 0, 0, 1] }],
      name: "localhost",
      flags: LITERAL,
    });
  });

  test("asks on one interface, and by one protocol, where told to", async () => {
    for (const ifindex of [2, "2", "eth0"]) {
      await resolve("ResolveHostname", { name: "printer.local", ifindex, flags: MDNS_IPV6 });
      expect(directory.questions.at(-1)).toMatchObject({
        interfaces: ["eth0"],
        protocol: "mdns",
      });
    }
  });

  test.each<[FailureReason, string, object]>([
    ["no-such-name", "DNSError", { rcode: 3, queryString: "no-such-name.local" }],
    ["refused", "DNSError", { rcode: 3, queryString: "refused.local" }],
    ["no-data", "NoSuchResourceRecord", {}],
    ["timed-out", "QueryTimedOut", {}],
    ["unavailable", "NoNameServers", {}],
  ])("tells nss-resolve of %s by %s", async (reason, error, parameters) => {
    expect(await resolve("ResolveHostname", { name: `${reason}.local` })).toEqual({
      error: `io.systemd.Resolve.${error}`,
      parameters,
    });
  });

  test("finds no source where only the cache may be asked and has nothing", async () => {
    const reply = await resolve("ResolveHostname", { name: "timed-out.local", flags: NO_NETWORK });
    expect(reply?.error).toBe("io.systemd.Resolve.NoSource");
    expect(directory.questions.at(-1)).toMatchObject({ timeout: 0 });
  });

  test.each([
    [{}, "name"],
    [{ name: 5 }, "name"],
    [{ name: "bad..name" }, "name"],
    [{ name: "a.local", family: 3 }, "family"],
    [{ name: "a.local", family: "2" }, "family"],
    [{ name: "a.local", ifindex: -1 }, "ifindex"],
    [{ name: "a.local", ifindex: 7 }, "ifindex"],
    [{ name: "a.local", ifindex: "wlan7" }, "ifindex"],
    [{ name: "a.local", flags: 1.5 }, "flags"],
  ])("refuses %j for its %s", async (parameters, parameter) => {
    expect(await resolve("ResolveHostname", parameters)).toEqual({
      error: "org.varlink.service.InvalidParameter",
      parameters: { parameter },
    });
  });
});

describe("ResolveAddress", () => {
  test("gives names with their interface", async () => {
    expect(await resolve("ResolveAddress", { family: 2, address: [192, 0, 2, 7] })).toEqual({
      parameters: {
        names: [{ ifindex: 2, name: "printer.local" }],
        flags: MDNS_IPV4 | FROM_NETWORK,
      },
    });
  });

  test("refuses an address of the wrong length", async () => {
    const reply = await resolve("ResolveAddress", { family: 10, address: [192, 0, 2, 7] });
    expect(reply?.error).toBe("io.systemd.Resolve.BadAddressSize");
    const invalid = await resolve("ResolveAddress", { family: 2, address: [256, 0, 0, 1] });
    expect(invalid?.parameters).toEqual({ parameter: "address" });
  });
});

describe("ResolveService", () => {
  test("gives hosts with addresses, TXT strings and the name in its parts", async () => {
    const asked = { name: "Web", type: "_http._tcp", domain: "local" };
    expect((await resolve("ResolveService", asked))?.parameters).toEqual({
      services: [
        {
          ...{ priority: 0, weight: 0, port: 80, hostname: "printer.local" },
          canonicalName: "printer.local",
          addresses: [
            { ifindex: 2, family: 10, address: IPV6 },
            { ifindex: 2, family: 2, address: [192, 0, 2, 7] },
          ],
        },
      ],
      txt: ["path=/", "raw=\\377"],
      canonical: { name: "Web", type: "_http._tcp", domain: "local" },
      flags: MDNS_IPV4 | FROM_NETWORK,
    });
    const whole = await resolve("ResolveService", { domain: WEB, name: null, type: null });
    expect(whole?.parameters).toMatchObject({ canonical: { name: "Web" } });
  });

  test("leaves out addresses and TXT where told to", async () => {
    const reply = await resolve("ResolveService", { domain: WEB, flags: NO_TXT | NO_ADDRESS });
    expect(reply?.parameters).toMatchObject({
      services: [{ port: 80 }, { port: 81, hostname: "gone.local" }],
    });
    expect(reply?.parameters).not.toHaveProperty("txt");
    expect(reply?.parameters?.["services"]).not.toContainEqual(
      expect.objectContaining({ addresses: expect.anything() }),
    );
  });

  test("RFC 2782: a target of the root says that there is no such service", async () => {
    const reply = await resolve("ResolveService", { domain: "none.local" });
    expect(reply?.error).toBe("io.systemd.Resolve.ServiceNotProvided");
  });

  test("refuses an instance without a type", async () => {
    const reply = await resolve("ResolveService", { name: "Web", domain: "local" });
    expect(reply?.parameters).toEqual({ parameter: "type" });
  });
});

describe("ResolveRecord", () => {
  test("gives the record as JSON and as octets", async () => {
    const reply = await resolve("ResolveRecord", { name: "printer.local", type: 1 });
    const [{ rr, raw }] = reply!.parameters!["rrs"] as [{ rr: object; raw: string }];
    expect(rr).toEqual({
      key: { class: 1, type: 1, name: "printer.local" },
      address: [192, 0, 2, 7],
    });
    expect(Buffer.from(raw, "base64").toString("hex")).toBe(
      `077072696e746572056c6f63616c00${"0001"}${"0001"}${"00000078"}${"0004"}c0000207`,
    );
  });

  test("gives the octets alone of a type that is not known", async () => {
    const reply = await resolve("ResolveRecord", { name: "printer.local", type: 65_280 });
    const [found] = reply!.parameters!["rrs"] as [{ raw: string }];
    expect(found).not.toHaveProperty("rr");
    expect(Buffer.from(found.raw, "base64").toString("hex")).toMatch(/000200ff$/);
  });

  test.each([
    [252, "ZoneTransfersNotPermitted"],
    [251, "ZoneTransfersNotPermitted"],
    [41, "ResourceRecordTypeInvalidForQuery"],
    [3, "ResourceRecordTypeObsolete"],
  ])("refuses type %i: %s", async (type, error) => {
    const reply = await resolve("ResolveRecord", { name: "printer.local", type });
    expect(reply?.error).toBe(`io.systemd.Resolve.${error}`);
  });
});

describe("BrowseServices", () => {
  test.each([
    [{ domain: "_http._tcp.local", type: "" }, "_http._tcp"],
    [{ domain: "local", type: "_http._tcp" }, "_http._tcp"],
    [{ type: "_http._tcp" }, "_http._tcp"],
    [{ domain: "_printer._sub._http._tcp.local" }, "_printer._sub._http._tcp"],
  ])("follows services with `more`, asked for as %j", async (asked, type) => {
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    using client = new VarlinkClient(listener.path);
    client.send("io.systemd.Resolve.BrowseServices", asked, { more: true });
    const data = { family: 2, name: "Web", type: "_http._tcp", domain: "local", ifindex: 2 };
    for (const updateFlag of ["added", "removed"]) {
      expect(await client.next()).toEqual({
        parameters: { browserServiceData: [{ updateFlag, ...data }] },
        continues: true,
      });
    }
    expect(directory.questions.at(-1)).toMatchObject({ type, domain: "local" });
    const { aborted } = directory;
    client[Symbol.dispose]();
    await vi.waitFor(() => expect(directory.aborted).toBe(aborted + 1));
  });

  test("goes on through an hour of silence, and tells what comes after it", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const link = new EventEmitter();
    const quiet = new (class extends FakeDirectory {
      override async *browse(_query: unknown, signal?: AbortSignal): AsyncGenerator<BrowseEvent> {
        const told = on(link, "told", { signal: signal! });
        link.emit("browsed");
        for await (const [event] of told) yield event;
      }
    })();
    const resolving = resolveInterface({ directory: quiet, interfaces });
    const server = varlinkServer({ service: new VarlinkService([resolving]) });
    await using listener = await listen((socket) => server.accept(socket));
    const browsed = once(link, "browsed");
    using client = new VarlinkClient(listener.path);
    client.send("io.systemd.Resolve.BrowseServices", { type: "_http._tcp" }, { more: true });
    await browsed;

    const nextFlag = async (): Promise<unknown> => {
      const { browserServiceData } = (await client.next())?.parameters ?? {};
      return (browserServiceData as { updateFlag: string }[] | undefined)?.[0]?.updateFlag;
    };
    link.emit("told", events[0]);
    expect(await nextFlag()).toBe("added");
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(server.clientCount).toBe(1);
    link.emit("told", events[1]);
    expect(await nextFlag()).toBe("removed");
  });

  test("needs `more`, and a type", async () => {
    const reply = await resolve("BrowseServices", { type: "_http._tcp" });
    expect(reply?.error).toBe("org.varlink.service.ExpectedMore");
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    using client = new VarlinkClient(listener.path);
    client.send("io.systemd.Resolve.BrowseServices", { domain: "local" }, { more: true });
    expect(await client.next()).toMatchObject({ parameters: { parameter: "domain" } });
  });
});

describe("org.varlink.service", () => {
  test("tells what there is, and describes it", async () => {
    const info = await call("org.varlink.service.GetInfo");
    expect(info?.parameters).toMatchObject({
      product: "dotlocald",
      interfaces: ["io.systemd.Resolve", "org.varlink.service"],
    });
    for (const name of ["io.systemd.Resolve", "org.varlink.service"]) {
      const asked = { interface: name };
      const reply = await call("org.varlink.service.GetInterfaceDescription", asked);
      expect(reply?.parameters?.["description"]).toContain(`interface ${name}\n`);
    }
  });

  test.each([
    ["io.systemd.Resolve.Nonsense", "MethodNotFound", { method: "io.systemd.Resolve.Nonsense" }],
    ["io.systemd.Resolve.toString", "MethodNotFound", { method: "io.systemd.Resolve.toString" }],
    ["io.systemd.Network.Describe", "InterfaceNotFound", { interface: "io.systemd.Network" }],
    ["nonsense", "InterfaceNotFound", { interface: "" }],
  ])("%s is answered with %s", async (method, error, parameters) => {
    expect(await call(method)).toEqual({ error: `org.varlink.service.${error}`, parameters });
  });
});

describe("a connection", () => {
  test("has its calls answered in order, and `oneway` calls not at all", async () => {
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    using client = new VarlinkClient(listener.path);
    const method = "io.systemd.Resolve.ResolveHostname";
    client.send(method, { name: "printer.local" });
    client.send(method, { name: "192.0.2.1" }, { oneway: true });
    client.send(method, { name: "192.0.2.2" });
    expect((await client.next())?.parameters).toMatchObject({ name: "printer.local" });
    expect((await client.next())?.parameters).toMatchObject({ name: "192.0.2.2" });
  });

  test("reads a call that comes octet by octet", async () => {
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    const socket = connect(listener.path);
    for (const octet of Buffer.from('{"method":"org.varlink.service.GetInfo"}\0')) {
      socket.write(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const reply = await new Promise((resolve) => socket.once("data", resolve));
    expect(String(reply)).toMatch(/^\{"parameters":\{.*\}\}\0$/);
    socket.destroy();
  });

  test.each([
    ["{}\0"],
    ["[]\0"],
    ["null\0"],
    ["nonsense\0"],
    ['{"method":5}\0'],
    ['{"method":"a.b","parameters":[]}\0'],
    ['{"method":"a.b","more":1}\0'],
    ["\0"],
    ["\xff\xfe\0"],
    [`${"[".repeat(60_000)}\0`],
    ["x".repeat(70_000)],
  ])("is closed for what is no call", async (octets) => {
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    const socket = connect(listener.path);
    socket.write(octets, "latin1");
    expect(await text(socket).catch(() => "")).toBe("");
    await vi.waitFor(() => expect(server.clientCount).toBe(0));
  });

  test("is closed when it sends too much ahead, or nothing for long", async () => {
    const server = varlinkServer({ idleTimeout: 20 });
    await using listener = await listen((socket) => server.accept(socket));
    const flood = connect(listener.path);
    const silent = { method: "io.systemd.Resolve.ResolveHostname" };
    const call = `${JSON.stringify({ ...silent, parameters: { name: "silent.local" } })}\0`;
    flood.write(call.repeat(300));
    expect(await text(flood).catch(() => "")).toBe("");
    expect(await text(connect(listener.path)).catch(() => "")).toBe("");
  });

  test("that hangs up has its call given up", async () => {
    const server = varlinkServer();
    await using listener = await listen((socket) => server.accept(socket));
    const client = new VarlinkClient(listener.path);
    const { length } = directory.questions;
    client.send("io.systemd.Resolve.ResolveHostname", { name: "silent.local" });
    await vi.waitFor(() => expect(directory.questions.length).toBe(length + 1));
    const { aborted } = directory;
    client[Symbol.dispose]();
    await vi.waitFor(() => expect(directory.aborted).toBe(aborted + 1));
    await vi.waitFor(() => expect(server.clientCount).toBe(0));
  });

  test("is told of a fault of ours so that nss-resolve goes on to the next module", async () => {
    const onFault = vi.fn();
    const server = varlinkServer({ onFault });
    await using listener = await listen((socket) => server.accept(socket));
    using client = new VarlinkClient(listener.path);
    const method = "io.systemd.Resolve.ResolveHostname";
    expect((await client.call(method, { name: "fault.local" }))?.error).toBe(
      "org.varlink.service.MethodNotImplemented",
    );
    expect(onFault).toHaveBeenCalledOnce();
  });

  test("is refused beyond the limit of its user", async () => {
    const server = varlinkServer({ limits: { clientsOfUserMax: 2, userOf: () => 1000 } });
    await using listener = await listen((socket) => server.accept(socket));
    const sockets = [1, 2, 3].map(() => connect(listener.path).on("error", () => {}));
    await vi.waitFor(() => expect(sockets.filter(({ closed }) => closed)).toHaveLength(1));
    for (const socket of sockets) socket.destroy();
  });
});
