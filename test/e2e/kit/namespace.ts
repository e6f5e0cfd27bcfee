/**
 * A small machine of its own: network, mount, process, host name and IPC namespaces, with a private
 * `/run`, and writable copies of `/etc` and `/var` that the real machine never sees.
 *
 * Theory of operation: a shell is process 1 of the namespaces and waits on a pipe from the test
 * process. When the pipe closes, on dispose or because the test process is gone in whatever way, the
 * shell ends, the kernel kills every process inside, and with the last of them go the interfaces,
 * mounts and files. So nothing is ever left behind and nothing has to be swept.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { repositoryRoot, systemPath } from "./paths.ts";
import {
  complete,
  RunningProcess,
  type RunOptions,
  type RunResult,
  type SpawnOptions,
} from "./process.ts";

/**
 * Run by process 1 before anything else; prints a line when the machine is ready. As under systemd,
 * further addresses of a subnet outlive the first one.
 */
const SETUP = `
set -e
hostname "$1"
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
for folder in etc var; do
  mkdir -p /run/.overlay/$folder/upper /run/.overlay/$folder/work
  mount -t overlay overlay -o lowerdir=/$folder,upperdir=/run/.overlay/$folder/upper,workdir=/run/.overlay/$folder/work /$folder
done
for family in all default; do
  echo 0 > /proc/sys/net/ipv6/conf/$family/accept_dad
  echo 0 > /proc/sys/net/ipv6/conf/$family/accept_ra
  echo 1 > /proc/sys/net/ipv4/conf/$family/promote_secondaries
done
ip link set lo up
echo ready
read -r _
`;

export class Namespace implements AsyncDisposable {
  readonly hostName: string;
  /** Process 1 of the namespaces, as this process sees it. */
  readonly pid: number;
  readonly #holder: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(hostName: string, holder: ChildProcess, pid: number, gone: Promise<void>) {
    this.hostName = hostName;
    this.#holder = holder;
    this.pid = pid;
    this.#gone = gone;
  }

  static async create(hostName: string): Promise<Namespace> {
    const flags = ["--net", "--uts", "--mount", "--ipc", "--pid", "--fork", "--kill-child"];
    const args = [...flags, "--mount-proc", "sh", "-c", SETUP, "sh", hostName];
    const env = { ...process.env, PATH: systemPath };
    const holder = spawn("unshare", args, { env, stdio: "pipe" });
    holder.stdin.on("error", () => {});
    const gone = new Promise<void>((resolve) => holder.on("close", () => resolve()));
    await readiness(holder);
    return new Namespace(hostName, holder, onlyChild(holder.pid!), gone);
  }

  /** Where the test process finds a file of this machine. */
  path(absolute: string): string {
    return `/proc/${this.pid}/root${absolute}`;
  }

  /** Writes a file that only this machine sees: below `/run`, `/etc` or `/var`. */
  writeFile(absolute: string, text: string): void {
    if (!/^\/(run|etc|var)\//.test(absolute)) throw new Error(`${absolute} is the real machine's`);
    mkdirSync(dirname(this.path(absolute)), { recursive: true });
    writeFileSync(this.path(absolute), text);
  }

  readFile(absolute: string): string {
    return readFileSync(this.path(absolute), "utf8");
  }

  /** Runs a program to its end, whatever its status. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    return complete(this.spawn(command, args, options), options);
  }

  /** Runs a program that must succeed, and returns what it printed. */
  async output(command: string, args: readonly string[] = [], options: RunOptions = {}) {
    const { status, stdout, stderr } = await this.run(command, args, options);
    if (status === 0) return stdout;
    throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  }

  /**
   * Runs `ip` commands in this network, in order. They may name another namespace's `pid` as a
   * `netns`, which commands started by `run` cannot, as they see no other processes.
   */
  async ip(...commands: readonly string[]): Promise<void> {
    const entry = ["nsenter", `--net=/proc/${this.pid}/ns/net`, "ip", "-batch", "-"];
    const title = `[${this.hostName}] ip ${commands.join("; ")}`;
    const ip = new RunningProcess(title, entry, { ...process.env, PATH: systemPath });
    const { status, stderr } = await complete(ip, { input: commands.join("\n") });
    if (status !== 0) throw new Error(`${title}: ${stderr}`);
  }

  /** Starts a program that goes on until it is stopped or the machine is disposed of. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): RunningProcess {
    const entry = [
      "nsenter",
      `--target=${this.pid}`,
      "--net",
      "--uts",
      "--mount",
      "--ipc",
      "--pid",
    ];
    const env = { ...process.env, PATH: systemPath, ...options.env };
    return new RunningProcess(
      `[${this.hostName}] ${[command, ...args].join(" ")}`,
      [...entry, `--wdns=${repositoryRoot}`, "--", command, ...args],
      env,
    );
  }

  /** Ends every process in it at once, without a chance to say goodbye. */
  async dispose(): Promise<void> {
    this.#holder.stdin!.end();
    await this.#gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

function readiness(holder: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = "";
    holder.stderr!.on("data", (octets) => {
      printed += octets;
    });
    holder.stdout!.on("data", () => resolve());
    holder.on("error", reject);
    holder.on("close", () => reject(new Error(`no namespaces can be made: ${printed.trim()}`)));
  });
}

function onlyChild(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}
