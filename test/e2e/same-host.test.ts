/**
 * Another responder on the same host, with the same host name: the default of both. Neither must
 * ever be renamed (RFC 6762 §15), and while the other answers for the name, it alone does.
 */

import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import {
  addressesFor,
  answersFor,
  type Heard,
  isFrom,
  isIpv4,
  isProbeFor,
} from "./kit/messages.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "alpha.local";
const ALIAS = "nas.local";
const OPTIONS = {
  configuration: { aliases: ["nas"] },
  services: { "web.yaml": { name: "Web", type: "_http._tcp", port: 8080 } },
};

/** Who asks on a busy machine may need its question's third transmission. */
const PATIENCE = "8s";

/** Milliseconds: a minute between checks (ours), one second for the answer, and the probes. */
const CESSION_END_MAX = 75_000;

interface Neighbour {
  readonly process: { readonly lines: readonly string[] };
}

interface NameStatus {
  readonly label: string;
  readonly ceded: boolean;
}

async function nameOf(daemon: Daemon): Promise<NameStatus> {
  const { stdout } = await daemon.command("status", "--json");
  const [name] = JSON.parse(stdout).host.names as readonly NameStatus[];
  return name!;
}

/** Both keep the name, and the other one is the one to answer for it. */
async function expectCeded(daemon: Daemon, neighbour: Neighbour): Promise<void> {
  await expect
    .poll(() => nameOf(daemon), { timeout: 10_000, interval: 200 })
    .toMatchObject({
      label: "alpha",
      ceded: true,
    });
  expectNobodyRenamed(daemon, neighbour);
}

function expectNobodyRenamed(daemon: Daemon, neighbour: Neighbour): void {
  expect(daemon.process.lines.join("\n")).not.toMatch(/renamed|fault/);
  expect(neighbour.process.lines.join("\n")).not.toMatch(
    /Host name conflict|Withdrawing workstation|retrying with|Hostname conflict/,
  );
}

/** The host name is found from elsewhere, and so are the alias and the service. */
async function expectFound(asker: Host, owner: Host): Promise<void> {
  for (const name of [NAME, ALIAS]) {
    const args = ["-4", "--standalone", "--timeout", PATIENCE, name];
    expect(await dotlocal(asker, "resolve", ...args)).toMatchObject({
      status: 0,
      stdout: `${name}\t${owner.address}\n`,
    });
  }
  const service = "Web._http._tcp.local";
  const { stdout } = await dotlocal(asker, "resolve", "--standalone", "-t", "SRV", service);
  expect(stdout).toMatch(/\tSRV\t0 0 8080 alpha\.local\.?\n$/);
}

/** It tells of IPv4 over IPv4 and of IPv6 over IPv6, so that its packets are told from ours. */
const AVAHI_CONFIGURATION = [
  "[server]",
  "host-name=alpha",
  "use-ipv4=yes",
  "use-ipv6=yes",
  "[publish]",
  "publish-hinfo=no",
  "publish-workstation=no",
  "publish-aaaa-on-ipv4=no",
  "publish-a-on-ipv6=no",
  "",
].join("\n");

/** Packets of ours with addresses for the name: answers, announcements and probes. */
function weClaim(host: Host, packet: Heard): boolean {
  if (!isFrom(host, packet) || !isIpv4(packet)) return false;
  const records = [...packet.message.answers, ...packet.message.authorities];
  return records.some(({ name, data }) => data.kind === "AAAA" && String(name) === NAME);
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `beside Avahi on one host, with ${title}`,
    { needs: ["avahi-daemon", "avahi-utils", "tcpdump"] },
    () => {
      test("§15: the name is left to the Avahi that was first, and taken over from its goodbye", async () => {
        await using lan = await Lan.create();
        const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
        await prepare(a);
        const capture = await Capture.start(lan);
        const avahi = await Avahi.start(a, { configuration: AVAHI_CONFIGURATION });
        const daemon = await Daemon.start(a, OPTIONS);
        await daemon.process.line(/another responder on this host answers for alpha\.local/);
        await daemon.process.line(/publishing nas\.local/);
        await expectCeded(daemon, avahi);
        expect(await daemon.command("status")).toMatchObject({
          stdout: expect.stringMatching(/^! avahi-daemon \(process \d+\) holds UDP port 5353 too/),
        });
        await expectFound(b, a);

        // RFC 6762 §8.1: a probe of ours was answered by it, if it was heard to be there no sooner.
        expect(await capture.packets((p) => weClaim(a, p) && !isProbeFor(NAME, p))).toEqual([]);

        const stoppedAt = Date.now() / 1000;
        await avahi.stop();
        await daemon.process.line(/the other responder on this host is gone/);
        const taken = await capture.until(
          (packet) =>
            packet.at > stoppedAt && weClaim(a, packet) && addressesFor(NAME, packet).length > 0,
        );
        // Its goodbye, three probes, our announcement.
        expect(taken.at - stoppedAt).toBeLessThan(3);
        await expectFound(b, a);
        expect(await nameOf(daemon)).toMatchObject({ label: "alpha", ceded: false });
      });

      test("§15: an Avahi that comes later gets the name, and is not probed against", async () => {
        await using lan = await Lan.create();
        const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
        await prepare(a);
        const daemon = await Daemon.start(a, OPTIONS);
        await daemon.process.line(/this host is alpha\.local on eth0/);
        await expectFound(b, a);
        const capture = await Capture.start(lan);
        const avahi = await Avahi.start(a, { configuration: AVAHI_CONFIGURATION });
        const probe = await capture.until((p) => isProbeFor(NAME, p) && !weClaim(a, p));
        expect(avahi.fullHostName).toBe(NAME);
        await daemon.process.line(/another responder on this host answers for alpha\.local/);
        await expectCeded(daemon, avahi);
        await expectFound(b, a);
        expect((await avahi.resolve("-4", "-n", ALIAS)).stdout).toBe(`${ALIAS}\t${a.address}\n`);

        expect(await capture.packets((p) => p.at > probe.at && weClaim(a, p))).toEqual([]);

        // What we said of the name stays true: it is not taken back when we go.
        expect(await daemon.stop()).toBe(0);
        const goodbyes = await capture.packets(
          (packet) => isFrom(a, packet) && answersFor(NAME, packet).some(({ ttl }) => ttl === 0),
        );
        expect(goodbyes).toEqual([]);
        await capture.until((packet) => answersFor(ALIAS, packet).some(({ ttl }) => ttl === 0));
        expectNobodyRenamed(daemon, avahi);
      });
    },
  );

  describeEndToEnd(
    `beside systemd-resolved on one host, with ${title}`,
    { needs: ["systemd-resolved", "tcpdump"] },
    () => {
      test("§15: nobody is renamed, whoever comes first", async () => {
        for (const order of ["before", "after"]) {
          await using lan = await Lan.create();
          const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
          await prepare(a);
          Resolved.install(a);
          const early = order === "before" ? await Resolved.start(a) : undefined;
          const daemon = await Daemon.start(a, OPTIONS);
          await daemon.process.line(/publishing nas\.local/);
          const resolved = early ?? (await Resolved.start(a));
          await expectFound(b, a);
          // It ignores what comes from its own host, and may say nothing for long.
          expect(await nameOf(daemon)).toMatchObject({ label: "alpha" });
          expectNobodyRenamed(daemon, resolved);
        }
      });
    },
  );
}

describeEndToEnd("beside an Avahi that is killed", { needs: ["avahi-daemon", "tcpdump"] }, () => {
  test("§15: its going is noticed by a check, and the name is probed for and announced", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const avahi = await Avahi.start(a);
    const daemon = await Daemon.start(a, OPTIONS);
    await expectCeded(daemon, avahi);
    const capture = await Capture.start(lan);
    await avahi.process.kill();
    const probe = await capture.until((p) => isFrom(a, p) && isProbeFor(NAME, p), CESSION_END_MAX);
    await capture.until((packet) => packet.at > probe.at && addressesFor(NAME, packet).length > 0);
    await expectFound(b, a);
    expect(await nameOf(daemon)).toMatchObject({ label: "alpha", ceded: false });
  }, 120_000);
});
