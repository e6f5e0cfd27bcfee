/** What the daemon asks of the system it runs under: systemd's protocols, peers, users. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { libc } from "../../src/net/native/libc.ts";
import { readPeerCredentials } from "../../src/net/peer-credentials.ts";
import { ServiceNotifier } from "../../src/net/sd-notify.ts";
import { FixtureBundles } from "./fixture-bundle.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;

const bundles = new FixtureBundles();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/dotlocal-`);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
  bundles.remove();
});

describe("service notification", () => {
  const native = libc()!;
  let descriptor: number;

  /** A datagram socket as systemd has it; `name` with a zero octet first is abstract. */
  function listen(name: string): void {
    descriptor = native.call("socket", AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
    const address = new Uint8Array(Buffer.from(`\x01\0${name}`));
    native.call("bind", descriptor, address, address.length);
  }

  function received(): string {
    const octets = new Uint8Array(4096);
    const length = native.call("recv", descriptor, octets, octets.length, 0);
    return Buffer.from(octets.subarray(0, length)).toString();
  }

  afterEach(() => {
    native.call("close", descriptor);
  });

  it("tells the socket at a path that the service is ready, and its status on one line", () => {
    const path = `${directory}/notify`;
    listen(`${path}\0`);
    const notifier = new ServiceNotifier({ NOTIFY_SOCKET: path });
    expect(notifier.ready("two\nlines")).toBe(true);
    expect(received()).toBe("READY=1\nSTATUS=two lines");
    expect(notifier.stopping()).toBe(true);
    expect(received()).toBe("STOPPING=1");
  });

  it("tells an abstract socket of a reload, with the monotonic time", () => {
    const name = `dotlocal-test-${process.pid}`;
    listen(`\0${name}`);
    expect(new ServiceNotifier({ NOTIFY_SOCKET: `@${name}` }).reloading()).toBe(true);
    const [first, second] = received().split("\n");
    expect(first).toBe("RELOADING=1");
    const microseconds = Number(second!.replace("MONOTONIC_USEC=", ""));
    expect(Math.abs(microseconds - Number(process.hrtime.bigint()) / 1000)).toBeLessThan(1_000_000);
  });

  it("reads how often the watchdog wants to hear, when it is this process that it watches", () => {
    listen(`\0dotlocal-unused-${process.pid}`);
    const timeout = (environment: NodeJS.ProcessEnv) =>
      new ServiceNotifier(environment).watchdogTimeout;
    expect(timeout({ WATCHDOG_USEC: "30000000" })).toBe(30_000);
    expect(timeout({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: `${process.pid}` })).toBe(30_000);
    expect(timeout({ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "1" })).toBeUndefined();
    expect(timeout({ WATCHDOG_USEC: "soon" })).toBeUndefined();
  });
});

it("service notification does nothing when nobody listens", () => {
  expect(new ServiceNotifier({}).ready()).toBe(false);
  expect(new ServiceNotifier({ NOTIFY_SOCKET: `${directory}/nobody` }).ready()).toBe(false);
  expect(new ServiceNotifier({ NOTIFY_SOCKET: "vsock:2:1234" }).ready()).toBe(false);
});

describe("the peer of a Unix socket", () => {
  let server: Server;

  afterEach(() => {
    server.close();
  });

  it("is known by its process, user and groups", async () => {
    const path = `${directory}/peer`;
    const accepted = new Promise<Socket>((resolve) => {
      server = createServer(resolve).listen(path);
    });
    const client = connect(path);
    const peer = await accepted;
    const credentials = readPeerCredentials(peer)!;
    expect(credentials).toMatchObject({ pid: process.pid, uid: process.getuid!() });
    expect(new Set(credentials.groups)).toEqual(
      new Set([process.getgid!(), ...process.getgroups!()]),
    );
    client.destroy();
    peer.destroy();
    await new Promise((resolve) => peer.once("close", resolve));
    expect(readPeerCredentials(peer)).toBeUndefined();
  });
});

describe("sockets handed over by systemd", () => {
  let server: Server;

  afterEach(() => {
    server.close();
  });

  it("are told with name, kind and port, once", async () => {
    await new Promise<void>((resolve) => {
      server = createServer().listen(0, "127.0.0.1", resolve);
    });
    const { _handle: handle } = server as unknown as { _handle: { fd: number } };
    const { stdout } = spawnSync(process.execPath, [bundles.build("inherited-sockets")], {
      env: { LISTEN_FDS: "1", LISTEN_FDNAMES: "stub" },
      stdio: ["ignore", "pipe", "inherit", handle.fd],
      encoding: "utf8",
    });
    const { port } = server.address() as AddressInfo;
    expect(JSON.parse(stdout)).toEqual({
      first: [
        { descriptor: 3, name: "stub", kind: "stream", family: "ipv4", address: "127.0.0.1", port },
      ],
      second: [],
    });
  });
});

describe.runIf(process.getuid?.() === 0)("becoming another user", () => {
  function run(user: string) {
    const bundle = bundles.build("drop-privileges");
    const parameters = JSON.stringify({ user });
    return spawnSync(process.execPath, [bundle, parameters], { encoding: "utf8" });
  }

  it("takes that user's ids and groups, for good", () => {
    const id = (flag: string) => execFileSync("id", [flag, "nobody"], { encoding: "utf8" }).trim();
    expect(JSON.parse(run("nobody").stdout)).toEqual({
      uid: Number(id("-u")),
      gid: Number(id("-g")),
      groups: id("-G").split(" ").map(Number),
      canGoBack: false,
    });
  });

  it("refuses a user that there is not, by name", () => {
    const { stderr, status } = run("no-such-user");
    expect(status).not.toBe(0);
    expect(stderr).toContain("there is no user no-such-user");
  });
});
