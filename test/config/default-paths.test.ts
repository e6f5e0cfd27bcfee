/** Where the control socket and the state are, by the facts of the host. */

import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIGURATION } from "../../src/config/configuration.ts";
import {
  controlSocketPath,
  type PathFacts,
  stateDirectoryPath,
  userControlSocket,
} from "../../src/config/default-paths.ts";

const root: PathFacts = {
  isRoot: true,
  runtimeDirectory: undefined,
  stateDirectory: undefined,
  xdgRuntimeDirectory: "/run/user/0",
  xdgStateHome: undefined,
  home: "/root",
};
const user: PathFacts = {
  ...root,
  isRoot: false,
  xdgRuntimeDirectory: "/run/user/1000",
  home: "/home/ann",
};

describe("controlSocketPath", () => {
  it.each<[string, PathFacts, string]>([
    ["root", root, "/run/dotlocal/control.sock"],
    ["a user", user, "/run/user/1000/dotlocal/control.sock"],
    [
      "a user without a runtime directory",
      { ...user, xdgRuntimeDirectory: undefined },
      "/run/dotlocal/control.sock",
    ],
    [
      "a systemd unit",
      { ...user, runtimeDirectory: "/run/dotlocal-a:/run/b" },
      "/run/dotlocal-a/control.sock",
    ],
  ])("finds the socket of %s", (_, facts, path) => {
    expect(controlSocketPath(DEFAULT_CONFIGURATION, facts)).toBe(path);
  });

  it("takes the configured path before all others", () => {
    const control = { ...DEFAULT_CONFIGURATION.control, socket: "/tmp/c.sock" };
    const facts = { ...root, runtimeDirectory: "/run/dotlocal" };
    expect(controlSocketPath({ ...DEFAULT_CONFIGURATION, control }, facts)).toBe("/tmp/c.sock");
  });

  it("knows no socket of root's own", () => {
    expect(userControlSocket(root)).toBeUndefined();
  });
});

describe("stateDirectoryPath", () => {
  it.each<[string, PathFacts, string]>([
    ["root", root, "/var/lib/dotlocal"],
    ["a user", user, "/home/ann/.local/state/dotlocal"],
    ["a user with $XDG_STATE_HOME", { ...user, xdgStateHome: "/s" }, "/s/dotlocal"],
    ["a systemd unit", { ...root, stateDirectory: "/var/lib/x" }, "/var/lib/x"],
    ["a user without a home", { ...user, home: undefined }, "/var/lib/dotlocal"],
  ])("finds the directory of %s", (_, facts, path) => {
    expect(stateDirectoryPath(DEFAULT_CONFIGURATION, facts)).toBe(path);
  });
});
