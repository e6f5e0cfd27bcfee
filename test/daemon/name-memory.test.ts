import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { NameMemory } from "../../src/daemon/name-memory.ts";
import { Folder } from "./folder.ts";

function memoryIn(folder: Folder, failures: string[] = []): NameMemory {
  return new NameMemory(folder.file("state"), (error) => failures.push(error.message));
}

describe("the names that are remembered", () => {
  test("are there after a restart", () => {
    using folder = new Folder();
    const before = memoryIn(folder);
    before.rememberLabel("alpha-2");
    before.rememberInstance("Web._http._tcp.local", "Web (2)");
    before.rememberInstance("Küche 1\\.2._ipp._tcp.local", "Küche 1.2 (3)");
    const after = memoryIn(folder);
    expect(after.label).toBe("alpha-2");
    expect([...after.instances]).toEqual([
      ["Web._http._tcp.local", "Web (2)"],
      ["Küche 1\\.2._ipp._tcp.local", "Küche 1.2 (3)"],
    ]);
  });

  test("are forgotten when the original name is had again", () => {
    using folder = new Folder();
    const before = memoryIn(folder);
    before.rememberLabel("alpha-2");
    before.rememberInstance("Web._http._tcp.local", "Web (2)");
    before.rememberLabel(undefined);
    before.rememberInstance("Web._http._tcp.local", undefined);
    const after = memoryIn(folder);
    expect(after.label).toBeUndefined();
    expect(after.instances.size).toBe(0);
  });

  test("are none where nothing was written or a file was damaged", () => {
    using folder = new Folder();
    expect(memoryIn(folder).instances.size).toBe(0);
    for (const text of ["", "{", "[1]", "null", '"Web"', '{"Web": 2}']) {
      folder.write("state/instance-names.json", text);
      expect([...memoryIn(folder).instances]).toEqual([]);
    }
  });

  test("CVE-2021-26720: are not written through a link that is put in their way", () => {
    using folder = new Folder();
    folder.write("victim", "untouched");
    for (const name of ["host-label", "host-label.new"]) {
      folder.write(`state/${name}`, "");
      rmSync(folder.file(`state/${name}`));
      symlinkSync(folder.file("victim"), folder.file(`state/${name}`));
    }
    memoryIn(folder).rememberLabel("alpha-2");
    expect(readFileSync(folder.file("victim"), "utf8")).toBe("untouched");
    expect(memoryIn(folder).label).toBe("alpha-2");
  });

  test("that cannot be written are told, and nothing else happens", () => {
    using folder = new Folder();
    folder.write("state", "a file in the place of the folder");
    const failures: string[] = [];
    memoryIn(folder, failures).rememberInstance("Web._http._tcp.local", "Web (2)");
    expect(failures).toEqual([expect.stringContaining("state")]);
    expect(readFileSync(folder.file("state"), "utf8")).toContain("in the place");
  });
});
