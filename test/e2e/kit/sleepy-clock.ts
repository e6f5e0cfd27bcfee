/**
 * A host that can be made to believe it was suspended: boot time, which counts a suspend, jumps ahead
 * of the monotonic clock, which does not. Nothing else of the machine is touched.
 *
 * Native sockets come with `clock_gettime(CLOCK_BOOTTIME)`: a library that is loaded before libc adds
 * the seconds that a file of the host names. Without koffi boot time is read from /proc/uptime: there
 * is another file in its place.
 */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { uptime } from "node:os";
import type { Daemon, DaemonOptions } from "./daemon.ts";
import type { Host } from "./lan.ts";

const SLEPT_FILE = "/run/slept";
const UPTIME_FILE = "/run/uptime";
const LIBRARY = "/run/sleepy-clock.so";

const SOURCE = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && clock == CLOCK_BOOTTIME) {
    char text[32] = "";
    int file = open("${SLEPT_FILE}", O_RDONLY);
    if (file >= 0) {
      if (read(file, text, sizeof text - 1) > 0) time->tv_sec += atol(text);
      close(file);
    }
  }
  return result;
}
`;

export class SleepyClock {
  readonly #host: Host;
  #slept = 0;

  private constructor(host: Host) {
    this.#host = host;
  }

  /** Before a daemon is started on the host. */
  static async install(host: Host): Promise<SleepyClock> {
    const clock = new SleepyClock(host);
    clock.#write();
    await host.output("mount", ["--bind", UPTIME_FILE, "/proc/uptime"]);
    const output = host.namespace.path(LIBRARY);
    execFileSync("gcc", ["-shared", "-fPIC", "-O1", "-o", output, "-x", "c", "-"], {
      input: SOURCE,
    });
    return clock;
  }

  /** What a daemon is to be started with. */
  get options(): Pick<DaemonOptions, "env"> {
    return { env: { LD_PRELOAD: LIBRARY } };
  }

  /** No process of the daemon runs while `meanwhile` happens, and the host slept for `seconds`. */
  async suspend(daemon: Daemon, seconds: number, meanwhile: () => Promise<void>): Promise<void> {
    daemon.process.signal("SIGSTOP");
    await meanwhile();
    this.#slept += seconds;
    this.#write();
    daemon.process.signal("SIGCONT");
  }

  #write(): void {
    this.#host.writeFile(SLEPT_FILE, `${this.#slept}\n`);
    // In place: what is mounted over /proc/uptime is this file, not its name.
    writeFileSync(this.#host.namespace.path(UPTIME_FILE), `${uptime() + this.#slept} 0.00\n`);
  }
}
