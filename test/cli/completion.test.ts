import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addCommands } from "../../src/cli/commands.ts";
import { completionCandidates } from "../../src/cli/completion-candidates.ts";
import { bashReply, typedLine } from "../../src/cli/shell-words.ts";
import { ServedDaemon } from "../servers/fake-daemon.ts";

const program = new Command("dotlocal");
addCommands(program);

/** The socket of no daemon. */
const NOBODY = ["--socket", "/nonexistent/control.sock"];

async function offered(words: readonly string[], word = ""): Promise<string[]> {
  return (await completionCandidates(program, words, word)).map(({ text }) => text);
}

describe("what completion offers", () => {
  it("is subcommands, those of a subcommand too, and none that are hidden", async () => {
    expect(await offered([], "re")).toEqual(["resolve", "reload"]);
    expect(await offered(["cache"])).toEqual(["list", "flush", "reconfirm", "help"]);
    expect(await offered([], "comp")).toEqual(["completion"]);
  });

  it("is a command's options", async () => {
    expect(await offered(["browse"], "--re")).toEqual(["--resolve"]);
    expect(await offered(["cache", "list"], "--n")).toEqual(["--name", "--no-color"]);
  });

  it("is the values of an option, and then arguments again", async () => {
    expect(await offered(["daemon", "--llmnr"])).toEqual(["full", "resolve", "off"]);
    expect(await offered(["daemon", "--log-level"], "d")).toEqual(["debug"]);
    expect(await offered(["resolve", "-t"], "sr")).toEqual(["SRV"]);
    expect(await offered(["monitor", "-i"], "l")).toContain("lo");
    expect(await offered(["completion"])).toEqual(["bash", "zsh", "fish"]);
  });

  it("is service types where one belongs", async () => {
    expect(await offered(["browse", ...NOBODY], "_ssh")).toEqual(["_ssh._tcp"]);
    expect(await offered(["publish", ...NOBODY, "My web"], "_http")).toEqual([
      ...["_http._tcp", "_https._tcp"],
    ]);
    expect(await offered(["publish", ...NOBODY], "_http")).toEqual([]);
  });

  it("is names that the running daemon knows", async () => {
    await using served = await ServedDaemon.start();
    const socket = ["--socket", served.path];
    expect(await offered(["resolve", ...socket], "pri")).toEqual(["printer.local"]);
    expect(await offered(["cache", "reconfirm", ...socket])).toContain("printer.local");
  });

  it("is nothing, and no error, where no daemon runs", async () => {
    expect(await offered(["resolve", ...NOBODY])).toEqual([]);
  });
});

describe("a line of bash", () => {
  it.each<[string, string[], string]>([
    ["dotlocal re", ["dotlocal"], "re"],
    ["dotlocal resolve ", ["dotlocal", "resolve"], ""],
    ["dotlocal resolve My\\ Pr", ["dotlocal", "resolve"], "My Pr"],
    ['dotlocal resolve "My Pr', ["dotlocal", "resolve"], "My Pr"],
    ["dotlocal publish 'a b' _h", ["dotlocal", "publish", "a b"], "_h"],
  ])("%s", (line, words, word) => {
    expect(typedLine(line)).toEqual({ words, word });
  });

  it("gets back what bash takes for one word", () => {
    expect(bashReply("My Printer._ipp._tcp.local", "My", "My")).toBe(
      "My\\ Printer._ipp._tcp.local",
    );
    expect(bashReply("My Printer", "My", '"My')).toBe("My Printer");
    // Bash begins a new word at each colon.
    expect(bashReply("fe80::1", "fe80::", "")).toBe("1");
  });
});
