/** Name servers asked by TLS (RFC 7858) and HTTPS (RFC 8484): who proves its name is believed. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Credentials, TestAuthority } from "../net/exchange/certificates.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { startUnbound } from "./kit/peers/name-servers.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const NAME = "nas.home.arpa";
const ADDRESS = "192.0.2.9";
const SERVER_NAME = "dns.example";
const STUB = "127.0.0.153";
const AUTHORITY_FILE = "/etc/dotlocal/authority.pem";

/** What the resolver is told of the server, where it has a certificate for its name and address. */
const UPSTREAMS = [
  ["TLS, by its name", (address: string) => `tls://${address}#${SERVER_NAME}`],
  ["TLS, by its address", (address: string) => `tls://${address}`],
  ["HTTPS, by its name", (address: string) => `https://${address}/dns-query#${SERVER_NAME}`],
  ["HTTPS, by its address", (address: string) => `https://${address}/dns-query`],
] as const;

let authority: TestAuthority;
beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => authority.remove());

/** unbound on the ports of TLS and HTTPS, with one name; its log has the questions. */
async function serve(host: Host, { key, cert }: Credentials) {
  host.writeFile("/etc/unbound/key.pem", String(key));
  host.writeFile("/etc/unbound/cert.pem", String(cert));
  return startUnbound(host, [
    "interface: 0.0.0.0@853",
    "interface: 0.0.0.0@443",
    "tls-service-key: /etc/unbound/key.pem",
    "tls-service-pem: /etc/unbound/cert.pem",
    "https-port: 443",
    "log-queries: yes",
    `local-data: "${NAME} A ${ADDRESS}"`,
    `local-data: "${SERVER_NAME} A ${host.address}"`,
  ]);
}

/** A daemon that asks one server; our authority is trusted besides the system's, or is unknown. */
async function resolving(host: Host, upstream: string, trusts: boolean): Promise<Daemon> {
  host.writeFile(AUTHORITY_FILE, readFileSync(authority.caFile, "utf8"));
  const daemon = await Daemon.start(host, {
    configuration: { resolver: { upstreams: [upstream] } },
    env: { NODE_EXTRA_CA_CERTS: trusts ? AUTHORITY_FILE : "" },
  });
  await daemon.process.line(/answering DNS queries on 127\.0\.0\.153 port 53/);
  return daemon;
}

function dig(host: Host, ...args: readonly string[]) {
  return host.output("dig", [`@${STUB}`, "+tries=1", "+time=8", NAME, ...args]);
}

describeEndToEnd("encrypted name servers", { needs: ["unbound", "dig", "tcpdump"] }, () => {
  test.each(UPSTREAMS)("are asked by %s, and nothing is in the clear", async (_, upstream) => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    const own = authority.issue(`DNS:${SERVER_NAME}`, `IP:${server.address}`);
    const unbound = await serve(server, own);
    const capture = await Capture.start(client, { expression: "port 53" });
    await resolving(client, upstream(server.address), true);
    expect(await dig(client, "+short")).toBe(`${ADDRESS}\n`);
    expect(await dig(client, "AAAA")).toMatch(/status: NOERROR.*\n.*ANSWER: 0/);
    expect(unbound.lines.join("\n")).toMatch(
      new RegExp(`${client.address} ${NAME}\\. AAAA IN`, "i"),
    );
    expect(await capture.packets()).toEqual([]);
  });

  test("known by name, for HTTPS, are looked up in the clear, and nothing else is", async () => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    const own = authority.issue(`DNS:${SERVER_NAME}`, `IP:${server.address}`);
    const unbound = await serve(server, own);
    client.writeFile("/etc/resolv.conf", `nameserver ${server.address}\n`);
    const capture = await Capture.start(client, { expression: "port 53" });
    await resolving(client, `https://${SERVER_NAME}/dns-query`, true);
    expect(await dig(client, "+short")).toBe(`${ADDRESS}\n`);
    expect(unbound.lines.join("\n")).toMatch(new RegExp(`${client.address} ${NAME}\\. A IN`, "i"));
    const asked = (await capture.packets()).flatMap(({ message }) => message?.questions ?? []);
    expect(new Set(asked.map(({ name }) => name.toString()))).toEqual(new Set([SERVER_NAME]));
  });

  test.each(UPSTREAMS)("with a certificate for another are refused: %s", async (_, upstream) => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    const unbound = await serve(server, authority.issue("DNS:other.example", "IP:192.0.2.250"));
    await resolving(client, upstream(server.address), true);
    expect(await dig(client)).toContain("status: SERVFAIL");
    expect(unbound.lines.join("\n")).not.toContain(NAME);
  });

  test.each(UPSTREAMS)("of an unknown authority are refused: %s", async (_, upstream) => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    const own = authority.issue(`DNS:${SERVER_NAME}`, `IP:${server.address}`);
    const unbound = await serve(server, own);
    await resolving(client, upstream(server.address), false);
    expect(await dig(client)).toContain("status: SERVFAIL");
    expect(unbound.lines.join("\n")).not.toContain(NAME);
  });
});
