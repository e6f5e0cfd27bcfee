/**
 * systemd as process 1 on a host: its own process, mount and control-group namespaces inside of the
 * host's, with writable copies of /usr, /etc and /var, its own /dev and /run. None of the system's
 * own services is started but the journal.
 */

import { setTimeout } from "node:timers/promises";
import type { Host } from "./lan.ts";
import type { RunningProcess, RunOptions } from "./process.ts";

const START_TIMEOUT = 15_000;
const STOP_TIMEOUT = 5_000;
const POLL_INTERVAL = 50;

/** Puts the machine into a control group of its own; without one, systemd would take the root. */
const ENTER_GROUP = `
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir /sys/fs/cgroup/$1
echo 0 > /sys/fs/cgroup/$1/cgroup.procs
exec unshare --pid --mount --cgroup --fork --kill-child --mount-proc sh -c "$2"
`;

const BOOT = `
set -e
umount /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /run/.usr/upper /run/.usr/work
mount -t overlay overlay -o lowerdir=/usr,upperdir=/run/.usr/upper,workdir=/run/.usr/work /usr
mount -t tmpfs -o mode=755 tmpfs /dev
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/random c 1 8
mknod -m 666 /dev/urandom c 1 9
mknod -m 666 /dev/tty c 5 0
mkdir /dev/shm /dev/pts
mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts
ln -s pts/ptmx /dev/ptmx
ln -s /proc/self/fd /dev/fd
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount -t tmpfs -o mode=755 tmpfs /run
rm -rf /etc/systemd/system/* /usr/lib/systemd/system/*.wants/* /usr/sbin/policy-rc.d /var/log/journal
rm -rf /etc/rc?.d/*
hostname > /etc/hostname
ln -s ../systemd-journald.service /usr/lib/systemd/system/sysinit.target.wants/
ln -s ../systemd-journald.socket /usr/lib/systemd/system/sockets.target.wants/
mkdir -p /run/systemd/system
export container=lxc
exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=journal
`;

let machines = 0;

export class SystemdMachine implements AsyncDisposable {
  readonly host: Host;
  readonly #unshare: RunningProcess;
  readonly #group: string;
  readonly #pid: string;

  private constructor(host: Host, unshare: RunningProcess, group: string, pid: string) {
    this.host = host;
    this.#unshare = unshare;
    this.#group = group;
    this.#pid = pid;
  }

  /** Resolves once systemd takes commands. */
  static async boot(host: Host): Promise<SystemdMachine> {
    const group = `dotlocal-test-${process.pid}-${machines++}`;
    const unshare = host.spawn("sh", ["-ec", ENTER_GROUP, "sh", group, BOOT]);
    const deadline = Date.now() + START_TIMEOUT;
    for (;;) {
      const pid = (await host.run("pgrep", ["-x", "systemd"])).stdout.trim();
      const machine = new SystemdMachine(host, unshare, group, pid);
      if (pid !== "" && (await machine.run("systemctl", ["is-system-running"])).stdout !== "") {
        const { stdout } = await machine.run("systemctl", ["is-system-running", "--wait"]);
        if (/running|degraded/.test(stdout)) return machine;
      }
      if (!unshare.isRunning || Date.now() > deadline) {
        throw new Error(`systemd does not start:\n${unshare.lines.join("\n")}`);
      }
      await setTimeout(POLL_INTERVAL);
    }
  }

  /** Runs a program to its end inside of the machine. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}) {
    const entry = [`--target=${this.#pid}`, "--pid", "--mount", "--cgroup", "--", command];
    return this.host.run("nsenter", [...entry, ...args], options);
  }

  async output(command: string, ...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, args);
    if (status === 0) return stdout;
    throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  }

  /** What the unit has logged, without the journal's own columns. */
  journal(unit: string): Promise<string> {
    return this.output("journalctl", "--quiet", "--output=cat", `--unit=${unit}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unshare.kill();
    const folder = `/sys/fs/cgroup/${this.#group}`;
    const remove = ["-depth", "-type", "d", "-exec", "rmdir", "{}", ";"];
    const deadline = Date.now() + STOP_TIMEOUT;
    // Its processes are gone a moment after their first one.
    while ((await this.host.run("find", [folder, ...remove])).stderr.includes("busy")) {
      if (Date.now() > deadline) throw new Error(`${folder} cannot be removed`);
      await setTimeout(POLL_INTERVAL);
    }
  }
}
