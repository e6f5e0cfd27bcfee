import { expect, test } from "vitest";
import { type Host, Lan } from "../lan.ts";
import { describeEndToEnd } from "../requirements.ts";
import { startBind, startDnsmasq, startUnbound } from "./name-servers.ts";

function dig(host: Host, server: Host, ...question: readonly string[]): Promise<string> {
  return host.output("dig", ["+short", "+tries=1", `@${server.address}`, ...question]);
}

describeEndToEnd("name servers", { needs: ["named", "unbound", "dnsmasq", "dig"] }, () => {
  test("BIND serves a zone", async () => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    await startBind(server, { zones: { "corp.example": 'www A 192.0.2.80\nwww TXT "hello"' } });
    expect(await dig(client, server, "www.corp.example", "A")).toBe("192.0.2.80\n");
    expect(await dig(client, server, "www.corp.example", "TXT", "+tcp")).toBe('"hello"\n');
  });

  test("unbound serves local data", async () => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    await startUnbound(server, ['local-data: "nas.home.arpa A 192.0.2.9"']);
    expect(await dig(client, server, "nas.home.arpa", "A")).toBe("192.0.2.9\n");
  });

  test("dnsmasq serves its options, and logs what is asked", async () => {
    await using lan = await Lan.create();
    const [client, server] = [await lan.host("client"), await lan.host("server")];
    const dnsmasq = await startDnsmasq(server, ["--address=/router.example/192.0.2.1"]);
    expect(await dig(client, server, "router.example", "A")).toBe("192.0.2.1\n");
    await dnsmasq.line(/query\[A\] router\.example from 192\.0\.2\.1$/);
  });
});
