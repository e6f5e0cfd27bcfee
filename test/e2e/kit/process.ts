/**
 * Processes inside a namespace: short ones that are waited for, and long-running ones whose output
 * is watched line by line. A failure always carries the command and what it printed.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface RunOptions {
  /** Milliseconds; the process is killed and the promise rejected afterwards. Default 20 s. */
  readonly timeout?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or 128 and the signal's number. */
  readonly status: number;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
}

const RUN_TIMEOUT = 20_000;
const LINE_TIMEOUT = 15_000;

/** How long a process may take to end after SIGTERM, before SIGKILL. */
const STOP_TIMEOUT = 5_000;

interface LineWaiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: Error) => void;
}

export class RunningProcess implements AsyncDisposable {
  /** The command as it was started, for messages. */
  readonly title: string;
  /** Resolves with the exit status once the process has ended and its output is complete. */
  readonly ended: Promise<number>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;
  /** Complete lines of both streams, in the order in which they came. */
  readonly #lines: string[] = [];
  readonly #partial = { stdout: "", stderr: "" };
  #waiters: LineWaiter[] = [];
  #status: number | undefined;

  /** `command` enters the namespace and then becomes, or starts as its one child, the program. */
  constructor(title: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.title = title;
    const [file, ...args] = command;
    this.#child = spawn(file!, args, { env, stdio: "pipe", detached: true });
    // A process may end without reading its input.
    this.#child.stdin!.on("error", () => {});
    this.#watch("stdout");
    this.#watch("stderr");
    this.ended = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", () => this.#endChildren());
      this.#child.on("close", (status, signal) => {
        this.#status = status ?? 128 + signalNumber(signal);
        this.#failWaiters(`ended with status ${this.#status}`);
        resolve(this.#status);
      });
    });
    // Whoever awaits `ended` sees the error; nobody has to.
    this.ended.catch(() => {});
  }

  get isRunning(): boolean {
    return this.#status === undefined;
  }

  /** The programs it is, by the ids that this process sees. */
  get pids(): readonly number[] {
    return this.#programs();
  }

  /** The exit status, once the process has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Every complete line so far, of both streams. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line, past or future, that matches. Rejects after `timeout` ms or when it ends. */
  line(pattern: RegExp, timeout = LINE_TIMEOUT): Promise<RegExpExecArray> {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match !== null) return Promise.resolve(match);
    }
    return this.nextLine(pattern, timeout);
  }

  /** The first line that comes after this call and matches. */
  nextLine(pattern: RegExp, timeout = LINE_TIMEOUT): Promise<RegExpExecArray> {
    if (!this.isRunning) return Promise.reject(this.#failure(`ended before ${pattern}`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(this.#failure(`printed no ${pattern} within ${timeout} ms`));
      }, timeout);
      const waiter: LineWaiter = {
        pattern,
        resolve: (match) => {
          clearTimeout(timer);
          resolve(match);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiters.push(waiter);
    });
  }

  /** Writes to standard input. */
  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  closeInput(): void {
    this.#child.stdin!.end();
  }

  /** Sends a signal to the program itself; nsenter, which stops when that does, goes on with it. */
  signal(signal: NodeJS.Signals): void {
    const continued = signal === "SIGCONT" ? [this.#child.pid!] : [];
    for (const pid of [...this.#programs(), ...continued]) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has just ended.
      }
    }
  }

  /** SIGTERM, then SIGKILL for one that does not end. Returns the exit status. */
  async stop(): Promise<number> {
    if (!this.isRunning) return this.ended;
    const timer = setTimeout(() => this.signal("SIGKILL"), STOP_TIMEOUT);
    this.signal("SIGTERM");
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async kill(): Promise<void> {
    if (!this.isRunning) return;
    this.signal("SIGKILL");
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** An error that says what this process is and what it has printed. */
  #failure(reason: string): Error {
    const output = `${this.stdout}${this.stderr}`.trim() || "(no output)";
    return new Error(`${this.title} ${reason}\n${output}`);
  }

  /** nsenter's child is the program; before it has one, nsenter itself. */
  #programs(): readonly number[] {
    const pid = this.#child.pid;
    if (pid === undefined || !this.isRunning) return [];
    try {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
      return children === "" ? [pid] : children.split(" ").map(Number);
    } catch {
      return [];
    }
  }

  /** What a program started and left behind would hold its output open. */
  #endChildren(): void {
    try {
      process.kill(-this.#child.pid!, "SIGKILL");
    } catch {
      // It left nothing.
    }
  }

  #watch(stream: "stdout" | "stderr"): void {
    const readable = this.#child[stream]!;
    readable.setEncoding("utf8");
    readable.on("data", (text: string) => {
      this[stream] += text;
      const lines = (this.#partial[stream] + text).split("\n");
      this.#partial[stream] = lines.pop()!;
      for (const line of lines) this.#handleLine(line);
    });
  }

  #handleLine(line: string): void {
    this.#lines.push(line);
    const remaining: LineWaiter[] = [];
    for (const waiter of this.#waiters) {
      const match = waiter.pattern.exec(line);
      if (match === null) remaining.push(waiter);
      else waiter.resolve(match);
    }
    this.#waiters = remaining;
  }

  #failWaiters(reason: string): void {
    for (const waiter of this.#waiters) {
      waiter.reject(this.#failure(`${reason} before ${waiter.pattern}`));
    }
    this.#waiters = [];
  }
}

/** Waits for a process that ends by itself. */
export async function complete(running: RunningProcess, options: RunOptions): Promise<RunResult> {
  const timeout = options.timeout ?? RUN_TIMEOUT;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    running.signal("SIGKILL");
  }, timeout);
  if (options.input !== undefined) running.write(options.input);
  running.closeInput();
  const status = await running.ended.finally(() => clearTimeout(timer));
  const { title, stdout, stderr } = running;
  if (timedOut) throw new Error(`${title} took more than ${timeout} ms\n${stdout}${stderr}`);
  return { stdout, stderr, status };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return (signal !== null && numbers[signal]) || 0;
}
