/**
 * Everything on the link, once, as JSON: node examples/browse-to-json.mjs [SECONDS] > services.json
 */

import { Browser } from "dotlocald";

const seconds = Number(process.argv[2] ?? 3);

const browser = new Browser(undefined, {
  resolve: true,
  signal: AbortSignal.timeout(seconds * 1000),
});
const services = new Map();
for await (const { event, service } of browser) {
  const key = `${service.instance}.${service.type}.${service.domain} ${service.interface}`;
  if (event === "resolved") services.set(key, service);
  if (event === "removed") services.delete(key);
}
console.log(JSON.stringify([...services.values()], null, 2));
