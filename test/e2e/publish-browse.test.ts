/** `dotlocal publish`, `publish-host` and `browse`, with and without a daemon, beside Avahi. */

import { expect, test } from "vitest";
import { Daemon, dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const INSTANCE = "Dr. Müller\\Büro";
const LISTED = "eth0\tDr. Müller\\\\Büro\t_http._tcp\tlocal";

describeEndToEnd("services from the command line", {}, () => {
  test("are found on another host, resolved, and gone after Ctrl-C", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await using _daemon = await Daemon.start(a);
    const publisher = spawnDotlocal(a, [
      "publish",
      INSTANCE,
      "_http._tcp",
      "80",
      "path=/",
      "duplex",
    ]);
    await publisher.line(/^published: /);
    await using browser = spawnDotlocal(b, ["browse", "--resolve", "_http._tcp"]);
    await browser.line(/^=/);
    publisher.signal("SIGINT");
    await browser.line(/^-/);
    expect(browser.lines[0]).toBe(`+\t${LISTED}`);
    expect(browser.lines[1]).toMatch(/\talpha\.local\t80\t192\.0\.\S+\t"path=\/" "duplex"$/);
    expect(browser.lines[2]).toBe(`-\t${LISTED}`);
    expect(await publisher.stop()).toBe(0);
  });

  test("are withdrawn when their publisher is killed", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await using _daemon = await Daemon.start(a);
    const publisher = spawnDotlocal(a, ["publish", "Web", "_http._tcp", "80"]);
    await publisher.line(/^published: /);
    await using browser = spawnDotlocal(b, ["browse"]);
    await browser.line(/^\+/);
    await publisher.kill();
    await browser.line(/^-\teth0\tWeb\t/);
  });

  test("need no daemon", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await using publisher = spawnDotlocal(a, ["publish", "Web", "_http._tcp", "80"]);
    await using hostPublisher = spawnDotlocal(a, ["publish-host", "nas", "192.0.2.7"]);
    await publisher.line(/^published: "Web" on eth0/);
    await hostPublisher.line(/^published: "nas.local" on eth0/);
    const found = await dotlocal(b, "browse", "--once", "--resolve", "--json", "_http._tcp");
    expect(found.status).toBe(0);
    expect(
      found.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { event: "added", instance: "Web" },
      { event: "resolved", host: "alpha.local", port: 80, txt: {} },
    ]);
    expect((await dotlocal(b, "resolve", "Web._http._tcp.local")).stdout).toContain(
      "alpha.local\t80",
    );
    expect((await dotlocal(b, "resolve", "nas.local")).stdout).toBe("nas.local\t192.0.2.7\n");
    expect((await dotlocal(b, "browse", "--once", "--quiet", "500", "_none._tcp")).status).toBe(1);
  });
});

describeEndToEnd(
  "a service name that Avahi has",
  { needs: ["avahi-daemon", "avahi-utils"] },
  () => {
    test("becomes `Name (2)`", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await using avahi = await Avahi.start(b);
      await using _taken = await avahi.publish("--service", "Web", "_http._tcp", "8000");
      await using _daemon = await Daemon.start(a);
      await using publisher = spawnDotlocal(a, ["publish", "Web", "_http._tcp", "80"]);
      await publisher.line(/^"Web" belongs to \S+: it becomes "Web \(2\)"/);
      await publisher.line(/^published: "Web \(2\)" on eth0/);
      const seen = (await avahi.browse("_http._tcp")).filter((line) => line.startsWith("="));
      expect(new Set(seen.map((line) => line.split(";")[3]))).toEqual(
        new Set(["Web", "Web\\032\\0402\\041"]),
      );
    });
  },
);
