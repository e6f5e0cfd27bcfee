/**
 * What programs meet that look hosts up through the C library, whichever of its modules asks us: a
 * host by its name and by its addresses, one of IPv4 alone, and a name that nobody has.
 */

import { expect, test } from "vitest";
import { Daemon } from "./daemon.ts";
import { Lan } from "./lan.ts";
import { Avahi } from "./peers/avahi.ts";
import { getent, runWithNss } from "./peers/nss.ts";
import { timed } from "./timed.ts";

/** What a person waits gladly, and for a name that nobody has, in milliseconds. */
const FOUND_TIME_MAX = 500;
const ABSENT_TIME_MAX = 3500;

/** A busy machine may need several tries to show how fast it is. */
const TRIES_MAX = 4;

/** Avahi sends no NSEC records; this one has no AAAA records either. */
const IPV4_ONLY = "[server]\nuse-ipv4=yes\nuse-ipv6=no\n[publish]\npublish-aaaa-on-ipv4=no\n";

/** Lines of nsswitch.conf(5) without `hosts:`. */
export interface HostsLines {
  readonly forward: string;
  readonly reverse: string;
}

/** The tests that hold whichever module is asked; to be called within `describe`. */
export function testNameService({ forward, reverse }: HostsLines): void {
  test("find a host by name, with the scope of its link-local address, and by address", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await Promise.all([Daemon.startNamed(a), Daemon.startNamed(b)]);
    const found = await getent(a, forward, "ahosts", "beta.local");
    expect(found).toMatchObject({ status: 0, stderr: "" });
    expect(found.stdout).toMatch(new RegExp(`^${b.address} +STREAM`, "m"));
    expect(found.stdout).toContain(`${b.link.linkLocalAddress}%${a.link.index} STREAM`);
    for (const address of [b.address, b.link.linkLocalAddress]) {
      const names = await getent(a, reverse, "hosts", address);
      expect(names.stdout).toMatch(/\sbeta\.local$/m);
    }
    expect((await getent(a, forward, "ahosts", "192.0.2.77")).stdout).toContain("192.0.2.77");
    const ping = await runWithNss(a, forward, "ping", ["-c1", "-W2", "beta.local"]);
    expect(ping.stdout).toContain("1 received");
    const curl = await runWithNss(a, forward, "curl", ["-sS", "http://beta.local:1/"]);
    expect(curl.stderr).toContain("Failed to connect to beta.local port 1");
  });

  test("find a host with IPv4 alone in half a second, though it does not deny IPv6", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("v4-only")];
    await Promise.all([Daemon.startNamed(a), Avahi.start(b, { configuration: IPV4_ONLY })]);
    let best = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < TRIES_MAX && best >= FOUND_TIME_MAX; tries++) {
      const { result, time } = await timed(() => getent(a, forward, "ahosts", "v4-only.local"));
      expect(result.stdout).toMatch(new RegExp(`^${b.address} +STREAM v4-only.local`));
      best = Math.min(best, time);
    }
    expect(best).toBeLessThan(FOUND_TIME_MAX);
  });

  test("learn that nobody has a name in three and a half seconds", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    await Daemon.startNamed(a);
    let best = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < TRIES_MAX && best >= ABSENT_TIME_MAX; tries++) {
      const absent = `absent-${tries}.local`;
      const { result, time } = await timed(() => getent(a, forward, "ahosts", absent));
      expect(result).toMatchObject({ status: 2, stdout: "" });
      best = Math.min(best, time);
    }
    expect(best).toBeLessThan(ABSENT_TIME_MAX);
  });
}
