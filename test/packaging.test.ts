/** What packages are made of: units, maintainer scripts, the Debian package, the Dockerfile. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isAvailable } from "./e2e/kit/requirements.ts";
import { readProjectFile, repositoryRoot } from "./source-code.ts";

/** systemd-analyze security, from 0 to 10. */
const EXPOSURE_MAX = 2;

const BUILD_TIMEOUT = 120_000;
const SCRIPTS = ["postinst", "prerm", "postrm"];
const { version } = JSON.parse(readProjectFile("package.json"));
const unitsFolder = join(repositoryRoot, "packaging/systemd");
const units = readdirSync(unitsFolder);

describe.runIf(isAvailable("systemd"))("the systemd units", () => {
  test("are hardened to the score that the documents tell, and to 2 at most", () => {
    const path = join(unitsFolder, "dotlocal.service");
    const args = ["security", "--offline=true", "--no-pager", path];
    const { stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    const [, score] = /Overall exposure level for dotlocal\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(score)).toBeLessThanOrEqual(EXPOSURE_MAX);
    for (const document of ["packaging/README.md", "docs/security.md"]) {
      expect(readProjectFile(document)).toContain(`**${score}**`);
    }
  });

  test("have no mistake that systemd knows of", () => {
    const paths = units.map((name) => join(unitsFolder, name));
    const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], {
      encoding: "utf8",
    });
    const about = stderr.split("\n").filter((line) => line.includes("dotlocal"));
    // The command is installed by the package alone.
    expect(about.filter((line) => !line.includes("/usr/bin/dotlocal"))).toEqual([]);
  });
});

test("the documents name each unit, and no other", () => {
  for (const document of ["packaging/README.md", "man/dotlocal-daemon.8"]) {
    const text = readProjectFile(document)
      .replaceAll(/\\f[BR]/g, "")
      .replaceAll("\\-", "-");
    const named = new Set(text.match(/\bdotlocal(-\w+)?\.(service|socket)\b/g));
    expect([...named].sort(), document).toEqual([...units].sort());
  }
});

describe("maintainer scripts", () => {
  const texts = SCRIPTS.map((name) => readProjectFile(`packaging/debian/${name}`));

  test("are valid for any POSIX shell, and end at the first failure", () => {
    for (const text of texts) {
      expect(spawnSync("sh", ["-n"], { input: text }).status).toBe(0);
      expect(text).toMatch(/^set -e$/m);
    }
  });

  test("maintainer scripts write nowhere that others may write", () => {
    for (const text of texts) {
      expect(text).not.toMatch(/\/tmp\b|\$TMPDIR|mktemp|chown -R|chmod/);
    }
  });
});

test("the Dockerfile copies what there is, and says that it needs the host's network", () => {
  const text = readProjectFile("packaging/Dockerfile");
  const copied = Array.from(text.matchAll(/^COPY (?!--from)(.+) \S+$/gm), ([, paths]) =>
    paths!.split(" "),
  ).flat();
  expect(copied.length).toBeGreaterThan(0);
  expect(copied.filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
  expect(text).toContain("--network host");
  expect(text).toMatch(/^USER dotlocal$/m);
});

describe.runIf(isAvailable("systemd"))("the Debian package", () => {
  let folder: string;
  let packagePath: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dotlocal-deb-"));
    const script = join(repositoryRoot, "scripts/package-deb.js");
    packagePath = execFileSync(process.execPath, [script], { encoding: "utf8" }).trim();
    execFileSync("dpkg-deb", ["--extract", packagePath, folder]);
  }, BUILD_TIMEOUT);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is of this version and needs a Node that can run it", () => {
    const field = (name: string) =>
      execFileSync("dpkg-deb", ["--field", packagePath, name], { encoding: "utf8" }).trim();
    expect(field("Version")).toBe(version);
    const { engines } = JSON.parse(readProjectFile("package.json"));
    const [, oldest] = />=(\S+)/.exec(engines.node)!;
    expect(field("Depends")).toContain(`nodejs (>= ${oldest})`);
  });

  test("holds the command, units, manual, completions and configuration, all of root", () => {
    const listing = execFileSync("dpkg-deb", ["--contents", packagePath], { encoding: "utf8" });
    const expected = [
      ...["usr/bin/dotlocal", "usr/lib/dotlocal/dist/daemon.cjs", "etc/dotlocal/dotlocal.yaml"],
      ...units.map((name) => `usr/lib/systemd/system/${name}`),
      ...["usr/lib/sysusers.d/dotlocal.conf", "usr/lib/tmpfiles.d/dotlocal.conf"],
      ...["man1/dotlocal.1", "man5/dotlocal.yaml.5", "man8/dotlocal-daemon.8"].map(
        (name) => `usr/share/man/${name}.gz`,
      ),
      ...["bash-completion/completions/dotlocal", "zsh/vendor-completions/_dotlocal"].map(
        (name) => `usr/share/${name}`,
      ),
    ];
    expect(expected.filter((path) => !listing.includes(`./${path}`))).toEqual([]);
    const strange = listing
      .split("\n")
      .filter((line) => line !== "" && !/^[-dl]rw[x-]r-[x-]r-[x-] root\/root |^lrwx/.test(line));
    expect(strange).toEqual([]);
    expect(listing).not.toMatch(/\.(cc|hh|c|h|map)$/m);
  });

  test("runs from where it is unpacked, with its native module", () => {
    const program = join(folder, "usr/lib/dotlocal");
    const run = (...args: string[]) =>
      execFileSync(process.execPath, args, { encoding: "utf8", cwd: join(program, "dist") });
    expect(run(join(program, "bin/dotlocal.js"), "--version")).toBe(`${version}\n`);
    expect(run("-p", "typeof require('koffi').load")).toBe("function\n");
  });
});
