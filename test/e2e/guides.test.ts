/** Every command that the guides name, tried on a host of a LAN as they describe it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Daemon, dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const GUIDES = ["from-avahi", "from-systemd-resolved", "troubleshooting", "tuning"];

/** What the guides leave to the reader to put in. */
const PLACES: Readonly<Record<string, string>> = {
  FILE: "/etc/dotlocal/services/web.yaml",
  NAME: "node-1.local",
  "/etc/avahi/services/*.service": "/etc/avahi/services/ssh.service",
};

const AVAHI_SERVICE = `<service-group><name>SSH on %h</name>
  <service><type>_ssh._tcp</type><port>22</port></service></service-group>`;

/** What goes on until it is stopped, and the first that it prints. */
const ENDLESS: readonly (readonly [RegExp, RegExp])[] = [
  [/^browse(?!.*--once)/, /_ipp/],
  [/^publish "/, /^published: "Web/],
  [/^publish-host/, /^published: /],
  [/^monitor/, /./],
];

/** Statuses that are right here and are not 0: this LAN has no name server, and no stub in resolv.conf. */
const STATUSES: readonly (readonly [RegExp, number])[] = [
  [/^resolve -t MX/, 3],
  [/^diagnose/, 3],
];

function commandsOf(guide: string): readonly string[] {
  const text = readFileSync(join(repositoryRoot, `docs/${guide}.md`), "utf8");
  const commands = Array.from(text.matchAll(/`dotlocal ([^`]+)`/g), ([, command]) => command!);
  const tried = [...new Set(commands)].filter((command) => command !== "resolve");
  // An empty cache has nothing to list.
  return tried.toSorted((a, b) => Number(a === "cache flush") - Number(b === "cache flush"));
}

function wordsOf(command: string): readonly string[] {
  const words = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
  return words.map((word) => PLACES[word] ?? word);
}

/** Asks the link for one name after the other, for a monitor to show, until it has shown something. */
async function ask(host: Host, shown: Promise<unknown>): Promise<void> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  shown.then(end, end);
  for (let stranger = 0; !isOver; stranger++) {
    await dotlocal(host, "resolve", "--timeout", "500ms", `stranger-${stranger}.local`);
  }
}

describeEndToEnd("the guides", {}, () => {
  test("name commands that do what they say", async () => {
    await using lan = await Lan.create({ prefix: "192.168.1" });
    const [host, other] = [
      await lan.host("alpha"),
      await lan.host("node-1", { addresses: ["192.168.1.7/24"] }),
    ];
    host.writeFile("/etc/avahi/services/ssh.service", AVAHI_SERVICE);
    const web = { name: "Web", type: "_http._tcp", port: 80 };
    const printer = { name: "Laser", type: "_ipp._tcp", port: 631 };
    await Daemon.startNamed(host, { services: { "web.yaml": { ...web, name: "Mine" } } });
    const services = { "web.yaml": web, "printer.yaml": printer };
    const neighbour = await Daemon.startNamed(other, { services });
    await neighbour.process.line(/publishing "Laser"/);

    for (const guide of GUIDES) {
      for (const command of commandsOf(guide)) {
        const endless = ENDLESS.find(([pattern]) => pattern.test(command))?.[1];
        if (endless === undefined) {
          const [, status] = STATUSES.find(([pattern]) => pattern.test(command)) ?? [null, 0];
          const result = await dotlocal(host, ...wordsOf(command));
          expect(result, `${guide}: ${command}`).toMatchObject({ status });
          continue;
        }
        await using running = spawnDotlocal(host, wordsOf(command));
        const printed = running.line(endless);
        if (command.startsWith("monitor")) await ask(host, printed);
        await printed;
      }
    }
  }, 240_000);
});
