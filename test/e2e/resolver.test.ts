/** The resolver as people use it: against dnsmasq and BIND, with the search list, split DNS and files. */

import { expect, test } from "vitest";
import { Daemon, dotlocal, runDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { startBind, startDnsmasq } from "./kit/peers/name-servers.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { timed } from "./kit/timed.ts";

async function named(host: Host, configuration: object = {}): Promise<Daemon> {
  const daemon = await Daemon.start(host, { configuration });
  await daemon.process.line(/this host is \S+ on eth0/);
  return daemon;
}

function resolvConf(server: Host, ...lines: readonly string[]): string {
  return [`nameserver ${server.address}`, ...lines, ""].join("\n");
}

/** `NAME ADDRESS` of each line. */
async function resolved(host: Host, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await dotlocal(host, "resolve", "--timeout", "5s", ...args);
  return `${stdout.replaceAll("\t", " ").trim()}${stderr}`;
}

describeEndToEnd("names of name servers", { needs: ["dnsmasq", "named", "dig"] }, () => {
  test("are resolved with and without a daemon, to addresses, names and records", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const host = await lan.host("alpha", { resolvConf: resolvConf(server) });
    await startBind(server, {
      zones: {
        "example.org": [
          "www A 198.51.100.7",
          "www AAAA 2001:db8::7",
          "alias CNAME www",
          "@ MX 10 mail",
        ].join("\n"),
        "8.8.in-addr.arpa": "8.8 PTR dns.example.org.",
      },
    });
    for (const standalone of [true, false]) {
      const daemon = standalone ? undefined : await named(host);
      expect((await resolved(host, "-4", "alias.example.org")).split("\n")).toEqual([
        "alias.example.org 198.51.100.7",
      ]);
      expect(await resolved(host, "www.example.org")).toContain("www.example.org 2001:db8::7");
      expect(await resolved(host, "8.8.8.8")).toBe("8.8.8.8 dns.example.org");
      expect(await resolved(host, "-t", "MX", "example.org")).toBe(
        "example.org 300 MX 10 mail.example.org.",
      );
      expect((await dotlocal(host, "resolve", "nowhere.example.org")).status).toBe(1);
      await daemon?.stop();
    }
  });

  test("node-1 is asked for in the search list, and found on the link", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const node = await lan.host("node-1");
    const host = await lan.host("alpha", {
      resolvConf: resolvConf(server, "search localdomain"),
    });
    const dnsmasq = await startDnsmasq(server, ["--local=/localdomain/"]);
    await Promise.all([named(node), named(host)]);
    const { result, time } = await timed(() => resolved(host, "-4", "node-1"));
    expect(result).toBe(`node-1 ${node.address}`);
    expect(time).toBeLessThan(1000);
    const asked = dnsmasq.lines.filter((line) => /query\[/.test(line)).join("\n");
    expect(asked).toContain("query[A] node-1.localdomain");
    expect(asked).not.toMatch(/ node-1 from/);
    expect(asked).not.toContain("node-1.local ");
  });

  test("of a company's corner of local come from its servers, the rest from the link", async () => {
    await using lan = await Lan.create();
    const [server, corp] = [await lan.host("ns"), await lan.host("corp-ns")];
    const node = await lan.host("node-1");
    const host = await lan.host("alpha", { resolvConf: resolvConf(server) });
    const dnsmasq = await startDnsmasq(server, ["--address=/#/198.51.100.1"]);
    await startBind(corp, { zones: { "corp.local": "dc A 198.51.100.9" } });
    const configuration = { resolver: { routes: { "corp.local": [corp.address] } } };
    await Promise.all([named(node), named(host, configuration)]);
    expect(await resolved(host, "-4", "dc.corp.local")).toBe("dc.corp.local 198.51.100.9");
    expect(await resolved(host, "-4", "node-1.local")).toBe(`node-1.local ${node.address}`);
    expect(dnsmasq.lines.filter((line) => /query\[.*local/.test(line))).toEqual([]);
  });

  test("fail with a reason when no server answers, while the link goes on", async () => {
    await using lan = await Lan.create();
    const node = await lan.host("node-1");
    const host = await lan.host("alpha", {
      resolvConf: "nameserver 192.0.2.250\nsearch localdomain\noptions timeout:1 attempts:1\n",
    });
    await Promise.all([named(node), named(host)]);
    const failed = await dotlocal(host, "resolve", "www.example.org");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/^www\.example\.org: .*name server/);
    const { result, time } = await timed(() => resolved(host, "-4", "node-1"));
    expect(result).toBe(`node-1 ${node.address}`);
    expect(time).toBeLessThan(1500);
  });

  test("of the hosts file come from it, and follow it", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    host.writeFile("/etc/hosts", "192.0.2.200 nas.example.org nas\n");
    await named(host);
    expect(await resolved(host, "nas.example.org")).toBe("nas.example.org 192.0.2.200");
    expect(await resolved(host, "nas")).toBe("nas 192.0.2.200");
    expect(await resolved(host, "192.0.2.200")).toContain("nas.example.org");
    host.writeFile("/etc/hosts", "192.0.2.201 nas.example.org\n");
    await expect
      .poll(() => resolved(host, "nas.example.org"), { timeout: 5000 })
      .toBe("nas.example.org 192.0.2.201");
  });

  test("come from new servers once resolv.conf names them", async () => {
    await using lan = await Lan.create();
    const [first, second] = [await lan.host("ns1"), await lan.host("ns2")];
    const host = await lan.host("alpha", { resolvConf: resolvConf(first) });
    await startDnsmasq(first, ["--address=/example.org/198.51.100.1"]);
    await startDnsmasq(second, ["--address=/example.org/198.51.100.2"]);
    await named(host);
    expect(await resolved(host, "-4", "www.example.org")).toBe("www.example.org 198.51.100.1");
    host.writeFile("/etc/resolv.conf", resolvConf(second));
    await expect
      .poll(() => resolved(host, "-4", "www.example.org"), { timeout: 5000 })
      .toBe("www.example.org 198.51.100.2");
  });

  test("of more labels than the search list wants are asked as they are first", async () => {
    await using lan = await Lan.create();
    const server = await lan.host("ns");
    const host = await lan.host("alpha", { resolvConf: resolvConf(server, "search example.org") });
    const dnsmasq = await startDnsmasq(server, ["--address=/www.sub.example.org/198.51.100.1"]);
    const { stdout } = await runDotlocal(host, ["resolve", "-4", "www.sub"]);
    expect(stdout).toBe("www.sub\t198.51.100.1\n");
    const asked = dnsmasq.lines.flatMap((line) => /query\[A\] (\S+)/.exec(line)?.[1] ?? []);
    expect(asked).toEqual(["www.sub", "www.sub.example.org"]);
  });
});
