/**
 * Builds the Debian package: `npm run package:deb`. It is written to dist/, and its path printed.
 *
 * It holds the bundled command with the one native module it can use, for the processor that it is
 * built on; everything else is the same everywhere.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { buildIfStale, installIfStale, root } from "./freshness.js";

const PROGRAM = "usr/lib/dotlocal";
const DOCUMENTS = "usr/share/doc/dotlocal";

/** Debian's names of processors, by Node's. */
const ARCHITECTURES = { x64: "amd64", arm64: "arm64", arm: "armhf" };

/** Where each shell looks for what completes a command line. */
const COMPLETIONS = {
  bash: "usr/share/bash-completion/completions/dotlocal",
  zsh: "usr/share/zsh/vendor-completions/_dotlocal",
  fish: "usr/share/fish/vendor_completions.d/dotlocal.fish",
};

const { version, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const architecture = ARCHITECTURES[process.arch] ?? process.arch;
const tree = join(root, `dist/.deb-${process.pid}`);

installIfStale();
buildIfStale("commands", "compiled");
try {
  copyProgram();
  copySystemFiles();
  copyDocuments();
  writeControlFiles();
  console.log(buildPackage());
} finally {
  rmSync(tree, { recursive: true, force: true });
}

function copyProgram() {
  copy("bin", `${PROGRAM}/bin`);
  for (const name of readdirSync(join(root, "dist"))) {
    if (/\.(cjs|compiled)$/.test(name)) copy(`dist/${name}`, `${PROGRAM}/dist/${name}`);
  }
  copy("schema", `${PROGRAM}/schema`);
  copyNativeModule();
  mkdirSync(join(tree, "usr/bin"), { recursive: true });
  symlinkSync("../lib/dotlocal/bin/dotlocal.js", join(tree, "usr/bin/dotlocal"));
}

/** Without it the daemon uses portable sockets, and cannot talk to systemd. */
function copyNativeModule() {
  const modules = `${PROGRAM}/node_modules`;
  const binary = `node_modules/@koromix/koffi-linux-${process.arch}`;
  if (!existsSync(join(root, binary))) throw new Error(`${binary} is not installed`);
  copy(binary, `${modules}/${relative("node_modules", binary)}`);
  for (const path of files(join(root, "node_modules/koffi")).map((path) => relative(root, path))) {
    if (/\.(c?js|json)$|LICENSE/.test(path) && !/\/(vendor|doc)\/|cnoke/.test(path)) {
      copy(path, `${modules}/${relative("node_modules", path)}`);
    }
  }
}

function copySystemFiles() {
  copy("packaging/systemd", "usr/lib/systemd/system");
  copy("packaging/sysusers.d", "usr/lib/sysusers.d");
  copy("packaging/tmpfiles.d", "usr/lib/tmpfiles.d");
  copy("packaging/dotlocal.yaml", "etc/dotlocal/dotlocal.yaml");
  mkdirSync(join(tree, "etc/dotlocal/services"), { recursive: true });
  for (const [shell, path] of Object.entries(COMPLETIONS)) write(path, completionOf(shell));
}

function completionOf(shell) {
  const args = [join(root, "bin/dotlocal.js"), "completion", shell];
  return execFileSync(process.execPath, args, { encoding: "utf8" });
}

function copyDocuments() {
  for (const name of readdirSync(join(root, "man"))) {
    const folder = `usr/share/man/man${name.at(-1)}`;
    write(`${folder}/${name}.gz`, gzip(readFileSync(join(root, "man", name))));
  }
  copy("packaging/debian/copyright", `${DOCUMENTS}/copyright`);
  copy("README.md", `${DOCUMENTS}/README.md`);
  copy("service-defs/examples", `${DOCUMENTS}/examples`);
  write(`${DOCUMENTS}/changelog.gz`, gzip(readFileSync(join(root, "CHANGELOG.md"))));
}

function writeControlFiles() {
  const control = readFileSync(join(root, "packaging/debian/control"), "utf8");
  const values = { VERSION: version, ARCHITECTURE: architecture, DESCRIPTION: description };
  const size = Math.ceil(files(tree).reduce((sum, path) => sum + statSync(path).size, 0) / 1024);
  const filled = control.replace(/@(\w+)@/g, (_, key) => ({ ...values, SIZE: size })[key]);
  const sums = files(tree).map((path) => `${md5(path)}  ${relative(tree, path)}\n`);
  write("DEBIAN/control", filled);
  write("DEBIAN/conffiles", "/etc/dotlocal/dotlocal.yaml\n");
  write("DEBIAN/md5sums", sums.join(""));
  for (const script of ["postinst", "prerm", "postrm"]) {
    copy(`packaging/debian/${script}`, `DEBIAN/${script}`);
    chmodSync(join(tree, "DEBIAN", script), 0o755);
  }
}

function buildPackage() {
  setModes(tree);
  const target = join(root, `dist/dotlocal_${version}_${architecture}.deb`);
  const args = ["--root-owner-group", "-Zxz", "--build", tree, target];
  execFileSync("dpkg-deb", args, { stdio: ["ignore", 2, 2] });
  return target;
}

/** Whatever the checkout's own permissions are. */
function setModes(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setModes(path);
    else if (entry.isFile()) chmodSync(path, isProgram(path) ? 0o755 : 0o644);
  }
}

function isProgram(path) {
  return /\/(bin\/dotlocal\.js|DEBIAN\/(postinst|prerm|postrm))$/.test(path);
}

/** Every regular file but the control files. */
function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "DEBIAN" ? [] : files(path);
    return entry.isFile() ? [path] : [];
  });
}

function copy(from, to) {
  mkdirSync(dirname(join(tree, to)), { recursive: true });
  cpSync(join(root, from), join(tree, to), { recursive: true });
}

function write(path, content) {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), content);
}

function md5(path) {
  return createHash("md5").update(readFileSync(path)).digest("hex");
}

/** The same octets for the same content: without a time. */
function gzip(content) {
  return gzipSync(content, { level: 9 });
}
