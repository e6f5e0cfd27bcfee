import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import {
  DefinitionFiles,
  EMPTY_SETTLE_TIME,
  SETTLE_TIME,
} from "../../src/daemon/definition-files.ts";
import { describeGroup } from "../config/describe-group.ts";
import { avahi, Folder, systemd, web } from "./folder.ts";

/** When files of tests were last changed, in seconds and in milliseconds. */
const MODIFIED = 1_000_000;
const THEN = MODIFIED * 1000;

class Subject extends DefinitionFiles {
  readonly folder: Folder;

  constructor(folder: Folder) {
    super();
    this.folder = folder;
  }

  /** Looks long after everything was written. */
  look(): this {
    this.scan(this.folder.services, "settled", THEN * 2);
    return this;
  }

  /** The milliseconds to wait for what is being written. */
  lookAt(clock: number): number | undefined {
    return this.scan(this.folder.services, "settled", clock).again;
  }

  /** Names with ports, e.g. `Web 80`. */
  get published(): readonly string[] {
    return this.definitions.map(({ group }) => {
      const [name, service = ""] = describeGroup(group);
      return name === undefined ? "nothing" : `${name} ${service.split(" | ")[1]}`;
    });
  }

  /** Problems without the folder. */
  get problems(): readonly string[] {
    return this.diagnostics.map((one) =>
      formatDiagnostic(one).replaceAll(`${this.folder.path}/`, ""),
    );
  }
}

describe("the files that define services", () => {
  test("are those of each format in its folders, and no editor's own", () => {
    using folder = new Folder();
    folder.write("own/a.yaml", web("A"));
    folder.write("own/b.json", JSON.stringify({ name: "B", type: "_http._tcp", port: 81 }));
    folder.write("avahi/c.service", avahi("C", 82));
    folder.write("run/d.dnssd", systemd("D", 83));
    for (const name of [".a.yaml.swp", "a.yaml~", "#a.yaml#", ".#a.yaml", "4913", "README.md"]) {
      folder.write(`own/${name}`, "nonsense");
    }
    folder.write("avahi/e.yaml", web("E"));
    mkdirSync(folder.file("own/folder.yaml"));
    execFileSync("mkfifo", [folder.file("own/pipe.yaml")]);
    symlinkSync(folder.file("nowhere"), folder.file("own/dangling.yaml"));
    const subject = new Subject(folder).look();
    expect(subject.published).toEqual(["A 80", "B 81", "C 82", "D 83"]);
    expect(subject.problems).toEqual([]);
  });

  test("of systemd are overridden and masked by the first folder, and added to by drop-ins", () => {
    using folder = new Folder();
    folder.write("run/web.dnssd", systemd("Low", 80));
    folder.write("run/web.dnssd.d/10-port.conf", "[Service]\nPort=90\n");
    folder.write("run/web.dnssd.d/20-more.conf", "[Service]\nPort=91\n");
    folder.write("etc/web.dnssd.d/20-more.conf", "[Service]\nPort=92\n");
    const subject = new Subject(folder).look();
    expect(subject.published).toEqual(["Low 92"]);
    folder.write("etc/web.dnssd", systemd("High", 80));
    expect(subject.look().published).toEqual(["High 92"]);
    folder.remove("etc/web.dnssd");
    symlinkSync("/dev/null", folder.file("etc/web.dnssd"));
    expect(subject.look().published).toEqual(["nothing"]);
    expect(subject.problems).toEqual([]);
  });

  test("are not read before they have been left alone for a moment", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"), MODIFIED);
    const subject = new Subject(folder);
    expect(subject.lookAt(THEN + 10)).toBe(SETTLE_TIME - 10);
    expect(subject.published).toEqual([]);
    expect(subject.lookAt(THEN + SETTLE_TIME)).toBeUndefined();
    expect(subject.published).toEqual(["Web 80"]);

    folder.write("own/web.yaml", web("Web", 81), MODIFIED + 10);
    expect(subject.lookAt(THEN + 10_001)).toBe(SETTLE_TIME - 1);
    expect(subject.published).toEqual(["Web 80"]);
    subject.lookAt(THEN + 10_000 + SETTLE_TIME);
    expect(subject.published).toEqual(["Web 81"]);
  });

  test("are believed to be empty, which masks one of systemd's, only after a while", () => {
    using folder = new Folder();
    folder.write("etc/web.dnssd", systemd("Web"));
    const subject = new Subject(folder).look();
    folder.write("etc/web.dnssd", "", MODIFIED);
    expect(subject.lookAt(THEN + SETTLE_TIME)).toBe(EMPTY_SETTLE_TIME - SETTLE_TIME);
    expect(subject.published).toEqual(["Web 80"]);
    subject.lookAt(THEN + EMPTY_SETTLE_TIME);
    expect(subject.published).toEqual(["nothing"]);
  });

  test("are read as they are by a reload", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"), MODIFIED);
    const subject = new Subject(folder);
    subject.scan(folder.services, "now", THEN);
    expect(subject.published).toEqual(["Web 80"]);
    folder.remove("own/web.yaml");
    subject.scan(folder.services, "now", THEN);
    expect(subject.published).toEqual([]);
  });

  test("keep their last valid version while they are wrong, and say where they are", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    folder.write("avahi/web.service", avahi("Print"));
    const subject = new Subject(folder).look();
    folder.write("own/web.yaml", "name: Web\ntype: _http._tcp\nport: 70000\n");
    folder.write("avahi/web.service", "<service-group><name>Print</name><service>");
    expect(subject.look().published).toEqual(["Web 80", "Print 80"]);
    expect(subject.problems).toEqual([
      expect.stringMatching(/^own\/web\.yaml:3:7: .*70000/),
      expect.stringMatching(/^avahi\/web\.service:1:\d+: /),
    ]);
    folder.write("own/web.yaml", web("Web", 81));
    folder.write("avahi/web.service", avahi("Print"));
    expect(subject.look().published).toEqual(["Web 81", "Print 80"]);
    expect(subject.problems).toEqual([]);
  });

  test("keep their last valid version while they cannot be read", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    folder.write("own/big.yaml", web("Big"));
    const subject = new Subject(folder).look();
    writeFileSync(folder.file("own/web.yaml"), Buffer.from("name: Web\nport: \xff\n", "latin1"));
    writeFileSync(folder.file("own/big.yaml"), Buffer.alloc(5_000_000, "#"));
    expect(subject.look().published).toEqual(["Big 80", "Web 80"]);
    expect(subject.problems).toEqual([
      expect.stringMatching(/^own\/big\.yaml:1:1: the file is too large/),
      "own/web.yaml:2:1: not valid UTF-8",
    ]);
  });

  test("stay while their folder cannot be read, which is named", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    const subject = new Subject(folder).look();
    renameSync(folder.file("own"), folder.file("elsewhere"));
    symlinkSync("own", folder.file("own"));
    expect(subject.look().published).toEqual(["Web 80"]);
    expect(subject.problems).toEqual(["own: cannot be read: ELOOP"]);
  });

  test("go a moment after their file, so that an editor may put another in its place", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    const subject = new Subject(folder).look();
    folder.remove("own/web.yaml");
    expect(subject.lookAt(THEN)).toBe(SETTLE_TIME);
    expect(subject.published).toEqual(["Web 80"]);
    folder.write("own/web.yaml", web("Web", 81));
    expect(subject.lookAt(THEN + 20)).toBeUndefined();
    expect(subject.published).toEqual(["Web 81"]);
    folder.remove("own/web.yaml");
    subject.lookAt(THEN + 100);
    subject.lookAt(THEN + 100 + SETTLE_TIME);
    expect(subject.published).toEqual([]);
  });

  test("of a new name wait for those that may have been renamed to it", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    const subject = new Subject(folder).look();
    renameSync(folder.file("own/web.yaml"), folder.file("own/site.yaml"));
    subject.lookAt(THEN);
    expect(subject.definitions.map(({ file }) => file)).toEqual([folder.file("own/web.yaml")]);
    subject.lookAt(THEN + SETTLE_TIME);
    expect(subject.definitions.map(({ file }) => file)).toEqual([folder.file("own/site.yaml")]);
  });

  test("of hosts give the lines that are right", () => {
    using folder = new Folder();
    folder.write("hosts", "192.0.2.5 nas.local files.local\nnonsense\n");
    const subject = new Subject(folder).look();
    const [hosts] = subject.definitions.map((one) => one.hosts);
    expect(hosts?.map(({ name, address, reverse }) => `${address} ${name} ${reverse}`)).toEqual([
      "192.0.2.5 nas.local true",
      "192.0.2.5 files.local false",
    ]);
    expect(subject.problems).toEqual([expect.stringMatching(/^hosts:2:1: /)]);
  });
});
