import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HostsFile, parseHosts } from "../../src/client/hosts-file.ts";

test("names and aliases lead to addresses, whatever their case; other lines are passed over", () => {
  const hosts = parseHosts(
    [
      "127.0.0.1\tlocalhost",
      "192.0.2.7  Printer.local printer # the one upstairs",
      "2001:db8::7 printer.local.",
      "192.0.2.7 printer.local",
      "not-an-address printer.local",
      "# 192.0.2.9 printer.local",
      "192.0.2.8",
      "",
    ].join("\r\n"),
  );
  expect(hosts.get("printer.local")).toEqual(["192.0.2.7", "2001:db8::7"]);
  expect(hosts.get("printer")).toEqual(["192.0.2.7"]);
  expect([...hosts.keys()]).toEqual(["localhost", "printer.local", "printer"]);
});

test("a changed file is read again, and a missing one has no names", () => {
  const folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  const path = join(folder, "hosts");
  const hosts = new HostsFile(path);
  expect(hosts.addressesOf("a.local")).toEqual([]);
  writeFileSync(path, "192.0.2.1 a.local\n");
  expect(hosts.addressesOf("A.local.")).toEqual(["192.0.2.1"]);
  writeFileSync(path, "192.0.2.22 a.local\n");
  expect(hosts.addressesOf("a.local")).toEqual(["192.0.2.22"]);
  rmSync(folder, { recursive: true });
  expect(hosts.addressesOf("a.local")).toEqual([]);
});
