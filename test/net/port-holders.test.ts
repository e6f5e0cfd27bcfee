import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { parseSocketTable, readBoundSockets } from "../../src/net/bound-socket.ts";
import { findHolders, findPortHolders, PortHolders } from "../../src/net/port-holders.ts";

const HEADER =
  "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";

describe("a table of /proc/net", () => {
  it("tells the address, user and inode of each socket on the port, and no other's", () => {
    const table = [
      HEADER,
      "  366: 0100007F:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 24929 2 0000000000000000 0",
      "  367: FB0000E0:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000   104        0 24930 2 0000000000000000 0",
      "  368: 00000000:0035 00000000:14E9 07 00000000:00000000 00:00000000 00000000     0        0 24931 2 0000000000000000 0",
    ].join("\n");
    const sockets = parseSocketTable(table, "udp", "ipv4", 5353);
    expect(sockets.map(({ address, uid, inode }) => [address, uid, inode])).toEqual([
      ["127.0.0.1", 0, 24929],
      ["224.0.0.251", 104, 24930],
    ]);
  });

  it("tells IPv6 addresses, and of TCP only sockets that listen", () => {
    const row = (address: string, state: string, inode: number) =>
      `   0: ${address}:14EB 00000000000000000000000000000000:0000 ${state} 00000000:00000000 00:00000000 00000000   101        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
    const table = [
      HEADER,
      row("00000000000000000000000000000000", "0A", 7),
      row("B80D0120000000000000000001000000", "01", 8),
      row("B80D0120000000000000000001000000", "0A", 9),
    ].join("\n");
    const sockets = parseSocketTable(table, "tcp", "ipv6", 5355);
    expect(sockets.map(({ address, inode }) => [address, inode])).toEqual([
      ["::", 7],
      ["2001:db8::1", 9],
    ]);
  });
});

describe("holders of a port", () => {
  let child: ChildProcess;
  let port: number;

  beforeEach(async () => {
    const program = `const socket = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true });
      socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));`;
    child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout!, "data");
    port = Number(line);
  });

  afterEach(() => {
    child.kill();
  });

  async function bindOwn(): Promise<Socket> {
    const own = createSocket({ type: "udp4", reuseAddr: true });
    onTestFinished(() => void own.close());
    own.bind(port, "127.0.0.1");
    await once(own, "listening");
    return own;
  }

  it("are other processes' sockets, not our own", async () => {
    await bindOwn();
    const uid = userInfo().uid;
    expect(readBoundSockets("udp", port)).toMatchObject([{ uid }, { uid }]);
    expect(findPortHolders("udp", port)).toHaveLength(1);
  });

  it("are told by program", async () => {
    const holders = await findHolders(findPortHolders("udp", port));
    expect(holders).toEqual([{ pid: child.pid, name: "node", user: userInfo().username }]);
  });

  it("are told by user where the program is not to be seen", async () => {
    const [socket] = findPortHolders("udp", port);
    const gone = [0, 0, 64_999].map((uid, index) => ({ ...socket!, uid, inode: 2 ** 31 + index }));
    expect(await findHolders(gone)).toEqual([
      { pid: null, name: null, user: "root" },
      { pid: null, name: null, user: "64999" },
    ]);
  });

  it("are noticed when they go, while our own sockets come and go unnoticed", async () => {
    const holders = new PortHolders({ ports: [port], interval: 3_600_000 });
    onTestFinished(() => holders.close());
    let changes = 0;
    holders.onChange = () => changes++;
    expect(holders.holders.map(({ address }) => address)).toEqual(["127.0.0.1"]);
    await bindOwn();
    holders.look();
    expect(changes).toBe(0);
    child.kill();
    await once(child, "exit");
    holders.look();
    expect(changes).toBe(1);
    expect(holders.holders).toEqual([]);
  });

  it("do not include those that hear only a group", async () => {
    const own: AddressInfo = (await bindOwn()).address();
    expect(own.address).toBe("127.0.0.1");
    const program = `const socket = require("node:dgram").createSocket({ type: "udp4", reuseAddr: true });
      socket.bind(${port}, "224.0.0.251", () => console.log("bound"));`;
    const other = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void other.kill());
    await once(other.stdout!, "data");
    expect(readBoundSockets("udp", port)).toHaveLength(3);
    expect(findPortHolders("udp", port)).toHaveLength(1);
  });
});
