import { expect, test } from "vitest";
import { Capture } from "./capture.ts";
import { Daemon, dotlocal, hideKoffi, spawnDotlocal } from "./daemon.ts";
import { Lan } from "./lan.ts";
import { describeEndToEnd } from "./requirements.ts";

describeEndToEnd("this project's daemon and command on hosts", { needs: ["tcpdump"] }, () => {
  test("one host's name is resolved on another, and taken back at the end", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(a, {
      services: { "web.yaml": { name: "Web", type: "_http._tcp", port: 8080 } },
    });
    await Daemon.start(b);
    expect(await dotlocal(b, "resolve", "-4", "alpha.local")).toMatchObject({
      status: 0,
      stdout: `alpha.local\t${a.address}\n`,
    });
    const browse = spawnDotlocal(b, ["browse", "_http._tcp"]);
    await browse.line(/^\+\teth0\tWeb\t_http\._tcp\tlocal$/);
    expect(await daemon.stop()).toBe(0);
    await browse.line(/^-\teth0\tWeb\t_http\._tcp\tlocal$/);
    await capture.until(
      ({ source, message }) =>
        source.address === a.address && message.answers.some(({ ttl }) => ttl === 0),
    );
  });

  test("it works where the native module is not installed", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await hideKoffi(a);
    expect(await a.run(process.execPath, ["-e", 'require("koffi")'])).toMatchObject({ status: 1 });
    await Daemon.start(a);
    await Daemon.start(b, { transport: "portable" });
    expect(await dotlocal(b, "resolve", "-4", "alpha.local")).toMatchObject({
      status: 0,
      stdout: `alpha.local\t${a.address}\n`,
    });
  });
});
