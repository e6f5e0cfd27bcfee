/**
 * The run that README.md shows, again: each command on its host, and what it prints compared with what
 * is shown. Numbers that differ from run to run (times, ports, addresses made from hardware) do not
 * count.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import type { RunningProcess } from "./kit/process.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

interface Step {
  readonly host: string;
  readonly command: string;
  readonly output: string;
}

/** `node-a$ dotlocal ...`, and the lines below it. */
function stepsOf(readme: string): readonly Step[] {
  const [, block] = /^```console\n(node-a\$ .*?)^```$/ms.exec(readme)!;
  return block!
    .split(/^(?=node-\w\$ )/m)
    .map((text) => /^(node-\w)\$ ([^\n]*)\n(.*)$/s.exec(text)!)
    .map(([, host, command, output]) => ({ host: host!, command: command!, output: output! }));
}

function masked(text: string): string {
  return text
    .replaceAll(/fe80::[0-9a-f:]+/g, "fe80::#")
    .replaceAll(/^\d\d:\d\d:\d\d/gm, "##:##:##")
    .replaceAll(/\t\d+\t(?=[A-Z]+\t)/g, "\t#\t")
    .trim();
}

/** What is shown of node-a's daemon, after all that. */
function statusOf(readme: string): string {
  const [, block] = /^```console\n\$ dotlocal status\n(.*?)^```$/ms.exec(readme)!;
  return block!;
}

/** Without numbers and widths; of the packets, whose kinds are a matter of chance, only the heading. */
function outline(status: string): readonly string[] {
  const text = status.replace(/(?<=^Packets\n.*\n)( {2}.*\n)+/m, "");
  return text
    .trim()
    .split("\n")
    .map((line) =>
      masked(line)
        .replaceAll(/\d+(\.\d+)?/g, "#")
        .replaceAll(/ {2,}/g, "  "),
    );
}

/** What the daemons of the run have in /etc/dotlocal/dotlocal.yaml, as the README says. */
const CONFIGURATION = "user: nobody\ncompat: { avahi: off, resolved: off }\n";

/** Commands with `&` go on; the next begins when they have printed what is shown. */
async function perform(host: Host, step: Step, running: RunningProcess[]): Promise<string> {
  const words = step.command.replace(/ &$/, "").match(/"[^"]*"|\S+/g)!;
  const args = words.slice(1).map((word) => word.replaceAll('"', ""));
  const process = spawnDotlocal(host, args);
  if (!step.command.endsWith(" &")) {
    await process.ended;
    return process.stdout + process.stderr;
  }
  running.push(process);
  const lines = step.output.trimEnd().split("\n");
  for (const line of lines) await process.line(new RegExp(escaped(withoutTime(line))));
  return process.lines.slice(0, lines.length).join("\n");
}

function withoutTime(line: string): string {
  return masked(line).replace(/^[#:]+ /, "");
}

/** What happens at the same time may be told in any order. */
function sorted(text: string): readonly string[] {
  return masked(text).split("\n").sort();
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("#", ".*");
}

describeEndToEnd("README.md", {}, () => {
  test("shows a run as it is", async () => {
    const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
    const steps = stepsOf(readme);
    expect(steps.length).toBeGreaterThan(5);
    await using lan = await Lan.create({ prefix: "192.168.77" });
    const hosts = { "node-a": await lan.host("node-a"), "node-b": await lan.host("node-b") };
    for (const host of Object.values(hosts)) {
      host.writeFile("/etc/dotlocal/dotlocal.yaml", CONFIGURATION);
    }
    const running: RunningProcess[] = [];
    for (const step of steps) {
      const printed = await perform(hosts[step.host as keyof typeof hosts], step, running);
      expect(sorted(printed), step.command).toEqual(sorted(step.output));
    }
    const { stdout: status } = await dotlocal(hosts["node-a"], "status");
    expect(outline(status)).toEqual(outline(statusOf(readme)));
    for (const process of running.reverse()) expect(await process.stop()).toBe(0);
  });
});
