/**
 * Services from definition files on the wire: what is announced, changed and taken back as files
 * come, change and go.
 */

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RecordType } from "../../src/wire/constants.ts";
import { isResponse } from "../../src/wire/message.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import { Capture, type PacketFilter } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { type Heard, isFrom, isIpv4 } from "./kit/messages.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const FOLDER = "/etc/dotlocal/services";

const WEB = { name: "Web", type: "_http._tcp", port: 8080, txt: { path: "/" } };

/** Records of a response, in presentation format without the flush bit. */
function said({ message }: Heard): readonly string[] {
  if (!isResponse(message)) return [];
  return message.answers.map((record) => formatRecord({ ...record, cacheFlush: false }));
}

function says(host: Host, line: RegExp): PacketFilter {
  return (packet) => isFrom(host, packet) && said(packet).some((text) => line.test(text));
}

function definitionPath(host: Host, name: string): string {
  return host.namespace.path(`${FOLDER}/${name}`);
}

interface Status {
  readonly definitions: readonly {
    readonly file: string;
    readonly state: string;
    readonly instance: string | null;
    readonly reason: string | null;
    readonly problems: readonly string[];
  }[];
}

/** Of the files that the test wrote: the system's own may define nothing, but be there. */
async function definitionsOf(daemon: Daemon): Promise<Status["definitions"]> {
  const status: Status = JSON.parse((await daemon.command("status", "--json")).stdout);
  return status.definitions.filter(({ state }) => state !== "empty");
}

describeEndToEnd("service definitions", { needs: ["tcpdump"] }, () => {
  test("are announced as files come, and only what changed when they change", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(a);
    // The folder itself comes later than the daemon.
    Daemon.define(a, "web.yaml", WEB);
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 120 IN SRV 0 0 8080 alpha\.local\.$/));
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 4500 IN TXT "path=\/"$/));
    await capture.until(says(a, /^_http\._tcp\.local\. 4500 IN PTR Web\._http\._tcp\.local\.$/));
    await daemon.process.line(/publishing "Web"/);

    Daemon.define(a, "web.yaml", { ...WEB, txt: { path: "/new" } });
    const changed = await capture.until(says(a, /TXT "path=\/new"$/));
    expect(said(changed as Heard)).toEqual(['Web._http._tcp.local. 4500 IN TXT "path=/new"']);
    const probes = await capture.packets(
      ({ message, at }) => at > changed.at - 0.5 && message.authorities.length > 0,
    );
    expect(probes).toEqual([]);

    // A file that is written elsewhere and put in its place.
    const other = definitionPath(a, ".web.yaml.new");
    writeFileSync(other, JSON.stringify({ ...WEB, port: 8081 }));
    renameSync(other, definitionPath(a, "web.yaml"));
    await capture.until(says(a, /SRV 0 0 8081 alpha\.local\.$/));

    rmSync(definitionPath(a, "web.yaml"));
    await capture.until(says(a, /^_http\._tcp\.local\. 0 IN PTR Web\._http\._tcp\.local\.$/));
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 0 IN SRV /));
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 0 IN TXT /));
    expect(await definitionsOf(daemon)).toEqual([]);
  });

  test("that one family carries are probed for, announced and taken back on it alone", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    await Daemon.start(a, { services: { "web.yaml": { ...WEB, protocol: "ipv4" } } });
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 120 IN SRV /));
    rmSync(definitionPath(a, "web.yaml"));
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 0 IN SRV /));
    const packets = await capture.packets((packet) => {
      const { answers, authorities } = packet.message;
      return [...answers, ...authorities].some((record) => /_http/.test(formatRecord(record)));
    });
    expect(packets.filter((packet) => !isIpv4(packet))).toEqual([]);
    const hosts = await capture.packets(says(a, /^alpha\.local\. 120 IN A /));
    expect(hosts.some((packet) => !isIpv4(packet))).toBe(true);
  });

  test("of a renamed file stay as they are, without a word on the wire", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(a, { services: { "web.yaml": WEB } });
    await daemon.process.line(/publishing "Web"/);
    renameSync(definitionPath(a, "web.yaml"), definitionPath(a, "site.yaml"));
    const files = async () => (await definitionsOf(daemon)).map(({ file }) => file);
    await expect.poll(files, { timeout: 5000 }).toEqual([`${FOLDER}/site.yaml`]);
    const ended = await capture.packets((packet) =>
      said(packet).some((line) => line.includes("Web._http") && line.includes(" 0 IN ")),
    );
    expect(ended).toEqual([]);
    expect(await definitionsOf(daemon)).toMatchObject([{ state: "published", instance: "Web" }]);
  });

  test("that become wrong stay in their last valid version, and say where they are wrong", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(a, {
      services: { "web.yaml": WEB, "other.yaml": { ...WEB, name: "Other" } },
    });
    await daemon.process.line(/publishing "Web"/);
    Daemon.define(a, "web.yaml", "name: Web\ntype: _http._tcp\nprot: 80\n");
    const place = `${FOLDER}/web.yaml:3:1: `;
    await daemon.process.line(new RegExp(`error: ${place}.*port`));
    const reload = await daemon.command("reload");
    expect(reload.status).toBe(2);
    expect(reload.stderr).toContain(place);
    expect(await definitionsOf(daemon)).toMatchObject([
      { file: `${FOLDER}/other.yaml`, state: "published", problems: [] },
      {
        file: `${FOLDER}/web.yaml`,
        state: "published",
        problems: expect.arrayContaining([expect.stringContaining(place)]),
      },
    ]);
    // Told once, however often it is read.
    expect(daemon.process.lines.filter((line) => line.includes(place))).toHaveLength(1);
    Daemon.define(a, "web.yaml", { ...WEB, port: 90 });
    await capture.until(says(a, /^Web\..* SRV 0 0 90 /));
    expect((await capture.packets(says(a, /^Web\..* 0 IN SRV /))).length).toBe(0);
    expect(await daemon.command("reload")).toMatchObject({ status: 0, stderr: "" });
  });

  test("are read again on SIGHUP, also from folders the configuration names since", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const configuration = { services: { directories: [FOLDER] } };
    const daemon = await Daemon.start(a, { configuration, services: { "web.yaml": WEB } });
    await daemon.process.line(/publishing "Web"/);
    a.writeFile("/etc/more/ssh.yaml", JSON.stringify({ name: "%h", type: "_ssh._tcp", port: 22 }));
    Daemon.configure(a, { services: { directories: ["/etc/more"] } });
    daemon.reload();
    await capture.until(says(a, /^Web\._http\._tcp\.local\. 0 IN SRV /));
    await capture.until(says(a, /^alpha\._ssh\._tcp\.local\. 120 IN SRV 0 0 22 alpha\.local\.$/));
  });

  test("carry this host's name, and the new one after a rename", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const configuration = { hostname: "alpha" };
    const services = { "web.yaml": { ...WEB, name: "Web on %h" } };
    const daemon = await Daemon.start(a, { configuration, services });
    await capture.until(says(a, /^Web\\032on\\032alpha\._http\._tcp\.local\. 120 IN SRV .* alpha/));
    await daemon.process.line(/publishing "Web on alpha"/);
    Daemon.configure(a, { hostname: "beta" });
    daemon.reload();
    await capture.until(says(a, /^Web\\032on\\032alpha\._http\._tcp\.local\. 0 IN SRV /));
    await capture.until(says(a, /^Web\\032on\\032beta\._http\._tcp\.local\. 120 IN SRV .* beta/));
  });

  test("with `when` are published while it answers, and withdrawn with goodbyes when it stops", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const when = { http: "http://127.0.0.1:8080/health", status: 204, every: "1s" };
    const daemon = await Daemon.start(a, { services: { "web.yaml": { ...WEB, when } } });
    await expect
      .poll(async () => await definitionsOf(daemon), { timeout: 5000 })
      .toMatchObject([
        { state: "waiting", reason: "http://127.0.0.1:8080/health refuses connections" },
      ]);
    const server = a.spawn(process.execPath, [
      "-e",
      "require('http').createServer((q, s) => { s.statusCode = 204; s.end(); }).listen(8080)",
    ]);
    await capture.until(says(a, /^Web\..* 120 IN SRV 0 0 8080 /));
    await server.stop();
    await capture.until(says(a, /^Web\..* 0 IN SRV /));
    expect(await definitionsOf(daemon)).toMatchObject([{ state: "waiting" }]);
  });

  test("of `npm start` announce a web server on port 8080 while there is one", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    // What `npm start` runs.
    const daemon = a.spawn(process.execPath, ["scripts/start.js"]);
    await daemon.line(/this host is alpha\.local/);
    expect(await capture.packets(says(a, /_http\._tcp/))).toEqual([]);
    a.spawn(process.execPath, ["-e", "require('http').createServer().listen(8080)"]);
    await capture.until(says(a, /^Web\\032on\\032alpha\..* SRV 0 0 8080 /), 15_000);
    await daemon.stop();
    await capture.until(says(a, /^Web\\032on\\032alpha\..* 0 IN SRV /));
  });

  test("are carried only by the interfaces they name", async () => {
    await using lan = await Lan.create();
    await using other = await Lan.create({ prefix: "198.51.100" });
    const a = await lan.host("alpha");
    await a.connect(other, { name: "wlan0" });
    const [wired, wireless] = [await Capture.start(lan), await Capture.start(other)];
    await Daemon.start(a, {
      services: {
        "wired.yaml": { ...WEB, name: "Wired", interfaces: ["eth*"] },
        "both.yaml": { ...WEB, name: "Both" },
      },
    });
    const named =
      (name: string): PacketFilter =>
      ({ message }) =>
        message.answers.some(({ name: owner }) => String(owner).startsWith(`${name}.`));
    await wired.until(named("Wired"));
    await wired.until(named("Both"));
    await wireless.until(named("Both"));
    expect(await wireless.packets(named("Wired"))).toEqual([]);
  });

  test("of Avahi's hosts give an address several names", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    a.writeFile(
      "/etc/avahi/hosts",
      `# own\n${a.address} nas.local files.local\n192.0.2.77 cam.local\n`,
    );
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(a);
    const asker = await Daemon.start(b);
    await capture.until(says(a, /^cam\.local\. 120 IN A 192\.0\.2\.77$/));
    for (const [name, address] of [
      ["nas.local", a.address],
      ["files.local", a.address],
      ["cam.local", "192.0.2.77"],
    ] as const) {
      await expect
        .poll(async () => (await asker.command("resolve", "-4", name)).stdout)
        .toBe(`${name}\t${address}\n`);
    }
    expect((await asker.command("resolve", "192.0.2.77")).stdout).toBe("192.0.2.77\tcam.local\n");
    // Its own address leads back to its own name alone.
    expect((await asker.command("resolve", a.address)).stdout).toBe(`${a.address}\talpha.local\n`);
    a.writeFile("/etc/avahi/hosts", `${a.address} nas.local files.local\n`);
    await capture.until(says(a, /^cam\.local\. 0 IN A /));
    const goodbyes = await capture.packets(says(a, /^(nas|files)\.local\. 0 IN /));
    expect(goodbyes).toEqual([]);
    expect(await definitionsOf(daemon)).toMatchObject([
      { file: "/etc/avahi/hosts", state: "published" },
    ]);
  });

  test("of systemd are overridden, added to and masked by folder", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const write = (path: string, ...lines: string[]) =>
      a.writeFile(path, `[Service]\n${lines.join("\n")}\n`);
    write("/run/systemd/dnssd/web.dnssd", "Name=Web on %H", "Type=_http._tcp", "Port=80");
    const drop = "/etc/systemd/dnssd/web.dnssd.d/txt.conf";
    write(drop, "TxtText=path=/ flag", "TxtData=blob=AP8=");
    const daemon = await Daemon.start(a);
    const name = "Web\\\\032on\\\\032alpha\\._http\\._tcp\\.local\\.";
    await capture.until(says(a, new RegExp(`^${name} 4500 IN TXT "path=/" "flag"$`)));
    await capture.until(says(a, new RegExp(`^${name} 4500 IN TXT "blob=\\\\000\\\\255"$`)));
    await daemon.process.line(/publishing "Web on alpha"/);
    write("/etc/systemd/dnssd/web.dnssd", "Name=Web on %H", "Type=_http._tcp", "Port=81");
    await capture.until(says(a, new RegExp(`^${name} 120 IN SRV 0 0 81 `)));
    await a.output("ln", ["-sfn", "/dev/null", "/etc/systemd/dnssd/web.dnssd"]);
    await capture.until(says(a, new RegExp(`^${name} 0 IN SRV `)));
  });
});

describeEndToEnd("two hosts with one instance name", { needs: ["tcpdump"] }, () => {
  test("RFC 6762 §9: the later one takes another name, and has it again after a restart", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const capture = await Capture.start(lan);
    const first = await Daemon.start(a, { services: { "web.yaml": WEB } });
    await first.process.line(/publishing "Web"/);
    const group = { name: "Web", services: [WEB, { type: "_ipp._tcp", port: 631 }] };
    const { name: _, ...nameless } = WEB;
    const services = { "web.yaml": { ...group, services: [nameless, group.services[1]!] } };
    const second = await Daemon.start(b, { services });
    await second.process.line(/publishing "Web \(2\)"/);
    // One conflict renames the whole group.
    await capture.until(says(b, /^Web\\032\\\(2\\\)\._ipp\._tcp\.local\. 120 IN SRV 0 0 631 beta/));
    expect(await definitionsOf(second)).toMatchObject([
      { state: "published", instance: "Web (2)", reason: expect.stringContaining(a.address) },
    ]);
    await second.stop();
    const stopped = Date.now() / 1000;
    const again = await Daemon.start(b);
    await again.process.line(/publishing "Web \(2\)"/);
    const claimed = await capture.packets(
      (packet) =>
        packet.at > stopped &&
        isFrom(b, packet) &&
        packet.message.authorities.some(
          ({ name, type }) => type === RecordType.SRV && String(name).startsWith("Web._"),
        ),
    );
    expect(claimed).toEqual([]);
  });
});
