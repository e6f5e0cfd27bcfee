/**
 * Programs that look names up: `getent ahosts`, the C library's DNS module and all, with resolv.conf
 * pointing to the stub and to each of its peers in turns, for a name that they know already. The whole
 * command counts; beside it stands one whose name is in the hosts file, which asks nobody.
 *
 * Needs root, dnsmasq and Python; of the other peers those that are missing are named.
 *
 * Target: not slower than with systemd-resolved.
 */

import { join } from "node:path";
import { Lan } from "../test/e2e/kit/lan.ts";
import { DOMAIN, startDnsServers } from "./lib/dns-servers.ts";
import { rounds } from "./lib/effort.ts";
import { formatMeasured } from "./lib/responders.ts";

const COUNT = rounds(400);
const NAME = `www.${DOMAIN}`;

await using lan = await Lan.create();
// systemd-resolved asks nobody where there is no link.
const host = await lan.host("bench");
host.writeFile("/etc/hosts", `198.51.100.7 ${NAME}\n`);
const servers = [
  ...(await startDnsServers(host)),
  { name: "hosts file, nobody", address: "files" },
];
const script = join(process.cwd(), "bench/peers/time-getent.py");
const addresses = servers.map(({ address }) => address);
const time = (count: number) =>
  host.output("/usr/bin/python3", [script, NAME, String(count), ...addresses], {
    timeout: 120_000,
  });
// Has each server know the answer, and the programs in memory.
await time(5);
const lines = (await time(COUNT)).trim().split("\n");
const rows = servers.map(({ name }, index) => ({
  name,
  values: lines[index]!.split(" ").map(Number),
}));
console.log(formatMeasured("getent ahosts, a name that is known", "us", rows));
