/**
 * A program that uses the library as its users do: `node library-program.mjs LIBRARY NAME PORT`
 * fetches from the name by http.get, undici's fetch and net.connect, looks it up in every way, and
 * ends by itself.
 */

import { get } from "node:http";
import { connect } from "node:net";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";

const [library, name, port] = process.argv.slice(2);
const { lookup, Resolver } = await import(library);
const startedAt = performance.now();
const report = {};

report.all = await promisify(lookup)(name, { all: true });
report.http = await new Promise((resolve, reject) => {
  get({ hostname: name, port, lookup, agent: false }, (response) => {
    response.resume().on("end", () => resolve(response.statusCode));
  }).on("error", reject);
});
const dispatcher = new Agent({ connect: { lookup } });
report.fetch = await (await fetch(`http://${name}:${port}/`, { dispatcher })).text();
await dispatcher.close();
report.connected = await new Promise((resolve, reject) => {
  const socket = connect({ host: name, port, lookup, family: 6 });
  socket.on("error", reject).on("connect", () => {
    resolve(socket.remoteAddress);
    socket.destroy();
  });
});

const resolver = new Resolver();
report.resolve4 = await resolver.resolve4(name);
report.resolve6 = await resolver.resolve6(name);
report.reverse = await resolver.reverse(report.resolve6[0]);
report.instances = await resolver.resolvePtr("_http._tcp.local");
report.srv = await resolver.resolveSrv(report.instances[0]);
report.txt = await resolver.resolveTxt(report.instances[0]);
report.noData = await resolver.resolveMx(name).catch(({ code }) => code);
report.time = performance.now() - startedAt;
report.absent = await promisify(lookup)("absent.local").catch(({ code }) => code);
report.aborted = await resolver
  .resolve4("other.local", { signal: AbortSignal.timeout(50) })
  .catch((error) => error.name);
process.stdout.write(`${JSON.stringify(report)}\n`);
