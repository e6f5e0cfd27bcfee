import { expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { testNameService } from "./kit/name-service.ts";
import { startBind, startDnsmasq } from "./kit/peers/name-servers.ts";
import { getent } from "./kit/peers/nss.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { VarlinkClient } from "./kit/varlink.ts";

const SOCKET = "/run/systemd/resolve/io.systemd.Resolve";
const HOSTS_LINE = "resolve [!UNAVAIL=return] files";

const WEB = {
  name: "Web",
  type: "_http._tcp",
  port: 8080,
  subtypes: ["_printer"],
  txt: { path: "/", blob: { hex: "00ff" } },
};

function client(host: Host): VarlinkClient {
  return new VarlinkClient(host.namespace.path(SOCKET));
}

describeEndToEnd(
  "programs that resolve through libnss-resolve",
  { needs: ["libnss-resolve", "avahi-daemon", "avahi-utils", "ping", "dnsmasq", "named"] },
  () => {
    testNameService({ forward: HOSTS_LINE, reverse: HOSTS_LINE });

    test("find names of name servers, and those of the link that their aliases lead to", async () => {
      await using lan = await Lan.create();
      const [server, zones] = [await lan.host("ns"), await lan.host("zones")];
      const a = await lan.host("alpha", { resolvConf: `nameserver ${server.address}\n` });
      const b = await lan.host("beta");
      await startBind(zones, { zones: { "site.example": "nas CNAME beta.local." } });
      await startDnsmasq(server, [
        ...["--local=/example.org/", `--server=/site.example/${zones.address}`],
        "--host-record=www.example.org,198.51.100.7",
      ]);
      await Promise.all([Daemon.startNamed(a), Daemon.startNamed(b)]);
      const found = await getent(a, HOSTS_LINE, "ahosts", "www.example.org");
      expect(found).toMatchObject({ status: 0, stderr: "" });
      expect(found.stdout).toMatch(/^198\.51\.100\.7 +STREAM www\.example\.org/);
      const aliased = await getent(a, HOSTS_LINE, "ahostsv4", "nas.site.example");
      expect(aliased.stdout).toMatch(new RegExp(`^${b.address} +STREAM beta\\.local`));
      const absent = await getent(a, HOSTS_LINE, "ahosts", "absent.example.org");
      expect(absent).toMatchObject({ status: 2, stdout: "" });
    });

    test("go on to the next module where no daemon answers", async () => {
      await using lan = await Lan.create();
      const a = await lan.host("alpha");
      const daemon = await Daemon.startNamed(a);
      expect((await getent(a, HOSTS_LINE, "ahosts", "kept.local")).status).toBe(2);
      await daemon.stop();
      a.writeFile("/etc/hosts", "192.0.2.200 kept.local\n");
      const found = await getent(a, HOSTS_LINE, "ahosts", "kept.local");
      expect(found.stdout).toContain("192.0.2.200");
    });
  },
);

describeEndToEnd("systemd-resolved's varlink socket", { needs: ["systemd-resolved"] }, () => {
  test("resolves services and records, and follows services as they come and go", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const [, other] = await Promise.all([
      Daemon.startNamed(a),
      Daemon.startNamed(b, { services: { "web.json": WEB } }),
    ]);
    using varlink = client(a);
    varlink.send(
      "io.systemd.Resolve.BrowseServices",
      { domain: "_http._tcp.local", type: "", ifindex: 0, flags: 0 },
      { more: true },
    );
    const service = { name: "Web", type: "_http._tcp", domain: "local", ifindex: a.link.index };
    expect(await varlink.next()).toEqual({
      parameters: { browserServiceData: [{ updateFlag: "added", family: 2, ...service }] },
      continues: true,
    });

    using caller = client(a);
    expect(
      await caller.call("io.systemd.Resolve.ResolveService", {
        name: "Web",
        type: "_http._tcp",
        domain: "local",
      }),
    ).toMatchObject({
      parameters: {
        services: [
          {
            port: 8080,
            hostname: "beta.local",
            canonicalName: "beta.local",
            addresses: expect.arrayContaining([
              {
                ifindex: a.link.index,
                family: 2,
                address: b.address.split(".").map(Number),
              },
            ]),
          },
        ],
        txt: ["path=/", "blob=\\000\\377"],
        canonical: { name: "Web", type: "_http._tcp", domain: "local" },
      },
    });
    const record = await caller.call("io.systemd.Resolve.ResolveRecord", {
      name: "beta.local",
      type: 1,
    });
    expect(record?.parameters).toMatchObject({
      rrs: [
        {
          ifindex: a.link.index,
          rr: {
            key: { class: 1, type: 1, name: "beta.local" },
            address: b.address.split(".").map(Number),
          },
        },
      ],
    });

    await other.stop();
    expect(await varlink.next()).toEqual({
      parameters: { browserServiceData: [{ updateFlag: "removed", family: 2, ...service }] },
      continues: true,
    });
  });

  test("is left to systemd-resolved when it starts later", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const daemon = await Daemon.startNamed(a);
    // As systemd does for the folder of a service before it starts it.
    await a.output("chown", ["991:991", "/run/systemd/resolve"]);
    await Resolved.start(a, { settings: { MulticastDNS: "no", LLMNR: "no" } });
    await daemon.process.line(/io\.systemd\.Resolve is left to systemd-resolved/);
    const inode = () => a.output("stat", ["-c", "%i", SOCKET]);
    const before = await inode();
    expect(await daemon.stop()).toBe(0);
    expect(await inode()).toBe(before);
  });
});
