/** Which servers are found, and what becomes of resolv.conf, in a folder of the test's own. */

import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { isManagedResolvConf, parseResolvConf } from "../../src/net/resolv-conf.ts";
import { ResolvConfKeeper, recoverResolvConf } from "../../src/net/resolv-conf-keeper.ts";
import { ResolverFilesWatch } from "../../src/net/resolv-conf-watch.ts";
import { discoverUpstreams, type ResolverFiles } from "../../src/net/upstream-discovery.ts";

let folder: string;
let files: ResolverFiles;
let resolvConf: string;
let state: string;

const STUB = { address: "127.0.0.153" as IpAddress, port: 53 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dotlocal-resolv-"));
  state = join(folder, "state");
  mkdirSync(state);
  mkdirSync(join(folder, "etc"));
  resolvConf = join(folder, "etc", "resolv.conf");
  const lists = [join(folder, "nm.conf"), join(folder, "resolved.conf")];
  files = { resolvConf, lists, resolvedList: lists[1]! };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, ...lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
}

function found(stub = [STUB], original?: string): string[] {
  const { servers } = discoverUpstreams({ files, stub, original });
  return servers.map(({ address, transport }) =>
    transport === "udp" ? address : `${address} ${transport}`,
  );
}

describe("upstreams: auto", () => {
  test("takes the servers of resolv.conf", () => {
    write(resolvConf, "nameserver 192.0.2.1", "nameserver 192.0.2.2");
    expect(found()).toEqual(["192.0.2.1", "192.0.2.2"]);
  });

  test("asks by TCP where resolv.conf says use-vc", () => {
    write(resolvConf, "nameserver 192.0.2.1", "options use-vc");
    expect(found()).toEqual(["192.0.2.1 tcp"]);
  });

  test("skips ourselves", () => {
    write(resolvConf, "nameserver 127.0.0.153", "nameserver 192.0.2.2");
    expect(found()).toEqual(["192.0.2.2"]);
  });

  test("takes our address for another's where our stub has another port", () => {
    write(resolvConf, "nameserver 127.0.0.153");
    expect(found([{ ...STUB, port: 5354 }])).toEqual(["127.0.0.153"]);
  });

  test("skips every own address where our stub listens on all", () => {
    write(resolvConf, "nameserver 127.0.0.1", "nameserver 203.0.113.222");
    expect(found([{ address: "0.0.0.0" as IpAddress, port: 53 }])).toEqual(["203.0.113.222"]);
  });

  test("turns to NetworkManager's list, then to systemd-resolved's, then to the original", () => {
    write(resolvConf, "nameserver 127.0.0.153");
    const original = "nameserver 192.0.2.9\n";
    expect(found([STUB], original)).toEqual(["192.0.2.9"]);
    write(files.lists[1]!, "nameserver 192.0.2.8");
    expect(found([STUB], original)).toEqual(["192.0.2.8"]);
    write(files.lists[0]!, "nameserver 192.0.2.7");
    expect(found([STUB], original)).toEqual(["192.0.2.7"]);
  });

  test("finds nothing rather than a loop", () => {
    write(resolvConf, "nameserver 127.0.0.153");
    write(files.lists[0]!, "nameserver 127.0.0.153");
    expect(found([STUB], "nameserver 127.0.0.153\n")).toEqual([]);
    rmSync(resolvConf);
    expect(found()).toEqual([]);
  });

  test("does not ask systemd-resolved where that asks us", () => {
    write(resolvConf, "nameserver 127.0.0.53");
    expect(found()).toEqual(["127.0.0.53"]);
    write(files.lists[1]!, "nameserver 127.0.0.153", "nameserver 192.0.2.8");
    expect(found()).toEqual(["192.0.2.8"]);
  });

  test("has search list and options of the original while the file is ours", () => {
    const original = "nameserver 192.0.2.1\nsearch a.example\noptions timeout:1\n";
    write(resolvConf, original.trimEnd());
    const keeper = new ResolvConfKeeper({
      path: resolvConf,
      stateDirectory: state,
      stub: STUB.address,
    });
    keeper.manage();
    const discovery = discoverUpstreams({ files, stub: [STUB], original: keeper.original });
    expect(discovery.servers.map(({ address }) => address)).toEqual(["192.0.2.1"]);
    expect(discovery.settings.search).toEqual(["a.example"]);
    expect(discovery.settings.options.timeout).toBe(1000);
  });
});

describe("resolvConf: manage", () => {
  const keeper = () =>
    new ResolvConfKeeper({ path: resolvConf, stateDirectory: state, stub: STUB.address });
  const servers = () =>
    parseResolvConf(readFileSync(resolvConf, "utf8")).servers.map(({ address }) => address);

  test("points the file at the stub, and puts the original back", () => {
    write(resolvConf, "# mine", "nameserver 192.0.2.1");
    const before = readFileSync(resolvConf, "utf8");
    const kept = keeper();
    kept.manage();
    expect(servers()).toEqual(["127.0.0.153"]);
    kept.restore();
    expect(readFileSync(resolvConf, "utf8")).toBe(before);
  });

  test("keeps the permissions", () => {
    writeFileSync(resolvConf, "nameserver 192.0.2.1\n", { mode: 0o600 });
    const kept = keeper();
    kept.manage();
    expect(statSync(resolvConf).mode & 0o777).toBe(0o644);
    kept.restore();
    expect(statSync(resolvConf).mode & 0o777).toBe(0o600);
  });

  test("replaces a symbolic link itself, never what it leads to, and puts the link back", () => {
    const target = join(folder, "stub-resolv.conf");
    write(target, "nameserver 127.0.0.53");
    symlinkSync("../stub-resolv.conf", resolvConf);
    const kept = keeper();
    kept.manage();
    expect(lstatSync(resolvConf).isSymbolicLink()).toBe(false);
    expect(readFileSync(target, "utf8")).toBe("nameserver 127.0.0.53\n");
    expect(kept.original).toBe("nameserver 127.0.0.53\n");
    kept.restore();
    expect(readlinkSync(resolvConf)).toBe("../stub-resolv.conf");
  });

  test("CVE-2021-26720: what is kept is not written through a link that is put in its way", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    const victim = join(folder, "victim");
    write(victim, "untouched");
    for (const name of ["resolv.conf.original", "resolv.conf.original.dotlocal-new"]) {
      symlinkSync(victim, join(state, name));
    }
    symlinkSync(victim, `${resolvConf}.dotlocal-new`);
    const kept = keeper();
    kept.manage();
    expect(servers()).toEqual(["127.0.0.153"]);
    kept.restore();
    expect(readFileSync(resolvConf, "utf8")).toBe("nameserver 192.0.2.1\n");
    expect(readFileSync(victim, "utf8")).toBe("untouched\n");
  });

  test("a dangling link is kept as it is", () => {
    symlinkSync("/nonexistent/resolv.conf", resolvConf);
    const kept = keeper();
    kept.manage();
    expect(servers()).toEqual(["127.0.0.153"]);
    kept.restore();
    expect(readlinkSync(resolvConf)).toBe("/nonexistent/resolv.conf");
  });

  test("where there was no file there is none afterwards", () => {
    const kept = keeper();
    kept.manage();
    expect(servers()).toEqual(["127.0.0.153"]);
    kept.restore();
    expect(() => lstatSync(resolvConf)).toThrow("ENOENT");
  });

  test("after a crash the next start puts the original back", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    keeper().manage();
    expect(recoverResolvConf(state, resolvConf)).toBe(true);
    expect(servers()).toEqual(["192.0.2.1"]);
    expect(recoverResolvConf(state, resolvConf)).toBe(false);
  });

  test("after a crash a start that manages again still has the first original", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    keeper().manage();
    const again = keeper();
    again.manage();
    expect(again.original).toBe("nameserver 192.0.2.1\n");
    again.restore();
    expect(servers()).toEqual(["192.0.2.1"]);
  });

  test("a file that somebody wrote meanwhile is left to them", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    const kept = keeper();
    kept.manage();
    write(resolvConf, "nameserver 192.0.2.77");
    kept.restore();
    expect(servers()).toEqual(["192.0.2.77"]);
  });

  test("what somebody writes while we run is the new original", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    const kept = keeper();
    kept.manage();
    expect(kept.handleChange(0)).toBe("ours");
    write(resolvConf, "nameserver 192.0.2.77");
    expect(kept.handleChange(0)).toBe("taken-back");
    expect(servers()).toEqual(["127.0.0.153"]);
    expect(kept.original).toBe("nameserver 192.0.2.77\n");
    kept.restore();
    expect(servers()).toEqual(["192.0.2.77"]);
  });

  test("who writes it again and again has it", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    const kept = keeper();
    kept.manage();
    const outcomes = [1, 2, 3, 4, 5, 6].map((time) => {
      write(resolvConf, "nameserver 192.0.2.77");
      return kept.handleChange(time * 1000);
    });
    expect(outcomes.at(-1)).toBe("left");
    kept.restore();
    expect(servers()).toEqual(["192.0.2.77"]);
  });

  test("what was kept is not lost to a damaged state file", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    writeFileSync(join(state, "resolv.conf.original"), "{ damaged");
    const kept = keeper();
    kept.manage();
    kept.restore();
    expect(servers()).toEqual(["192.0.2.1"]);
  });

  test("where it cannot be done the file is as it was, and the error says so", () => {
    write(resolvConf, "nameserver 192.0.2.1");
    write(join(folder, "file"), "no directory");
    const nowhere = new ResolvConfKeeper({
      path: resolvConf,
      stateDirectory: join(folder, "file", "state"),
      stub: STUB.address,
    });
    expect(() => nowhere.manage()).toThrow(`cannot change ${resolvConf}`);
    expect(servers()).toEqual(["192.0.2.1"]);
    expect(isManagedResolvConf(readFileSync(resolvConf, "utf8"))).toBe(false);
  });
});

describe("watching", () => {
  const changed = (act: () => void) =>
    new Promise<void>((resolve) => {
      const watch = new ResolverFilesWatch([resolvConf], () => {
        watch.close();
        resolve();
      });
      act();
    });

  test.each<[string, () => void]>([
    ["written", () => write(resolvConf, "nameserver 192.0.2.2")],
    ["removed", () => rmSync(resolvConf)],
    [
      "renamed over",
      () => {
        write(`${resolvConf}.new`, "nameserver 192.0.2.3");
        renameSync(`${resolvConf}.new`, resolvConf);
      },
    ],
    [
      "made a link",
      () => {
        write(join(folder, "other.conf"), "nameserver 192.0.2.1");
        rmSync(resolvConf);
        symlinkSync(join(folder, "other.conf"), resolvConf);
      },
    ],
  ])("tells that a file was %s", async (_, act) => {
    write(resolvConf, "nameserver 192.0.2.1");
    await changed(act);
  });

  test("tells that what a link leads to has changed", async () => {
    const target = join(folder, "run");
    mkdirSync(target);
    write(join(target, "resolv.conf"), "nameserver 192.0.2.1");
    symlinkSync(join(target, "resolv.conf"), resolvConf);
    await changed(() => write(join(target, "resolv.conf"), "nameserver 192.0.2.2"));
  });
});
