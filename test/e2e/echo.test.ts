import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal, hideKoffi } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { addressesFor, isFrom } from "./kit/messages.ts";
import { namesOf, renamesOf } from "./kit/ownership.ts";
import { acceptOwnAddresses, Echo, type EchoOptions } from "./kit/peers/echo.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

/** Milliseconds under the echo; `npm run soak` makes it five minutes. */
const DURATION = Number(process.env["DOTLOCAL_SOAK_ECHO_SECONDS"] ?? 60) * 1000;
const TIMEOUT = DURATION + 60_000;

/** Milliseconds between two look-ups. */
const PACE = 2000;

/** Packets that two hosts multicast by being there: probes, announcements, answers. */
const ECHOES_MIN = 20;

const NAMES = ["alpha.local", "beta.local"];

/** Two hosts for our daemons, a host that echoes, and one that asks for both all the time. */
async function echoingLan(lan: Lan, mode: EchoOptions["mode"]) {
  const [alpha, beta] = [await lan.host("alpha"), await lan.host("beta")];
  const [echoer, asker] = [await lan.host("echo"), await lan.host("asker")];
  const capture = await Capture.start(lan);
  const echo = await Echo.start(echoer, { mode });
  await Promise.all([acceptOwnAddresses(alpha), acceptOwnAddresses(beta)]);
  return { alpha, beta, asker, capture, echo };
}

/** Lets time pass with look-ups in it, each of which finds its host, and `step` in between. */
async function live(asker: Host, step: (count: number) => Promise<void> = async () => {}) {
  const end = Date.now() + DURATION;
  for (let count = 0; Date.now() < end; count++) {
    const name = NAMES[count % NAMES.length]!;
    const found = await dotlocal(asker, "resolve", "--standalone", "-4", "--timeout", "10s", name);
    expect(found).toMatchObject({ status: 0, stderr: "" });
    await step(count);
    await setTimeout(PACE);
  }
}

/** Everybody has the name that was given, had no other, and saw nothing but cables out. */
async function expectUnshaken(...daemons: readonly Daemon[]): Promise<void> {
  for (const daemon of daemons) {
    expect(renamesOf(daemon)).toEqual([]);
    const alarms = daemon.process.lines.filter((line) => /warning|error/.test(line));
    expect(alarms.filter((line) => !/no usable link|running as root/.test(line))).toEqual([]);
    const label = daemon.host.name;
    expect(await namesOf(daemon)).toMatchObject([{ label, state: "registered" }]);
  }
}

describeEndToEnd(
  "a host that sends every packet back 50 to 2000 ms later",
  { needs: ["tcpdump", "python3"], concurrent: true },
  () => {
    for (const { mode, title } of [
      { mode: "reflect", title: "§9: from its own address, as a reflector does, renames nobody" },
      { mode: "replay", title: "§9: from the address of the first sender renames nobody" },
    ] as const) {
      test(title, { timeout: TIMEOUT }, async () => {
        await using lan = await Lan.create();
        const { alpha, beta, asker, echo } = await echoingLan(lan, mode);
        const daemons = await Promise.all([Daemon.start(alpha), Daemon.start(beta)]);
        await setTimeout(PACE);
        await live(asker);
        await expectUnshaken(...daemons);
        expect(echo.echoes).toBeGreaterThan(ECHOES_MIN);
      });
    }

    test("§9: renames nobody who has portable sockets", { timeout: TIMEOUT }, async () => {
      await using lan = await Lan.create();
      const { alpha, beta, asker, echo } = await echoingLan(lan, "both");
      await Promise.all([hideKoffi(alpha), hideKoffi(beta)]);
      const daemons = await Promise.all([Daemon.start(alpha), Daemon.start(beta)]);
      await setTimeout(PACE);
      await live(asker);
      await expectUnshaken(...daemons);
      expect(echo.echoes).toBeGreaterThan(ECHOES_MIN);
    });

    test("§9: with addresses that a host no longer has renames nobody", {
      timeout: TIMEOUT,
    }, async () => {
      await using lan = await Lan.create();
      const { alpha, beta, asker, capture, echo } = await echoingLan(lan, "both");
      const daemons = await Promise.all([Daemon.start(alpha), Daemon.start(beta)]);
      await setTimeout(PACE);
      let changes = 0;
      await live(asker, async (count) => {
        if (count % 2 === 0) return;
        const [old] = alpha.link.addresses;
        await alpha.link.addAddress(`192.0.2.${100 + (changes % 100)}/24`);
        await alpha.link.removeAddress(old!);
        changes++;
      });
      await expectUnshaken(...daemons);
      expect(changes).toBeGreaterThan(3);
      await capture.until((packet) => {
        const addresses: readonly string[] = addressesFor("alpha.local", packet);
        return isFrom(alpha, packet) && addresses.includes(alpha.address);
      });
      expect(echo.echoes).toBeGreaterThan(ECHOES_MIN);
    });

    test("§8: renames nobody who is restarted or loses its cable", {
      timeout: TIMEOUT,
    }, async () => {
      await using lan = await Lan.create();
      const { alpha, beta, asker, echo } = await echoingLan(lan, "both");
      const second = await Daemon.start(beta);
      let first = await Daemon.start(alpha);
      await setTimeout(PACE);
      await live(asker, async (count) => {
        if (count % 2 === 0) return;
        if (count % 4 === 1) {
          await alpha.link.unplug();
          await setTimeout(PACE);
          await alpha.link.plugIn();
        } else {
          expect(renamesOf(first)).toEqual([]);
          await (count % 8 === 3 ? first.stop() : first.kill());
          first = await Daemon.start(alpha);
        }
        // RFC 6762 §8.2: a lost tie with an echo of an earlier probe costs a second.
        await setTimeout(2 * PACE);
      });
      await expectUnshaken(first, second);
      expect(echo.echoes).toBeGreaterThan(ECHOES_MIN);
    });
  },
);
