/**
 * Network namespaces for tests with real sockets: links between them, and programs inside them that
 * speak JSON lines. Needs root and `ip netns`.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FixtureBundles } from "./fixture-bundle.ts";

/** How long `next` waits for a line that matches. */
const LINE_TIMEOUT = 5_000;

/** How many lines an error shows. */
const LINES_SHOWN = 12;

/** Whether tests with namespaces can run here; says so in one line where they cannot. */
export function canUseNamespaces(): boolean {
  try {
    execFileSync("ip", ["netns", "list"], { stdio: "ignore" });
    if (process.getuid?.() === 0) return true;
  } catch {
    // No iproute2.
  }
  process.stderr.write("tests in network namespaces are left out: they need root and `ip netns`\n");
  return false;
}

/** The namespaces and programs of one test file, all taken down by `close`. */
export class Laboratory {
  readonly #prefix = `dotlocal-${process.pid}-${Date.now().toString(36).slice(-4)}`;
  readonly #names: string[] = [];
  readonly #programs: Program[] = [];
  readonly #bundles = new FixtureBundles();

  /** Makes a namespace with its loopback up; returns a function that runs `ip` in it. */
  namespace(label: string): Namespace {
    const name = `${this.#prefix}-${label}`;
    execFileSync("ip", ["netns", "add", name]);
    this.#names.push(name);
    const namespace = new Namespace(name);
    namespace.ip("link set lo up");
    namespace.sysctl("net.ipv6.conf.default.accept_dad", 0);
    return namespace;
  }

  /** Joins two namespaces by a pair of interfaces, both up. */
  connect(a: Namespace, aName: string, b: Namespace, bName: string): void {
    a.ip(`link add ${aName} type veth peer name ${bName} netns ${b.name}`);
    a.ip(`link set ${aName} up`);
    b.ip(`link set ${bName} up`);
  }

  /** Bundles a fixture and starts it in a namespace. */
  start(namespace: Namespace, fixture: string, parameters: object, prefix: string[] = []): Program {
    const command = [
      ...prefix,
      process.execPath,
      this.#bundles.build(fixture),
      JSON.stringify(parameters),
    ];
    const child = spawn("ip", ["netns", "exec", namespace.name, ...command], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const program = new Program(child);
    this.#programs.push(program);
    return program;
  }

  async close(): Promise<void> {
    for (const program of this.#programs) await program.stop();
    for (const name of this.#names) execFileSync("ip", ["netns", "del", name]);
    this.#bundles.remove();
  }
}

export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  ip(command: string): void {
    execFileSync("ip", ["-n", this.name, ...command.split(" ")]);
  }

  sysctl(key: string, value: number): void {
    execFileSync("ip", ["netns", "exec", this.name, "sysctl", "-qw", `${key}=${value}`]);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: lines of fixtures are looked at field by field.
export type Line = Record<string, any>;

export class Program {
  readonly #child: ChildProcess;
  #lines: Line[] = [];
  #onLine: (() => void) | undefined;
  readonly #exited: Promise<void>;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.#lines.push(JSON.parse(line) as Line);
      this.#onLine?.();
    });
  }

  /** The first line from now on, or of those not yet taken, that matches; takes it out. */
  async next(matches: (line: Line) => boolean, timeout = LINE_TIMEOUT): Promise<Line> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const index = this.#lines.findIndex(matches);
      if (index >= 0) return this.#lines.splice(index, 1)[0]!;
      await this.#nextLine(deadline);
    }
  }

  /** Every line so far that matches and was not taken. */
  seen(matches: (line: Line) => boolean): Line[] {
    return this.#lines.filter(matches);
  }

  forget(): void {
    this.#lines = [];
  }

  tell(command: object): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** Ends it and waits until it has. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill();
    await this.#exited;
  }

  #nextLine(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = this.#lines.slice(-LINES_SHOWN).map((line) => JSON.stringify(line));
        reject(new Error(`no such line; the last were\n${last.join("\n")}`));
      }, deadline - Date.now());
      this.#onLine = () => {
        clearTimeout(timer);
        this.#onLine = undefined;
        resolve();
      };
    });
  }
}
