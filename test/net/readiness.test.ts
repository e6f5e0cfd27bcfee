/** Descriptors that the event loop watches for native sockets. */

import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import type { Endpoint } from "../../src/core/datagram.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { libc as loadLibc } from "../../src/net/native/libc.ts";
import { type Quiet, Readiness } from "../../src/net/native/readiness.ts";
import { socketAddress } from "../../src/net/native/socket-address.ts";
import { AF_INET, SOCK_DGRAM, SOCK_NONBLOCK } from "../../src/net/native/socket-options.ts";
import { FixtureBundles } from "./fixture-bundle.ts";

const libc = loadLibc()!;
const ADDRESS = "127.0.0.1" as IpAddress;

/** Nothing is bound to it. */
const CLOSED_PORT: Endpoint = { address: ADDRESS, port: 9 };

class WatchedSocket {
  readonly descriptor: number;
  readonly octets = new Uint8Array(16);
  readonly endpoint: Endpoint;
  #onRead: (size: number) => Quiet | undefined = () => undefined;

  constructor(port: number) {
    this.endpoint = { address: ADDRESS, port };
    this.descriptor = libc.call("socket", AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const address = socketAddress("ipv4", this.endpoint, 0);
    libc.call("bind", this.descriptor, address, address.length);
    const recv = libc.function("recv");
    const readiness = new Readiness(libc, this.descriptor, () => {
      return this.#onRead(recv(this.descriptor, this.octets, this.octets.length, 0));
    });
    onTestFinished(() => {
      readiness.close();
      libc.call("close", this.descriptor);
    });
  }

  /** What the next reading comes to. */
  next(outcome?: Quiet): Promise<number> {
    return new Promise((resolve) => {
      this.#onRead = (size) => {
        resolve(size);
        return outcome;
      };
    });
  }

  onNextRead(action: () => never): void {
    this.#onRead = action;
  }

  send(text: string, { address, port } = this.endpoint): void {
    const to = socketAddress("ipv4", { address, port }, 0);
    const octets = Buffer.from(text);
    libc.call("sendto", this.descriptor, octets, octets.length, 0, to, to.length);
  }
}

describe("a watched descriptor", () => {
  it("runs the promises that its reader resolves", async () => {
    const socket = new WatchedSocket(45_357);
    const size = socket.next();
    socket.send("hello");
    expect(await size).toBe(5);
  });

  it("is watched on after an error of the socket", async () => {
    const socket = new WatchedSocket(45_358);
    const other = new WatchedSocket(45_359);
    const closed = socketAddress("ipv4", CLOSED_PORT, 0);
    libc.call("connect", socket.descriptor, closed, closed.length);
    const failed = socket.next();
    socket.send("to nobody", CLOSED_PORT);
    expect(await failed).toBe(-1);
    const peer = socketAddress("ipv4", other.endpoint, 0);
    libc.call("connect", socket.descriptor, peer, peer.length);
    const size = socket.next();
    other.send("hello", socket.endpoint);
    expect(await size).toBe(5);
  });

  it("reports an exception of its reader as uncaught", async () => {
    const socket = new WatchedSocket(45_360);
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    onTestFinished(() => {
      for (const listener of before) process.on("uncaughtException", listener);
    });
    const uncaught = new Promise<Error>((resolve) => {
      process.once("uncaughtException", resolve);
    });
    socket.onNextRead(() => {
      throw new Error("from the reader");
    });
    socket.send("hello");
    expect((await uncaught).message).toBe("from the reader");
  });
});

describe("sockets in a worker thread", () => {
  const bundles = new FixtureBundles();
  afterAll(() => bundles.remove());

  it.each(["exit", "terminate"])("do no harm to the process at its end by %s", (how) => {
    const bundle = bundles.build("worker-end");
    const { stdout, signal } = spawnSync(process.execPath, [bundle, how], { encoding: "utf8" });
    expect({ stdout, signal }).toEqual({ stdout: "alive\n", signal: null });
  });
});
