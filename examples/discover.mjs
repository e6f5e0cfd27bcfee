/**
 * Services of a type as they come and go: node examples/discover.mjs [TYPE] [SECONDS]
 */

import { Browser } from "dotlocald";

const [type = "_http._tcp", seconds = "5"] = process.argv.slice(2);
const signal = AbortSignal.timeout(Number(seconds) * 1000);

const browser = new Browser(type, { resolve: true, signal });
for await (const { event, service } of browser) {
  if (event === "removed") console.log(`${service.instance} is gone`);
  if (event !== "resolved") continue;
  const { instance, host, port, addresses, txt } = service;
  console.log(`${instance} is at ${host}:${port} (${addresses.join(", ")})`, txt);
}
