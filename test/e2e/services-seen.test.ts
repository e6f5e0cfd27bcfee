/** Services of this daemon as others see them, and those of others as it sees them. */

import { expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import {
  type ScriptedPeer,
  startBonjourService,
  startCiao,
  startPythonZeroconf,
} from "./kit/peers/scripted-peer.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

/** Dots, spaces and UTF-8, in one label. */
const INSTANCE = "Küche 1.2 – 台所";

/** As avahi-browse writes it: all but letters, digits, `-` and `_` escaped. */
const ESCAPED = escapeLabel(INSTANCE);

const WEB = {
  name: INSTANCE,
  type: "_http._tcp",
  port: 8080,
  subtypes: ["_printer"],
  txt: { path: "/", duplex: true, empty: "", utf8: "Grüße", blob: { hex: "00ff80" } },
};

function escapeLabel(label: string): string {
  return Array.from(new TextEncoder().encode(label), (octet) => {
    const character = String.fromCharCode(octet);
    if (/[A-Za-z0-9_-]/.test(character)) return character;
    if (character === ".") return "\\.";
    return `\\${String(octet).padStart(3, "0")}`;
  }).join("");
}

describeEndToEnd(
  "a service of this daemon",
  {
    needs: [
      ...(["avahi-daemon", "avahi-utils", "systemd-resolved"] as const),
      ...(["python3-zeroconf", "bonjour-service"] as const),
    ],
  },
  () => {
    test("is seen alike by Avahi, systemd-resolved, python-zeroconf and bonjour-service", async () => {
      await using lan = await Lan.create();
      const a = await lan.host("alpha");
      const [b, c] = [await lan.host("beta"), await lan.host("gamma")];
      const [d, e] = [await lan.host("delta"), await lan.host("epsilon")];
      const daemon = await Daemon.start(a, { services: { "web.yaml": WEB } });
      await daemon.process.line(/publishing "Küche/);
      const [avahi, resolved, zeroconf, bonjour] = await Promise.all([
        Avahi.start(b),
        Resolved.start(c),
        startPythonZeroconf(d),
        startBonjourService(e),
      ]);

      // Avahi prints the strings of TXT from last to first.
      const txt =
        '"blob=\\000\\255\\128" "utf8=Gr\\195\\188\\195\\159e" "empty=" "duplex" "path=/"';
      const line = `=;eth0;IPv4;${ESCAPED};_http._tcp;local;alpha.local;${a.address};8080;${txt}`;
      for (const type of ["_http._tcp", "_printer._sub._http._tcp"]) {
        expect(await avahi.browse(type)).toContain(line);
      }

      const { stdout } = await resolved.control("service", INSTANCE, "_http._tcp", "local");
      for (const part of [
        `${INSTANCE}/_http._tcp/local: alpha.local:8080 [priority=0, weight=0]`,
        ...[a.address, "path=/", "duplex", "empty="],
        ...["utf8=Gr\\303\\274\\303\\237e", "blob=\\000\\377\\200"],
      ]) {
        expect(stdout).toContain(part);
      }

      const isOurs = ({ name = "" }) => name.startsWith(`${INSTANCE}._http._tcp.local`);
      const addresses = expect.arrayContaining([a.address, a.link.linkLocalAddress]);
      zeroconf.browse("_http._tcp");
      const seen = await zeroconf.event((event) => event.event === "added" && isOurs(event));
      expect(seen).toMatchObject({ server: "alpha.local.", port: 8080, addresses });
      // It decodes values as text for its events.
      const properties = { path: "/", empty: "", utf8: "Grüße", blob: "\0\ufffd\ufffd" };
      expect(seen.properties).toEqual({ ...properties, duplex: null });
      bonjour.browse("_http._tcp");
      const up = await bonjour.event((event) => event.event === "added" && isOurs(event));
      expect(up).toMatchObject({ server: "alpha.local", port: 8080, addresses });
      expect(up.properties).toMatchObject({ path: "/", utf8: "Grüße", blob: "\0\ufffd\ufffd" });

      await daemon.stop();
      await zeroconf.event((event) => event.event === "removed" && isOurs(event));
      await bonjour.event((event) => event.event === "removed" && isOurs(event));
      await expect.poll(() => avahi.browse("_http._tcp"), { timeout: 5000 }).toEqual([]);
    });
  },
);

/** As `browse --resolve --json` prints it. */
interface Seen {
  readonly event: string;
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly txt: Readonly<Record<string, unknown>>;
}

describeEndToEnd(
  "services of others",
  {
    needs: [
      ...(["avahi-daemon", "systemd-resolved", "dbus-daemon"] as const),
      ...(["python3-zeroconf", "bonjour-service", "ciao"] as const),
    ],
  },
  () => {
    test("are seen with dots and UTF-8 in names and binary TXT, whoever publishes them", async () => {
      await using lan = await Lan.create();
      const asker = await lan.host("alpha");
      const [b, c] = [await lan.host("beta"), await lan.host("gamma")];
      const [d, e, f] = [
        await lan.host("delta"),
        await lan.host("epsilon"),
        await lan.host("zeta"),
      ];
      const daemon = await Daemon.start(asker);
      const xml = [
        "<name>Avahi 1.2 – 台所</name><service><type>_http._tcp</type><port>1</port>",
        "<txt-record>path=/</txt-record><txt-record>flag</txt-record>",
        '<txt-record value-format="binary-hex">blob=00ff80</txt-record></service>',
      ].join("");
      const dnssd = [
        "[Service]\nName=Resolved 1.2 – 台所\nType=_http._tcp\nPort=2",
        "TxtText=path=/ flag\n",
      ].join("\n");
      const [, , ...libraries] = await Promise.all([
        Avahi.start(b, { services: { web: xml } }),
        Resolved.start(c, { services: { web: dnssd } }),
        startPythonZeroconf(d),
        startBonjourService(e),
        startCiao(f),
      ]);
      const names = ["Zeroconf", "Bonjour", "Ciao"];
      await Promise.all(
        libraries.map((library, index) => publish(library, names[index]!, 3 + index)),
      );

      const { stdout } = await daemon.command(
        ...["browse", "--resolve", "--once", "--json", "_http._tcp"],
      );
      const resolved = stdout
        .split("\n")
        .filter(Boolean)
        .map((line): Seen => JSON.parse(line))
        .filter(({ event }) => event === "resolved");
      const found = (instance: string): Seen | undefined =>
        resolved.findLast((one) => one.instance === instance);
      const path = { path: "/" };
      expect(found("Avahi 1.2 – 台所")).toMatchObject({
        ...{ host: "beta.local", port: 1, addresses: expect.arrayContaining([b.address]) },
        txt: { ...path, flag: true, blob: { hex: "00ff80" } },
      });
      expect(found("Resolved 1.2 – 台所")).toMatchObject({
        ...{ host: "gamma.local", port: 2, addresses: expect.arrayContaining([c.address]) },
        txt: { ...path, flag: true },
      });
      for (const [index, host] of [d, e, f].entries()) {
        // bonjour-service itself puts hyphens in the place of dots.
        const version = names[index] === "Bonjour" ? "1-2" : "1.2";
        expect(found(`${names[index]} ${version} – 台所`)).toMatchObject({
          ...{ host: `${host.name}.local`, port: 3 + index },
          ...{ addresses: expect.arrayContaining([host.address]), txt: { ...path, utf8: "Grüße" } },
        });
      }
    });
  },
);

async function publish(library: ScriptedPeer, name: string, port: number): Promise<void> {
  const properties = { path: "/", utf8: "Grüße" };
  await library.register({ name: `${name} 1.2 – 台所`, type: "_http._tcp", port, properties });
}
