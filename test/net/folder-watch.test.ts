import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { FolderWatch, type WatchedPaths } from "../../src/net/folder-watch.ts";
import { Folder } from "../daemon/folder.ts";

const open: { close(): void }[] = [];

afterEach(() => {
  for (const watch of open.splice(0)) watch.close();
});

class Subject {
  readonly #paths: WatchedPaths;
  readonly #watch: FolderWatch;
  changes = 0;

  constructor(paths: Partial<WatchedPaths>) {
    this.#paths = { folders: [], files: [], ...paths };
    this.#watch = new FolderWatch(() => {
      this.changes++;
      // As its owner does, which looks again.
      this.#watch.follow(this.#paths);
    });
    this.#watch.follow(this.#paths);
    open.push(this.#watch);
  }

  get isComplete(): boolean {
    return this.#watch.isComplete;
  }

  /** Does something and waits until it is told. */
  async sees(act: () => void): Promise<void> {
    const before = this.changes;
    act();
    await expect.poll(() => this.changes, { timeout: 3000, interval: 10 }).toBeGreaterThan(before);
  }
}

describe("a watched folder", () => {
  test("tells of files that come, change, are renamed and go", async () => {
    using folder = new Folder();
    const subject = new Subject({ folders: [folder.path] });
    const file = folder.file("web.yaml");
    await subject.sees(() => writeFileSync(file, "1"));
    await subject.sees(() => writeFileSync(file, "2"));
    await subject.sees(() => renameSync(file, folder.file("site.yaml")));
    await subject.sees(() => rmSync(folder.file("site.yaml")));
  });

  test("may come after the watch, with the folders above it", async () => {
    using folder = new Folder();
    const path = folder.file("etc/dotlocal/services");
    const subject = new Subject({ folders: [path] });
    await subject.sees(() => mkdirSync(folder.file("etc")));
    await subject.sees(() => mkdirSync(path, { recursive: true }));
    await expect.poll(() => subject.isComplete).toBe(true);
    await subject.sees(() => writeFileSync(`${path}/web.yaml`, "1"));
  });

  test("may be replaced by another, and removed and made again", async () => {
    using folder = new Folder();
    const path = folder.file("services");
    mkdirSync(path);
    mkdirSync(folder.file("next"));
    const subject = new Subject({ folders: [path] });
    await subject.sees(() => {
      renameSync(path, folder.file("old"));
      renameSync(folder.file("next"), path);
    });
    await subject.sees(() => writeFileSync(`${path}/web.yaml`, "1"));
    await subject.sees(() => rmSync(path, { recursive: true }));
    await subject.sees(() => mkdirSync(path));
    await subject.sees(() => writeFileSync(`${path}/web.yaml`, "1"));
  });

  test("may be a link that is turned to another folder", async () => {
    using folder = new Folder();
    for (const name of ["v1", "v2"]) mkdirSync(folder.file(name));
    const path = folder.file("services");
    symlinkSync("v1", path);
    const subject = new Subject({ folders: [path] });
    await subject.sees(() => writeFileSync(folder.file("v1/web.yaml"), "1"));
    symlinkSync("v2", folder.file("new"));
    await subject.sees(() => renameSync(folder.file("new"), path));
    await subject.sees(() => writeFileSync(folder.file("v2/web.yaml"), "1"));
  });
});

describe("a watched file", () => {
  test("tells when it comes, changes and goes", async () => {
    using folder = new Folder();
    const file = folder.file("hosts");
    const subject = new Subject({ files: [file] });
    await subject.sees(() => writeFileSync(file, "1"));
    await subject.sees(() => writeFileSync(file, "2"));
    await subject.sees(() => rmSync(file));
  });

  test("does not tell of its neighbours", async () => {
    using folder = new Folder();
    for (const name of ["hosts", "other"]) writeFileSync(folder.file(name), "1");
    const subject = new Subject({ files: [folder.file("hosts")] });
    writeFileSync(folder.file("other"), "2");
    rmSync(folder.file("other"));
    await subject.sees(() => rmSync(folder.file("hosts")));
    // Events come in order: the neighbour's would have come before.
    expect(subject.changes).toBe(1);
  });

  test("is followed to where it is a link to", async () => {
    using folder = new Folder();
    mkdirSync(folder.file("far"));
    writeFileSync(folder.file("far/web.yaml"), "1");
    mkdirSync(folder.file("services"));
    symlinkSync("../far/web.yaml", folder.file("services/web.yaml"));
    const subject = new Subject({ files: [folder.file("services/web.yaml")] });
    await subject.sees(() => writeFileSync(folder.file("far/web.yaml"), "2"));
  });
});

test("a watch that is closed tells nothing more", async () => {
  using folder = new Folder();
  let changes = 0;
  const closed = new FolderWatch(() => changes++);
  closed.follow({ folders: [folder.path], files: [] });
  closed.close();
  const subject = new Subject({ folders: [folder.path] });
  await subject.sees(() => writeFileSync(folder.file("web.yaml"), "1"));
  expect(changes).toBe(0);
});
