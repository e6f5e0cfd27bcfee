import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { dotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

describeEndToEnd("npm start", { needs: ["tcpdump", "avahi-daemon", "avahi-utils"] }, () => {
  test("runs the daemon in its own process, which says goodbye on SIGTERM", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const capture = await Capture.start(lan);
    // What `npm start -- --hostname starter` runs.
    const daemon = a.spawn(process.execPath, ["scripts/start.js", "--hostname", "starter"]);
    const answered = ({ answers }: { answers: readonly { name: object; ttl: number }[] }) =>
      answers.filter(({ name }) => String(name) === "starter.local");
    await capture.until(({ message }) => answered(message).length > 0);
    expect(await dotlocal(b, "resolve", "-4", "--standalone", "starter.local")).toMatchObject({
      status: 0,
      stdout: `starter.local\t${a.address}\n`,
    });
    expect(await daemon.stop()).toBe(0);
    await capture.until(({ message }) => answered(message).some(({ ttl }) => ttl === 0));
  });

  test("publishes what is in service-defs/ while something answers, as avahi-browse shows elsewhere", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const avahi = await Avahi.start(b);
    a.spawn(process.execPath, ["-e", "require('net').createServer().listen(8080)"]);
    const daemon = a.spawn(process.execPath, ["scripts/start.js", "--hostname", "starter"]);
    await daemon.line(/publishing "Web on starter" on eth0/);
    await expect
      .poll(() => avahi.browse("_http._tcp"), { timeout: 10_000 })
      .toContainEqual(expect.stringMatching(/;Web\\032on\\032starter;.*;starter\.local;.*;8080;/));
    expect(await daemon.stop()).toBe(0);
  });

  test("finds something in service-defs/ that `dotlocal check` accepts", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const folder = join(repositoryRoot, "service-defs");
    const files = readdirSync(folder).filter((name) => /\.(yaml|json)$/.test(name));
    expect(files.length).toBeGreaterThan(0);
    const paths = files.map((name) => join(folder, name));
    expect(await dotlocal(host, "check", ...paths)).toMatchObject({ status: 0 });
  });
});
