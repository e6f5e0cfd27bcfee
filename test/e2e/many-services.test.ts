/** More services on a link than most links have. */

import { expect, test } from "vitest";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const COUNT = 1000;

const NAMES = Array.from({ length: COUNT }, (_, index) => `Service ${index + 1}`);

/** A definition file each. */
const DEFINITIONS = Object.fromEntries(
  NAMES.map((name, index) => [`${index}.yaml`, { name, type: "_http._tcp", port: index + 1 }]),
);

describeEndToEnd("a thousand services of one daemon", {}, () => {
  test("are found completely on another host", { timeout: 60_000 }, async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await using daemon = await Daemon.start(a, { services: DEFINITIONS });
    const published = () => daemon.process.lines.filter((line) => /publishing "/.test(line));
    await expect.poll(published, { timeout: 40_000 }).toHaveLength(COUNT);
    const { stdout } = await dotlocal(b, "browse", "--once", "--json", "_http._tcp");
    const found = stdout.trim().split("\n");
    const instances = found.map((line): string => JSON.parse(line).instance);
    expect(instances).toHaveLength(COUNT);
    expect(new Set(instances)).toEqual(new Set(NAMES));
  });
});
