/**
 * The stub between name servers and clients of other makes: BIND, unbound and dnsmasq give the same
 * zone to it, and forward what their own clients ask to it.
 */

import { expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import {
  digAnswers,
  expectAnswers,
  LARGE_DOMAIN,
  serveWithBind,
  serveWithDnsmasq,
  serveWithUnbound,
  WEB_ADDRESSES,
  WEB_SERVER,
  ZONE,
  ZONE_QUESTIONS,
} from "./kit/peers/anycast-zone.ts";
import { startBind, startDnsmasq, startUnbound } from "./kit/peers/name-servers.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const STUB = "127.0.0.153";

/** Where a peer beside the stub listens. */
const PEER_PORT = "5300";

const TRANSPORTS = ["+notcp", "+tcp"];

async function resolving(host: Host, upstreams: readonly string[]): Promise<Daemon> {
  const daemon = await Daemon.start(host, { configuration: { resolver: { upstreams } } });
  await daemon.process.line(/answering DNS queries on 127\.0\.0\.153 port 53/);
  return daemon;
}

/** The head of `dig`'s reply: its status, flags and how many answers it has. */
async function digHead(host: Host, ...args: readonly string[]) {
  const printed = await host.output("dig", ["+tries=1", ...args]);
  const [, status] = /status: (\w+)/.exec(printed) ?? [];
  const [, flags, answers] = /flags: ([\w ]*);.* ANSWER: (\d+)/.exec(printed) ?? [];
  return { status, flags: flags?.split(" "), answers: Number(answers), printed };
}

describeEndToEnd(
  "name servers of other makes behind the stub",
  { needs: ["named", "unbound", "dnsmasq", "dig"] },
  () => {
    test.each([
      ["BIND", serveWithBind, ZONE_QUESTIONS],
      ["unbound", serveWithUnbound, ZONE_QUESTIONS],
      // As an authority it says that there is nothing of type ANY.
      ["dnsmasq", serveWithDnsmasq, ZONE_QUESTIONS.filter(([, type]) => type !== "ANY")],
    ])(
      "%s: its zone comes through, by UDP and TCP, asked over both families",
      async (_, serve, questions) => {
        await using lan = await Lan.create();
        const client = await lan.host("client", {
          addresses: ["192.0.2.10/24", "2001:db8::10/64"],
        });
        const server = await lan.host("resolver1", {
          addresses: ["192.0.2.20/24", "2001:db8::20/64"],
        });
        await serve(server);
        for (const upstream of ["192.0.2.20", "2001:db8::20"]) {
          await using _daemon = await resolving(client, [upstream]);
          for (const transport of TRANSPORTS) {
            await expectAnswers(questions, client, `@${STUB}`, transport);
          }
        }
      },
    );

    test.each([
      ["BIND", serveWithBind],
      ["unbound", serveWithUnbound],
      ["dnsmasq", serveWithDnsmasq],
    ])("%s: what it does not have is told apart, and remembered", async (_, serve) => {
      await using lan = await Lan.create();
      const [client, server] = [await lan.host("client"), await lan.host("resolver1")];
      const peer = await serve(server);
      await resolving(client, [server.address]);
      const absent = await digHead(client, `@${STUB}`, `absent.${ZONE}`, "A");
      expect(absent).toMatchObject({ status: "NXDOMAIN", answers: 0 });
      const noData = await digHead(client, `@${STUB}`, WEB_SERVER, "MX");
      expect(noData).toMatchObject({ status: "NOERROR", answers: 0 });
      expect(noData.printed).toMatch(new RegExp(`^${ZONE}\\..*SOA`, "m"));
      await peer.kill();
      const again = await digHead(client, `@${STUB}`, `absent.${ZONE}`, "A");
      expect(again).toMatchObject({ status: "NXDOMAIN", answers: 0 });
      const other = await digHead(client, `@${STUB}`, `unknown.${ZONE}`, "A");
      expect(other.status).toBe("SERVFAIL");
    });

    test.each([
      ["BIND", serveWithBind],
      ["unbound", serveWithUnbound],
    ])("RFC 2181 §9, %s: what does not fit in UDP is fetched by TCP", async (_, serve) => {
      await using lan = await Lan.create();
      const [client, server] = [await lan.host("client"), await lan.host("resolver1")];
      await serve(server);
      await resolving(client, [server.address]);
      const [answer] = await digAnswers(client, `@${STUB}`, `any.${LARGE_DOMAIN}`, "TXT");
      expect(answer).toMatch(/"resolver1" ("x{240}" ?){8}$/);
      const small = await digHead(
        client,
        `@${STUB}`,
        "+ignore",
        "+bufsize=512",
        ...[`any.${LARGE_DOMAIN}`, "TXT"],
      );
      expect(small).toMatchObject({ status: "NOERROR", answers: 0 });
      expect(small.flags).toContain("tc");
    });
  },
);

/** Each listens at `PEER_PORT` and has nothing of its own: it forwards to the stub. */
const FORWARDERS: readonly (readonly [string, (host: Host) => Promise<unknown>])[] = [
  [
    "BIND",
    (host) =>
      startBind(host, {
        zones: {},
        recursion: true,
        options: `listen-on port ${PEER_PORT} { 127.0.0.1; };
          forward only; forwarders { ${STUB}; };`,
      }),
  ],
  [
    "unbound",
    (host) => {
      const statements = [`port: ${PEER_PORT}`, "do-not-query-localhost: no"];
      const clause = `forward-zone:\n  name: "."\n  forward-addr: ${STUB}`;
      return startUnbound(host, statements, clause);
    },
  ],
  ["dnsmasq", (host) => startDnsmasq(host, [`--port=${PEER_PORT}`, `--server=${STUB}`])],
];

describeEndToEnd(
  "forwarders of other makes in front of the stub",
  { needs: ["named", "unbound", "dnsmasq", "dig"] },
  () => {
    test.each(FORWARDERS)("%s resolves through it", async (_, forward) => {
      await using lan = await Lan.create();
      const [client, server] = [await lan.host("client"), await lan.host("resolver1")];
      await serveWithBind(server);
      await resolving(client, [server.address]);
      await forward(client);
      const at = ["@127.0.0.1", "-p", PEER_PORT];
      for (const transport of TRANSPORTS) {
        expect(await digAnswers(client, ...at, transport, WEB_SERVER, "A")).toEqual([
          `${WEB_SERVER}. A ${WEB_ADDRESSES.ipv4}`,
        ]);
        expect(await digAnswers(client, ...at, transport, WEB_SERVER, "AAAA")).toEqual([
          `${WEB_SERVER}. AAAA ${WEB_ADDRESSES.ipv6}`,
        ]);
      }
      const [large] = await digAnswers(client, ...at, `any.${LARGE_DOMAIN}`, "TXT");
      expect(large).toMatch(/"resolver1" ("x{240}" ?){8}$/);
      const absent = await digHead(client, ...at, `absent.${ZONE}`, "A");
      expect(absent).toMatchObject({ status: "NXDOMAIN", answers: 0 });
    });
  },
);
