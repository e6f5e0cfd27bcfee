/** The stub with the resolver behind it, as the C library and dig meet it, and resolv.conf managed. */

import { expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { startBind, startDnsmasq } from "./kit/peers/name-servers.ts";
import { getent } from "./kit/peers/nss.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { timed } from "./kit/timed.ts";

const STUB = "127.0.0.153";
const RESOLV_CONF = "/etc/resolv.conf";
const MANAGED = { resolver: { resolvConf: "manage" } };

async function named(host: Host, configuration: object = {}): Promise<Daemon> {
  const daemon = await Daemon.start(host, { configuration });
  await daemon.process.line(/this host is \S+ on eth0/);
  return daemon;
}

function dig(host: Host, ...args: readonly string[]): Promise<string> {
  return host.output("dig", [`@${STUB}`, "+tries=1", "+time=6", ...args]);
}

async function digShort(host: Host, ...args: readonly string[]): Promise<string> {
  return (await dig(host, "+short", ...args)).trim();
}

describeEndToEnd("the stub and its resolver", { needs: ["dnsmasq", "named", "dig"] }, () => {
  test("node-1 through the C library: the search list says no, the link answers", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const node = await lan.host("node-1");
    const resolvConf = `nameserver ${server.address}\nsearch localdomain\n`;
    const host = await lan.host("alpha", { resolvConf });
    const dnsmasq = await startDnsmasq(server, ["--local=/localdomain/"]);
    await Promise.all([named(node), named(host, MANAGED)]);
    const { result, time } = await timed(() => getent(host, "files dns", "ahostsv4", "node-1"));
    expect(result.stdout).toMatch(new RegExp(`^${node.address} +STREAM node-1\\.local$`, "m"));
    expect(time).toBeLessThan(1500);
    const asked = dnsmasq.lines.filter((line) => /query\[/.test(line)).join("\n");
    expect(asked).toContain("query[A] node-1.localdomain");
    expect(asked).not.toMatch(/ node-1(\.local)? from/);
  });

  test("dig gets names of the link and of name servers, with the right codes", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const node = await lan.host("node-1");
    const host = await lan.host("alpha", { resolvConf: `nameserver ${server.address}\n` });
    await startBind(server, {
      zones: { "example.org": "www A 198.51.100.7\nodd TYPE65280 \\# 3 0102ff\n@ TXT text" },
    });
    await Daemon.start(node, {
      services: { "web.yaml": { name: "Web", type: "_http._tcp", port: 80 } },
    });
    await named(host);
    expect(await digShort(host, "node-1.local", "A")).toBe(node.address);
    expect(await digShort(host, "-x", node.address)).toBe("node-1.local.");
    expect(await digShort(host, "_http._tcp.local", "PTR")).toBe("Web._http._tcp.local.");
    expect(await digShort(host, "Web._http._tcp.local", "SRV")).toBe("0 0 80 node-1.local.");
    expect(await digShort(host, "www.example.org")).toBe("198.51.100.7");
    expect(await digShort(host, "odd.example.org", "TYPE65280")).toBe("\\# 3 0102FF");
    expect(await dig(host, "nowhere.example.org")).toContain("status: NXDOMAIN");
    expect(await dig(host, "www.example.org", "MX")).toContain("status: NOERROR");
    expect(await dig(host, "nobody.local")).toContain("status: NXDOMAIN");
    const own = await dig(host, "alpha.local");
    expect(own).toMatch(/flags: qr aa rd ra/);
    const { result, time } = await timed(() => dig(host, "local", "SOA"));
    expect(result).toMatch(/status: NOERROR.*\n.*ANSWER: 0/);
    expect(time).toBeLessThan(1000);
    const refused = await dig(host, "abc.onion");
    expect(refused).toContain("status: NXDOMAIN");
  });

  test("resolv.conf points at the stub while the daemon runs, and is what it was afterwards", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const original = `# ours\nnameserver ${server.address}\nsearch example.org\n`;
    const host = await lan.host("alpha", { resolvConf: original });
    await startDnsmasq(server, ["--address=/www.example.org/198.51.100.7"]);
    const daemon = await named(host, MANAGED);
    await expect.poll(() => host.readFile(RESOLV_CONF)).toContain(`nameserver ${STUB}`);
    expect(host.readFile(RESOLV_CONF)).toContain("search example.org");
    const found = await getent(host, "files dns", "ahostsv4", "www");
    expect(found.stdout).toContain("198.51.100.7");
    expect(await daemon.stop()).toBe(0);
    expect(host.readFile(RESOLV_CONF)).toBe(original);
  });

  test("after a crash the next start puts resolv.conf back, whatever it is told to do itself", async () => {
    await using lan = await Lan.create();
    const original = "nameserver 192.0.2.250\n";
    const host = await lan.host("alpha", { resolvConf: original });
    const crashed = await named(host, MANAGED);
    await expect.poll(() => host.readFile(RESOLV_CONF)).toContain(STUB);
    await crashed.kill();
    expect(host.readFile(RESOLV_CONF)).toContain(STUB);
    await named(host, { resolver: { resolvConf: "leave" } });
    expect(host.readFile(RESOLV_CONF)).toBe(original);
  });

  test("resolv.conf is taken over and given back as the configuration says", async () => {
    await using lan = await Lan.create();
    const original = "nameserver 192.0.2.250\n";
    const host = await lan.host("alpha", { resolvConf: original });
    const daemon = await named(host, { resolver: { resolvConf: "leave" } });
    expect(host.readFile(RESOLV_CONF)).toBe(original);
    Daemon.configure(host, MANAGED);
    daemon.reload();
    await expect.poll(() => host.readFile(RESOLV_CONF), { timeout: 5000 }).toContain(STUB);
    Daemon.configure(host, { resolver: { resolvConf: "leave" } });
    daemon.reload();
    await expect.poll(() => host.readFile(RESOLV_CONF), { timeout: 5000 }).toBe(original);
  });

  test("a DHCP client that writes resolv.conf names new servers and takes nothing away", async () => {
    await using lan = await Lan.create();
    const [first, second] = [await lan.host("ns1"), await lan.host("ns2")];
    const host = await lan.host("alpha", { resolvConf: `nameserver ${first.address}\n` });
    await startDnsmasq(first, ["--address=/example.org/198.51.100.1"]);
    await startDnsmasq(second, ["--address=/example.org/198.51.100.2"]);
    const daemon = await named(host, MANAGED);
    await expect.poll(() => host.readFile(RESOLV_CONF)).toContain(STUB);
    expect(await digShort(host, "www.example.org")).toBe("198.51.100.1");
    const renewed = `nameserver ${second.address}\n`;
    host.writeFile(RESOLV_CONF, renewed);
    await expect.poll(() => host.readFile(RESOLV_CONF), { timeout: 5000 }).toContain(STUB);
    await expect
      .poll(() => digShort(host, "www.example.org"), { timeout: 5000 })
      .toBe("198.51.100.2");
    await daemon.stop();
    expect(host.readFile(RESOLV_CONF)).toBe(renewed);
  });

  test("a stub that resolv.conf names asks itself nothing", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha", { resolvConf: `nameserver ${STUB}\n` });
    await named(host);
    const { result, time } = await timed(() => dig(host, "www.example.org"));
    expect(result).toContain("status: SERVFAIL");
    expect(time).toBeLessThan(2000);
  });
});
