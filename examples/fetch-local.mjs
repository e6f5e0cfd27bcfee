/**
 * A .local URL: node examples/fetch-local.mjs URL
 *
 * `lookup` has the signature of `dns.lookup`, so everything that takes one reaches .local names:
 * undici's agents (and with them fetch), node:http, node:net, node:tls. Names that are not on the link
 * go the usual way.
 */

import { request } from "node:http";
import { lookup } from "dotlocald";
import { Agent, fetch } from "undici";

const url = process.argv[2] ?? "http://node-1.local:8080/";

const dispatcher = new Agent({ connect: { lookup } });
const response = await fetch(url, { dispatcher });
process.stdout.write(`fetch: ${response.status} ${await response.text()}`);
await dispatcher.close();

request(url, { lookup, agent: false }, (message) => {
  process.stdout.write(`node:http: ${message.statusCode} `);
  message.pipe(process.stdout);
}).end();
