import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { SystemdMachine } from "./kit/systemd-machine.ts";

const WAIT = { timeout: 15_000 };
const UNIT = "dotlocal.service";

/** What a whole installation touches: everything but caches and logs of dpkg and the system. */
const LIST_FILES =
  "find /etc /usr /var /run/dotlocal -xdev -not -path '/var/lib/dpkg/*' -not -path '/var/log/*' " +
  "-not -path '/var/cache/*' -not -path '/usr/share/mime/*' 2>/dev/null | sort";

describeEndToEnd("the Debian package under systemd", { needs: ["systemd"] }, () => {
  let lan: Lan;
  let host: Host;
  let other: Host;
  let machine: SystemdMachine;
  let before: ReadonlySet<string>;

  beforeAll(async () => {
    const script = join(repositoryRoot, "scripts/package-deb.js");
    const path = execFileSync(process.execPath, [script], { encoding: "utf8" }).trim();
    lan = await Lan.create();
    [host, other] = [await lan.host("alpha"), await lan.host("beta")];
    machine = await SystemdMachine.boot(host);
    before = new Set(await filesOf(machine));
    await machine.output("dpkg", "--no-triggers", "--install", path);
  }, 120_000);

  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]();
    await lan?.dispose();
  });

  async function property(name: string): Promise<string> {
    const shown = await machine.output("systemctl", "show", "--value", `--property=${name}`, UNIT);
    return shown.trim();
  }

  async function statusOfName(): Promise<string> {
    return (await dotlocal(other, "resolve", "--standalone", "-4", "alpha.local")).stdout;
  }

  test("installs and starts the daemon, which has the host's name", async () => {
    expect(await property("ActiveState")).toBe("active");
    await expect.poll(statusOfName, WAIT).toBe(`alpha.local\t${host.address}\n`);
    await expect
      .poll(() => property("StatusText"), WAIT)
      .toBe("alpha.local on eth0; 0 definitions published");
    expect(await property("NeedDaemonReload")).toBe("no");
  });

  test("as its own user, with one capability and native sockets, and with nothing left out", async () => {
    const pid = await property("MainPID");
    const status = await machine.output("cat", `/proc/${pid}/status`);
    const user = (await machine.output("id", "-u", "dotlocal")).trim();
    expect(status).toMatch(new RegExp(`^Uid:(\\s+${user}){4}$`, "m"));
    expect(status).toMatch(/^CapEff:\s+0000000000000400$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    const told = JSON.parse(await machine.output("dotlocal", "status", "--json"));
    expect(told).toMatchObject({
      transport: "native",
      controlSocket: "/run/dotlocal/control.sock",
    });
    expect(told.warnings).toEqual([]);
  });

  test("its sockets for other programs' places are there, and disabled", async () => {
    for (const name of ["dns", "avahi", "resolved"]) {
      const unit = `dotlocal-${name}.socket`;
      expect((await machine.run("systemctl", ["is-enabled", unit])).stdout).toBe("disabled\n");
      expect((await machine.run("systemctl", ["is-active", unit])).stdout).toBe("inactive\n");
    }
    for (const unit of [UNIT, "dotlocal.socket"]) {
      expect((await machine.run("systemctl", ["is-enabled", unit])).stdout).toBe("enabled\n");
    }
  });

  test("reload succeeds, and fails with the reason when the configuration is not valid", async () => {
    const file = "/etc/dotlocal/dotlocal.yaml";
    const write = (text: string) => machine.output("sh", "-c", `printf '${text}' > ${file}`);
    const original = await machine.output("cat", file);
    await write("mdsn: {}\\n");
    expect((await machine.run("systemctl", ["reload", UNIT])).status).not.toBe(0);
    expect(await machine.journal(UNIT)).toContain(`${file}:1:1: unknown key "mdsn"`);
    expect(await property("ActiveState")).toBe("active");
    await write("aliases: [nas]\\n");
    expect((await machine.run("systemctl", ["reload", UNIT])).status).toBe(0);
    await machine.run("sh", ["-c", `cat > ${file}`], { input: original });
    await machine.output("systemctl", "reload", UNIT);
  });

  test("after a crash systemd starts it again, under the same name", async () => {
    const pid = await property("MainPID");
    await machine.output("kill", "-KILL", pid);
    await expect.poll(() => property("NRestarts"), WAIT).toBe("1");
    await expect.poll(() => property("ActiveState"), WAIT).toBe("active");
    expect(await property("MainPID")).not.toBe(pid);
    await expect.poll(statusOfName, WAIT).toBe(`alpha.local\t${host.address}\n`);
  });

  test("when it hangs, the watchdog starts it again", async () => {
    const folder = "/run/systemd/system/dotlocal.service.d";
    const lines = "[Service]\\nWatchdogSec=2s\\nTimeoutAbortSec=1s\\n";
    await machine.output(
      "sh",
      "-c",
      `mkdir -p ${folder} && printf '${lines}' > ${folder}/watch.conf`,
    );
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "restart", UNIT);
    const pid = await property("MainPID");
    await machine.output("kill", "-STOP", pid);
    await expect.poll(() => property("MainPID"), WAIT).not.toMatch(new RegExp(`^(${pid}|0)$`));
    await expect.poll(() => property("ActiveState"), WAIT).toBe("active");
    await machine.output("rm", "-r", folder);
    await machine.output("systemctl", "daemon-reload");
  });

  test("works as a dynamic user", async () => {
    const folder = "/run/systemd/system/dotlocal.service.d";
    const lines = "[Service]\\nUser=dotlocal-dynamic\\nGroup=dotlocal-dynamic\\nDynamicUser=yes\\n";
    await machine.output("systemctl", "stop", UNIT, "dotlocal.socket");
    await machine.output("sh", "-c", "rm -rf /var/lib/dotlocal");
    await machine.output(
      "sh",
      "-c",
      `mkdir -p ${folder} && printf '${lines}' > ${folder}/user.conf`,
    );
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "start", "dotlocal.socket", UNIT);
    await expect
      .poll(() => property("StatusText"), WAIT)
      .toBe("alpha.local on eth0; 0 definitions published");
    await machine.output("systemctl", "stop", UNIT);
    await machine.output(
      "sh",
      "-c",
      `rm -r ${folder} && rm -rf /var/lib/dotlocal /var/lib/private/dotlocal`,
    );
    await machine.output("systemctl", "daemon-reload");
    await machine.output("systemctl", "start", UNIT);
  });

  test("has its places from socket units: libnss-mdns's, libnss-resolve's and port 53", async () => {
    const sockets = ["avahi", "resolved", "dns"].map((name) => `dotlocal-${name}.socket`);
    await machine.output("systemctl", "stop", UNIT);
    await machine.output("systemctl", "start", ...sockets);
    await machine.output("systemctl", "start", UNIT);
    await expect.poll(() => property("StatusText"), WAIT).toMatch(/^alpha\.local on eth0/);
    const told = JSON.parse(await machine.output("dotlocal", "status", "--json"));
    expect(told.warnings).toEqual([]);
    await machine.output("systemctl", "stop", ...sockets);
  });

  test("excludes the daemons whose places they are, and they exclude it", async () => {
    for (const [name, rival] of [
      ["avahi", "avahi-daemon"],
      ["resolved", "systemd-resolved"],
    ]) {
      const unit = `dotlocal-${name}.socket`;
      const conflicts = await machine.output("systemctl", "show", "--property=Conflicts", unit);
      expect(conflicts).toContain(`${rival}.service`);
    }
  });

  test("is removed with a goodbye, and purged without a trace", async () => {
    await machine.output("dpkg", "--remove", "dotlocal");
    expect(await statusOfName()).toBe("");
    expect((await machine.run("pgrep", ["-u", "dotlocal"])).stdout).toBe("");
    await machine.output("dpkg", "--purge", "dotlocal");
    const after = await filesOf(machine);
    const left = after.filter((path) => !before.has(path));
    expect(left.filter((path) => !/^\/etc\/(passwd|group|shadow|gshadow)-$/.test(path))).toEqual(
      [],
    );
  });
});

async function filesOf(machine: SystemdMachine): Promise<readonly string[]> {
  return (await machine.output("sh", "-c", LIST_FILES)).split("\n").filter((path) => path !== "");
}
