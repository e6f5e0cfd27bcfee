import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { type Host, Lan } from "./lan.ts";
import { describeEndToEnd } from "./requirements.ts";

/** Asks until the first reply: an earlier failure to find the neighbour may end one attempt. */
async function reaches(host: Host, address: string, attempts = 8): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { status } = await host.run("ping", ["-c", "1", "-W", "1", address]);
    if (status === 0) return true;
  }
  return false;
}

async function misses(host: Host, address: string): Promise<boolean> {
  return !(await reaches(host, address, 2));
}

describeEndToEnd("hosts on a LAN", { needs: ["ping"] }, () => {
  test("two hosts reach each other over IPv4 and link-local IPv6", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const b = await lan.host("beta");
    expect(await reaches(a, b.address)).toBe(true);
    expect(await reaches(a, `${b.link.linkLocalAddress}%eth0`)).toBe(true);
  });

  test("a host has its own name, files and interfaces", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha", { resolvConf: "nameserver 192.0.2.53\n" });
    host.writeFile("/etc/example/new.conf", "text");
    expect((await host.run("hostname")).stdout).toBe("alpha\n");
    expect(await host.output("cat", ["/etc/resolv.conf"])).toBe("nameserver 192.0.2.53\n");
    expect(await host.output("cat", ["/etc/example/new.conf"])).toBe("text");
    expect(existsSync("/etc/example/new.conf")).toBe(false);
    expect((await host.output("ls", ["/sys/class/net"])).split("\n").filter(Boolean)).toEqual([
      "eth0",
      "lo",
    ]);
  });

  test("addresses and links come and go", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const b = await lan.host("beta");
    await b.link.addAddress("2001:db8::2/64");
    await a.link.addAddress("2001:db8::1/64");
    expect(await reaches(a, "2001:db8::2")).toBe(true);
    await b.link.removeAddress("2001:db8::2/64");
    expect(await misses(a, "2001:db8::2")).toBe(true);
    await b.link.down();
    expect(await misses(a, b.address)).toBe(true);
    await b.link.up();
    expect(await reaches(a, b.address)).toBe(true);
  });

  test("a pulled cable shows as no carrier, a partition does not show", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const b = await lan.host("beta");
    const carrier = () => b.output("cat", ["/sys/class/net/eth0/carrier"]);
    await b.link.unplug();
    expect(await carrier()).toBe("0\n");
    await b.link.plugIn();
    expect(await carrier()).toBe("1\n");
    await b.link.partition();
    expect(await carrier()).toBe("1\n");
    expect(await misses(a, b.address)).toBe(true);
    await b.link.rejoin();
    expect(await reaches(a, b.address)).toBe(true);
  });

  test("a host on two LANs is reached on both, and a cable moves between them", async () => {
    await using first = await Lan.create();
    await using second = await Lan.create({ prefix: "198.51.100" });
    const both = await first.host("both");
    const link = await both.connect(second);
    const roamer = await first.host("roamer");
    expect(link.name).toBe("eth1");
    expect(await reaches(roamer, both.address)).toBe(true);
    await roamer.link.moveTo(second);
    expect(await misses(roamer, `${both.link.linkLocalAddress}%eth0`)).toBe(true);
    expect(await reaches(roamer, `${link.linkLocalAddress}%eth0`)).toBe(true);
  });

  test("multicast can be lost while unicast passes", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const b = await lan.host("beta");
    await b.link.receiveMulticast(false);
    // IPv6 needs multicast to find the neighbour, IPv4 asks by broadcast.
    expect(await reaches(a, b.address)).toBe(true);
    expect(await misses(a, `${b.link.linkLocalAddress}%eth0`)).toBe(true);
    await b.link.receiveMulticast(true);
    expect(await reaches(a, `${b.link.linkLocalAddress}%eth0`)).toBe(true);
  });

  test("nothing is left of a LAN, its hosts and their processes", async () => {
    const lan = await Lan.create();
    const host = await lan.host("alpha");
    const sleeper = host.spawn("sh", ["-c", "echo on; exec sleep 1000"]);
    await sleeper.line(/on/);
    await lan.dispose();
    expect(await sleeper.ended).toBe(137);
    expect(existsSync(`/proc/${host.namespace.pid}`)).toBe(false);
    expect(existsSync(`/proc/${lan.namespace.pid}`)).toBe(false);
  });
});
