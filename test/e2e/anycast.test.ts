/**
 * Two name servers behind one address (RFC 4786): one dies, routes move, in mid-conversation. The
 * client's routes never change, so nothing but the answers that stay away tells it.
 */

import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { PATIENCE_MIN } from "../../src/unicast/constants.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { AnycastSite } from "./kit/anycast-site.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import type { Host } from "./kit/lan.ts";
import {
  digAnswers,
  expectAnswers,
  INSTANCE_DOMAIN,
  LARGE_DOMAIN,
  LOAD_DOMAIN,
  SHARED_ADDRESSES,
  serveWithBind,
  serveWithUnbound,
  WEB_ADDRESSES,
  ZONE_QUESTIONS,
} from "./kit/peers/anycast-zone.ts";
import { type LoadResult, queryLoad } from "./kit/query-load.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const STUBS = { ipv4: "127.0.0.153", ipv6: "::1" } as const;

const RATE = 200;
const SECONDS = 7;

/** Milliseconds by which a busy machine may make an answer late. */
const LATENESS = 250;

/** Milliseconds by which clocks may differ that only have whole ones. */
const CLOCK_GRAIN = 5;

/** Milliseconds: a server that was heard is waited for `PATIENCE_MIN`, then asked once more. */
const ONE_RETRANSMISSION = PATIENCE_MIN + LATENESS;

async function resolving(host: Host, ...upstreams: readonly string[]): Promise<Daemon> {
  const listen = [`${STUBS.ipv4}:53`, `[${STUBS.ipv6}]:53`];
  const daemon = await Daemon.start(host, {
    configuration: { resolver: { upstreams, stub: { listen } } },
  });
  await Promise.all(
    Object.values(STUBS).map((stub) => {
      return daemon.process.line(new RegExp(`answering DNS queries on ${stub} port 53`));
    }),
  );
  return daemon;
}

/** Which instance answered for a name of its own, and after how many milliseconds. */
async function instanceAt(host: Host, domain: string, label: string) {
  const printed = await host.output("dig", [
    ...[`@${STUBS.ipv4}`, "+tries=1", "+time=5", "+noall", "+answer", "+stats"],
    ...["+bufsize=4096", `${label}.${domain}`, "TXT"],
  ]);
  const [, instance] = /\sTXT\s+"(resolver\d)"/.exec(printed) ?? [];
  const [, time] = /Query time: (\d+) msec/.exec(printed) ?? [];
  return { instance, time: Number(time) };
}

/** So many that the ports they leave by, ten questions each, fall to both paths for certain. */
const SHARED_QUESTIONS = 160;

/** Who answered for each of so many names, asked for one after the other. */
async function instancesOf(host: Host, prefix: string, count: number): Promise<readonly string[]> {
  const questions = Array.from({ length: count }, (_, index) => {
    return [`${prefix}${index}.${INSTANCE_DOMAIN}`, "TXT"];
  });
  const answers = await digAnswers(host, `@${STUBS.ipv4}`, ...questions.flat());
  return answers.map((answer) => /"(.*)"/.exec(answer)?.[1] ?? answer);
}

/** The names that were not answered for because of the cookie (RFC 7873 §8: BADCOOKIE is 23). */
async function refusedCookies(capture: Capture): Promise<readonly string[]> {
  const refusals = await capture.packets(({ message }) => {
    return (message.flags & Flag.QR) !== 0 && (message.flags & 0xf) === (23 & 0xf);
  });
  return refusals.map(({ message }) => nameIn(message!));
}

/** In milliseconds; none: 0. */
function slowest(results: readonly LoadResult[]): number {
  return Math.round(Math.max(0, ...results.map(({ time }) => time!)));
}

function unanswered(results: readonly LoadResult[]): readonly string[] {
  const known: readonly string[] = Object.values(WEB_ADDRESSES);
  const isRight = ({ answers }: LoadResult) => answers?.length === 1 && known.includes(answers[0]!);
  return results.filter((result) => !isRight(result)).map(({ name }) => name);
}

/** The addresses at which each name was asked for, one a transmission. */
async function transmissions(capture: Capture): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = new Map<string, string[]>();
  for (const { message, destination } of await capture.packets(isQueryOfLoad)) {
    const name = nameIn(message!);
    asked.set(name, [...(asked.get(name) ?? []), destination.address]);
  }
  return asked;
}

/** Whether more than one retransmission went to one address. */
function isPestered(addresses: readonly string[]): boolean {
  return [...new Set(addresses)].some(
    (one) => addresses.filter((other) => other === one).length > 2,
  );
}

function isQueryOfLoad({ message }: { readonly message: Message }): boolean {
  return (message.flags & Flag.QR) === 0 && nameIn(message).endsWith(`.${LOAD_DOMAIN}`);
}

function nameIn({ questions }: Message): string {
  return String(questions[0]?.name ?? "").toLowerCase();
}

describeEndToEnd("a zone behind anycast addresses", { needs: ["named", "dig"] }, () => {
  test.each(["ipv4", "ipv6"] as const)(
    "is answered by the stub, over UDP and TCP and both families, by asking over %s",
    async (family) => {
      await using site = await AnycastSite.create();
      const { client, resolvers } = site;
      await Promise.all(resolvers.map((resolver) => serveWithBind(resolver)));
      await resolving(client, SHARED_ADDRESSES[family]);
      for (const stub of Object.values(STUBS)) {
        for (const transport of ["+notcp", "+tcp"]) {
          await expectAnswers(ZONE_QUESTIONS, client, `@${stub}`, transport);
        }
      }
    },
  );
});

describeEndToEnd(
  `anycast instances that change under ${RATE} queries a second`,
  { needs: ["named", "dig", "tcpdump"] },
  () => {
    test.for<[title: string, upstreams: readonly string[]]>([
      ["their IPv4 address", [SHARED_ADDRESSES.ipv4]],
      ["both their addresses", [SHARED_ADDRESSES.ipv6, SHARED_ADDRESSES.ipv4]],
    ])("cost no query more than one retransmission to %s", async ([, upstreams], { annotate }) => {
      await using site = await AnycastSite.create();
      const { client, resolvers } = site;
      const [first] = await Promise.all(resolvers.map((resolver) => serveWithBind(resolver)));
      await resolving(client, ...upstreams);
      expect(await instanceAt(client, INSTANCE_DOMAIN, "first")).toMatchObject({
        instance: "resolver1",
      });
      const capture = await Capture.start(client, { expression: "udp port 53" });
      const load = queryLoad(client, {
        server: STUBS.ipv4,
        domain: LOAD_DOMAIN,
        rate: RATE,
        count: RATE * SECONDS,
      });

      await setTimeout(1000);
      await Promise.all([first!.kill(), site.routeTo(2)]);
      await setTimeout(1000);
      await serveWithBind(resolvers[0]);
      await site.routeTo(1);
      await setTimeout(1000);
      await site.failOver(2);

      const results = await load;
      expect(results).toHaveLength(RATE * SECONDS);
      expect(unanswered(results)).toEqual([]);
      const asked = await transmissions(capture);
      expect([...asked].filter(([, addresses]) => isPestered(addresses))).toEqual([]);
      const isRepeated = ({ name }: LoadResult) => (asked.get(name)?.length ?? 0) > 1;
      const usual = slowest(results.filter((result) => !isRepeated(result)));
      const repeated = slowest(results.filter(isRepeated));
      await annotate(`at most ${repeated} ms with a retransmission, ${usual} ms without`);
      expect(repeated).toBeGreaterThan(PATIENCE_MIN - CLOCK_GRAIN);
      expect(repeated - usual).toBeLessThan(ONE_RETRANSMISSION);
      expect(await instanceAt(client, INSTANCE_DOMAIN, "last")).toMatchObject({
        instance: "resolver2",
      });
    });
  },
);

describeEndToEnd("a conversation with an anycast address", { needs: ["named", "dig"] }, () => {
  test("RFC 7766 §6.2.4: by TCP goes on with the other instance on a connection of its own", async () => {
    await using site = await AnycastSite.create();
    const { client } = site;
    await Promise.all(site.resolvers.map((resolver) => serveWithBind(resolver)));
    await resolving(client, SHARED_ADDRESSES.ipv4);
    const [before, kept] = [
      await instanceAt(client, LARGE_DOMAIN, "before"),
      await instanceAt(client, LARGE_DOMAIN, "kept"),
    ];
    expect([before.instance, kept.instance]).toEqual(["resolver1", "resolver1"]);
    await site.routeTo(2);
    const moved = await instanceAt(client, LARGE_DOMAIN, "moved");
    expect(moved.instance).toBe("resolver2");
    expect(moved.time).toBeLessThan(ONE_RETRANSMISSION);
    const [, lost] = await Promise.all([
      site.failOver(1),
      instanceAt(client, LARGE_DOMAIN, "lost"),
    ]);
    expect(lost.time).toBeLessThan(ONE_RETRANSMISSION);
    expect(await instanceAt(client, LARGE_DOMAIN, "after")).toMatchObject({
      instance: "resolver1",
    });
  });

  test("comes to whichever instance the routers choose, again and again", async () => {
    await using site = await AnycastSite.create();
    const { client } = site;
    await Promise.all(site.resolvers.map((resolver) => serveWithBind(resolver)));
    await site.routeTo("both");
    await resolving(client, SHARED_ADDRESSES.ipv4);
    const instances = await instancesOf(client, "shared", SHARED_QUESTIONS);
    expect(instances).toHaveLength(SHARED_QUESTIONS);
    expect(new Set(instances)).toEqual(new Set(["resolver1", "resolver2"]));
  });
});

describeEndToEnd(
  "cookies of anycast instances",
  { needs: ["named", "unbound", "dig", "tcpdump"] },
  () => {
    test("RFC 7873 §5.3: one that the other instance refuses is renewed at once", async () => {
      await using site = await AnycastSite.create();
      const { client } = site;
      const options = "require-server-cookie yes;";
      await Promise.all(site.resolvers.map((resolver) => serveWithBind(resolver, options)));
      await resolving(client, SHARED_ADDRESSES.ipv4);
      expect(await instancesOf(client, "first", 5)).toEqual(Array(5).fill("resolver1"));
      const capture = await Capture.start(client, { expression: "udp port 53" });
      await site.routeTo(2);
      const moved = await instanceAt(client, INSTANCE_DOMAIN, "moved");
      expect(moved.instance).toBe("resolver2");
      expect(moved.time).toBeLessThan(LATENESS);
      expect(await instancesOf(client, "second", 5)).toEqual(Array(5).fill("resolver2"));
      expect(await refusedCookies(capture)).toEqual([`moved.${INSTANCE_DOMAIN}`]);
    });

    test("are given back to each of two instances that take turns, and nothing is lost", async () => {
      await using site = await AnycastSite.create();
      const { client } = site;
      const options = "require-server-cookie yes;";
      await Promise.all(site.resolvers.map((resolver) => serveWithBind(resolver, options)));
      await site.routeTo("both");
      await resolving(client, SHARED_ADDRESSES.ipv4);
      const instances = await instancesOf(client, "shared", SHARED_QUESTIONS);
      expect(instances).toHaveLength(SHARED_QUESTIONS);
      expect(new Set(instances)).toEqual(new Set(["resolver1", "resolver2"]));
    });

    test("are not missed from an instance of another make that knows none", async () => {
      await using site = await AnycastSite.create();
      const { client, resolvers } = site;
      await Promise.all([serveWithBind(resolvers[0]), serveWithUnbound(resolvers[1])]);
      await resolving(client, SHARED_ADDRESSES.ipv4);
      expect(await instancesOf(client, "first", 3)).toEqual(Array(3).fill("resolver1"));
      await site.routeTo(2);
      const moved = await instanceAt(client, INSTANCE_DOMAIN, "moved");
      expect(moved.instance).toBe("resolver2");
      expect(moved.time).toBeLessThan(LATENESS);
      await site.routeTo("both");
      expect(await instancesOf(client, "shared", SHARED_QUESTIONS)).toHaveLength(SHARED_QUESTIONS);
    });
  },
);
