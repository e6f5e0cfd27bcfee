import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";
import { DotlocalError } from "../../src/core/errors.ts";
import type { FailureReason } from "../../src/runtime/directory.ts";
import { AvahiServer, type AvahiServerOptions } from "../../src/servers/avahi/avahi-server.ts";
import { addresses, FakeDirectory, names, notFound, records } from "../fake-directory.ts";
import { listen } from "./socket-pair.ts";

const directory = new FakeDirectory({
  addresses: ({ name, family }) => {
    if (name === "printer.local") {
      return addresses(name, family === "ipv6" ? ["fe80::1"] : ["192.0.2.7"]);
    }
    if (name === "own.local") {
      const own = { interface: "eth0", ttl: 120, protocol: "local", source: null } as const;
      return addresses(name, [{ address: "fe80::2", ...own }]);
    }
    if (name === "küche.local") return addresses("Küche 1.local", ["192.0.2.8"]);
    if (name.startsWith("long")) return addresses(`${"\\001".repeat(63)}.local`, ["192.0.2.9"]);
    if (name === "ns.local") return addresses(name, ["192.0.2.53"]);
    if (name === "silent.local") return "silence";
    if (name === "bad..name") return new DotlocalError("INVALID_NAME", "a label is empty");
    if (name === "busy.local") return new DotlocalError("LIMIT_REACHED", "too many");
    if (name === "fault.local") return new TypeError("a fault");
    return notFound((/^(.*)\.local$/.exec(name)?.[1] ?? "no-such-name") as FailureReason);
  },
  names: ({ address }) =>
    address === "192.0.2.7" ? names("printer.local") : notFound("no-such-name"),
  records: ({ name, type }) =>
    name === "_domain._udp.local" && type === "SRV"
      ? records(name, ["SRV", "0 0 53 ns.local."])
      : notFound("no-such-name"),
});

function avahiServer(options: Partial<AvahiServerOptions> = {}): AvahiServer {
  return new AvahiServer({
    directory,
    indexOf: (name) => (name === "eth0" ? 2 : 0),
    onFault: (error) => {
      throw error;
    },
    ...options,
  });
}

async function ask(line: string, server = avahiServer()): Promise<string> {
  await using listener = await listen((socket) => server.accept(socket));
  const socket = connect(listener.path);
  socket.write(line);
  return await text(socket);
}

describe("a command gets the one line that Avahi answers", () => {
  test.each([
    ["RESOLVE-HOSTNAME printer.local\n", "+ 2 0 printer.local 192.0.2.7\n"],
    ["RESOLVE-HOSTNAME-IPV4 printer.local\n", "+ 2 0 printer.local 192.0.2.7\n"],
    ["RESOLVE-HOSTNAME-IPV6 printer.local\r\n", "+ 2 0 printer.local fe80::1\n"],
    ["RESOLVE-HOSTNAME-IPV6 own.local\n", "+ 2 1 own.local fe80::2\n"],
    ["  RESOLVE-HOSTNAME \t printer.local  and more\n", "+ 2 0 printer.local 192.0.2.7\n"],
    ["RESOLVE-ADDRESS 192.0.2.7\n", "+ 2 0 printer.local\n"],
    ["RESOLVE-ADDRESS 192.0.2.8\n", "-15 Timeout reached\n"],
    ["RESOLVE-ADDRESS nonsense\n", '-14 Failed to parse address "nonsense".\n'],
    ["RESOLVE-ADDRESS fe80::1%eth0\n", '-14 Failed to parse address "fe80::1%eth0".\n'],
    ["RESOLVE-HOSTNAME no-such-name.local\n", "-15 Timeout reached\n"],
    ["RESOLVE-HOSTNAME timed-out.local\n", "-15 Timeout reached\n"],
    ["RESOLVE-HOSTNAME no-data.local\n", "-30 Not found\n"],
    ["RESOLVE-HOSTNAME unavailable.local\n", "-5 No suitable network protocol available\n"],
    ["RESOLVE-HOSTNAME bad..name\n", "-3 Invalid host name\n"],
    ["RESOLVE-HOSTNAME busy.local\n", "-17 Too many objects\n"],
    ["\n", '-21 Failed to parse command, try "HELP".\n'],
    ["RESOLVE-HOSTNAME\n", '-21 Invalid command "RESOLVE-HOSTNAME", try "HELP".\n'],
    ["resolve-hostname printer.local\n", '-21 Invalid command "resolve-hostname", try "HELP".\n'],
    ["BROWSE-DNS-SERVERS now\n", '-21 Invalid command "BROWSE-DNS-SERVERS", try "HELP".\n'],
    [`${"X".repeat(99)}\n`, `-21 Invalid command "${"X".repeat(63)}", try "HELP".\n`],
    ["HELP\nRESOLVE-HOSTNAME printer.local\n", expect.stringMatching(/^(\+ .*\n){8}$/)],
  ])("%j: %j", async (line, reply) => {
    expect(await ask(line)).toEqual(reply);
  });

  test("a name in UTF-8 is understood, and answered escaped", async () => {
    expect(await ask("RESOLVE-HOSTNAME küche.local\n")).toBe(
      "+ 2 0 K\\195\\188che\\0321.local 192.0.2.8\n",
    );
  });

  test("a reply that would not fit nss-mdns's buffer is a failure, never cut", async () => {
    expect(await ask("RESOLVE-HOSTNAME long.local\n")).toBe("-3 Invalid host name\n");
    const reply = await ask(`RESOLVE-ADDRESS ${"9".repeat(1000)}\n`);
    expect(reply.length).toBeLessThan(255);
    expect(reply).toMatch(/^-14 .*\n$/);
  });

  test("only the link is asked, whatever the name", async () => {
    await ask("RESOLVE-HOSTNAME www.example.com\n");
    expect(directory.questions.at(-1)).toMatchObject({ name: "www.example.com", protocol: "mdns" });
  });

  test("a fault of ours is told, and answered as a failure", async () => {
    const onFault = vi.fn();
    expect(await ask("RESOLVE-HOSTNAME fault.local\n", avahiServer({ onFault }))).toBe(
      "-1 Operation failed\n",
    );
    expect(onFault).toHaveBeenCalledOnce();
  });
});

test("DNS servers are told of at once, and the connection stays open", async () => {
  await using listener = await listen((socket) => avahiServer().accept(socket));
  const socket = connect(listener.path).setEncoding("utf8");
  socket.write("BROWSE-DNS-SERVERS-IPV4\n");
  let received = "";
  socket.on("data", (part) => {
    received += part;
  });
  await vi.waitFor(() => expect(received).toBe("+ Browsing ...\n> 2 0 192.0.2.53 53\n"));
  expect(socket.readyState).toBe("open");
  socket.destroy();
});

describe("a client is kept within its limits", () => {
  test("a line that does not end is not waited for beyond 20 KiB, nor for ever", async () => {
    expect(await ask("X".repeat(30_000)).catch(() => "")).toBe("");
    expect(await ask("HELP", avahiServer({ commandTimeout: 20 }))).toBe("");
  });

  test("one that hangs up has its look-up given up, and its place is free again", async () => {
    const server = avahiServer();
    await using listener = await listen((socket) => server.accept(socket));
    const socket = connect(listener.path);
    const before = directory.questions.length;
    socket.write("RESOLVE-HOSTNAME silent.local\n");
    await vi.waitFor(() => expect(directory.questions.length).toBe(before + 1));
    const { aborted } = directory;
    socket.destroy();
    await vi.waitFor(() => expect(directory.aborted).toBe(aborted + 1));
    await vi.waitFor(() => expect(server.clientCount).toBe(0));
  });

  test("CVE-2025-59529: one user's connections leave room for another's", async () => {
    let user = 1000;
    const server = avahiServer({
      limits: { clientsMax: 8, clientsOfUserMax: 3, userOf: () => user },
    });
    await using listener = await listen((socket) => server.accept(socket));
    const sockets = Array.from({ length: 20 }, () => connect(listener.path).on("error", () => {}));
    await vi.waitFor(() => expect(sockets.filter(({ closed }) => closed)).toHaveLength(17));
    user = 1001;
    const other = connect(listener.path);
    other.write("RESOLVE-HOSTNAME printer.local\n");
    expect(await text(other)).toBe("+ 2 0 printer.local 192.0.2.7\n");
    for (const socket of sockets) socket.destroy();
  });

  test("whatever it sends, it is answered or dropped", async () => {
    const server = avahiServer();
    await using listener = await listen((socket) => server.accept(socket));
    const words = ["RESOLVE-HOSTNAME", "RESOLVE-ADDRESS", "HELP", "\0", "%s%n", "\\999", "\xff"];
    let seed = 1;
    const next = (bound: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % bound;
    };
    for (let round = 0; round < 200; round++) {
      const line = Array.from({ length: next(6) }, () => words[next(words.length)]).join(" ");
      const socket = connect(listener.path);
      socket.write(`${line}\n`, "latin1");
      expect((await text(socket)).length, JSON.stringify(line)).toBeGreaterThan(0);
    }
    await vi.waitFor(() => expect(server.clientCount).toBe(0));
  });
});
