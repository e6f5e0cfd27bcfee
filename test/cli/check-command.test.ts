import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type CheckOptions, checkCommand } from "../../src/cli/check-command.ts";
import { avahi, Folder, systemd, web } from "../daemon/folder.ts";

let printed = { stdout: "", stderr: "" };

beforeEach(() => {
  printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs `check` on files of the folder, with a configuration that names this host and the folder. */
function check(folder: Folder, files: readonly string[], options: Omit<CheckOptions, "config">) {
  const { directories, avahi: avahis, avahiHosts, systemd: systemds } = folder.services;
  const services = { directories, avahi: avahis, avahiHosts, systemd: systemds };
  const config = folder.write("dotlocal.yaml", JSON.stringify({ hostname: "alpha", services }));
  const paths = files.map((file) => folder.file(file));
  const status = checkCommand(paths, { ...options, config });
  const lines = (text: string): readonly string[] =>
    text.replaceAll(`${folder.path}/`, "").split("\n").slice(0, -1);
  return { status, stdout: lines(printed.stdout), stderr: lines(printed.stderr) };
}

describe("check", () => {
  test("tells every problem of every format with its place, and ends with 2", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", "name: Web\ntype: _http._tcp\nprot: 80\n");
    folder.write("avahi/print.service", avahi("Print", 70000));
    folder.write("run/ssh.dnssd", "[Service]\nName=SSH\nType=_ssh._tcp\nPort=22\n");
    folder.write("run/ssh.dnssd.d/port.conf", "[Service]\nPort=none\n");
    folder.write("hosts", "192.0.2.5 router.lan\nnonsense\n");
    const { status, stdout } = check(folder, [], {});
    expect(status).toBe(2);
    expect(stdout).toEqual([
      expect.stringMatching(/^own\/web\.yaml:1:1: /),
      expect.stringMatching(/^own\/web\.yaml:3:1: .*did you mean "port"/),
      expect.stringMatching(/^avahi\/print\.service:1:\d+: .*70000/),
      expect.stringMatching(/^run\/ssh\.dnssd\.d\/port\.conf:2:6: .*none/),
      expect.stringMatching(/^hosts:2:1: /),
      'hosts:1:1: router.lan is not a name below "local"',
    ]);
  });

  test("says nothing of files that are right, and ends with 0", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    folder.write("run/ssh.dnssd", systemd("SSH"));
    folder.write("run/ssh.dnssd.d/port.conf", "[Service]\nPort=22\n");
    folder.write("hosts", "192.0.2.5 nas.local\n");
    expect(check(folder, [], {})).toEqual({ status: 0, stdout: [], stderr: [] });
    const named = ["own/web.yaml", "run/ssh.dnssd", "hosts", "dotlocal.yaml"];
    expect(check(folder, named, {})).toEqual({ status: 0, stdout: [], stderr: [] });
  });

  test("refuses a file that is not there", () => {
    using folder = new Folder();
    expect(() => check(folder, ["own/web.yaml"], {})).toThrow(/cannot read .*own\/web\.yaml/);
  });
});

describe("check --explain", () => {
  test("shows the records of a file under this host's name, and what they depend on", () => {
    using folder = new Folder();
    const more = [
      "subtypes: [_printer]",
      'txt: { path: /, duplex: true, blob: { hex: "00ff" } }',
      'interfaces: ["eth*"]',
      "protocol: ipv4",
      "when: { tcp: 80 }",
    ];
    folder.write("own/web.yaml", `${web('"Web 1.2 on %h"')}${more.join("\n")}\n`);
    const { status, stdout, stderr } = check(folder, ["own/web.yaml"], { explain: true });
    const name = "Web\\0321\\.2\\032on\\032alpha._http._tcp.local.";
    expect({ status, stderr }).toEqual({ status: 0, stderr: [] });
    expect(stdout).toEqual([
      '; own/web.yaml: "Web 1.2 on alpha"',
      "; on interfaces eth* only",
      "; on links with ipv4 only",
      "; only while tcp 127.0.0.1:80 answers",
      `_http._tcp.local. 4500 IN PTR ${name}`,
      `_printer._sub._http._tcp.local. 4500 IN PTR ${name}`,
      "_services._dns-sd._udp.local. 4500 IN PTR _http._tcp.local.",
      `${name} 120 IN+flush SRV 0 0 80 alpha.local.`,
      `${name} 4500 IN+flush TXT "path=/" "duplex" "blob=\\000\\255"`,
    ]);
  });

  test("shows hosts, further TXT records, and files that publish nothing", () => {
    using folder = new Folder();
    folder.write("hosts", "192.0.2.5 nas.local files.local\n");
    folder.write("run/a.dnssd", `${systemd("A")}TxtText=one\nTxtText=two\n`);
    folder.write("run/b.dnssd", "");
    const files = ["hosts", "run/a.dnssd", "run/b.dnssd"];
    expect(check(folder, files, { explain: true }).stdout).toEqual([
      "; hosts:",
      "nas.local. 120 IN+flush A 192.0.2.5",
      "5.2.0.192.in-addr.arpa. 120 IN+flush PTR nas.local.",
      "files.local. 120 IN+flush A 192.0.2.5",
      '; run/a.dnssd: "A"',
      "_http._tcp.local. 4500 IN PTR A._http._tcp.local.",
      "_services._dns-sd._udp.local. 4500 IN PTR _http._tcp.local.",
      "A._http._tcp.local. 120 IN+flush SRV 0 0 80 alpha.local.",
      'A._http._tcp.local. 4500 IN+flush TXT "one"',
      'A._http._tcp.local. 4500 IN+flush TXT "two"',
      "; run/b.dnssd: publishes nothing",
    ]);
  });

  test("keeps problems apart from records, and explains only what is valid", () => {
    using folder = new Folder();
    folder.write("own/a.yaml", web("A", 70000));
    folder.write("own/b.yaml", web("B"));
    const { status, stdout, stderr } = check(folder, [], { explain: true });
    expect(status).toBe(2);
    expect(stderr).toEqual([expect.stringMatching(/^own\/a\.yaml:3:7: /)]);
    expect(stdout[0]).toBe('; own/b.yaml: "B"');
  });

  test("is one JSON object a record for programs", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", `${web("Web")}when: { tcp: 80 }\n`);
    const { stdout } = check(folder, [], { explain: true, json: true });
    expect(stdout.map((line) => JSON.parse(line))[2]).toMatchObject({
      ...{ file: "own/web.yaml", name: "Web._http._tcp.local", ttl: 120, type: "SRV" },
      ...{ data: "0 0 80 alpha.local.", cacheFlush: true },
      limits: ["only while tcp 127.0.0.1:80 answers"],
    });
  });
});
