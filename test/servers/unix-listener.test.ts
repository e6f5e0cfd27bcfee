import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PathClaim } from "../../src/servers/path-claim.ts";
import { listenOnPath } from "../../src/servers/unix-listener.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  path = join(folder, "socket");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A server in whose place somebody puts a link to their victim as soon as it is bound. */
class RacedServer extends Server {
  readonly #victim: string;

  constructor(victim: string) {
    super();
    this.#victim = victim;
  }

  // biome-ignore lint/suspicious/noExplicitAny: one of many signatures
  override listen(...place: any[]): this {
    super.listen(...place);
    renameSync(path, `${path}.bound`);
    symlinkSync(this.#victim, path);
    return this;
  }
}

describe("CVE-2021-26720: a path in a folder that others may write into", () => {
  test("lends nothing of ours to a file that is put in the socket's place", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "");
    chmodSync(victim, 0o600);
    const before = statSync(victim);
    const server = new RacedServer(victim);
    // The group is another than the victim's.
    await listenOnPath(server, { path, mode: 0o666, group: before.gid + 1 });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    const { mode, uid, gid } = statSync(victim);
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
    server.close();
  });

  test.each([0o600, 0o660, 0o666])("has a socket of mode %o from the start", async (mode) => {
    const umask = process.umask();
    const server = createServer();
    let first: number | undefined;
    const bind = server.listen.bind(server) as (place: object) => Server;
    server.listen = ((place: object) => {
      bind(place);
      first = statSync(path).mode & 0o777;
      return server;
    }) as typeof server.listen;
    await listenOnPath(server, { path, mode });
    expect(first).toBe(mode);
    expect(process.umask()).toBe(umask);
    server.close();
  });

  test("is open to everybody where it is Avahi's or systemd-resolved's", async () => {
    const claim = new PathClaim({ path, onConnection: (socket) => socket.end() });
    await claim.open();
    expect(statSync(path).mode & 0o777).toBe(0o666);
    await claim.close();
  });
});
