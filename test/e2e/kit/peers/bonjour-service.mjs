/** bonjour-service as a peer: takes commands as JSON lines, prints what happens as JSON lines. */

import { createInterface } from "node:readline";
import { Bonjour } from "bonjour-service";

const bonjour = new Bonjour({}, (error) => tell({ event: "error", message: error.message }));

function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function register({ name, type, port, properties, hostname }) {
  const service = bonjour.publish({ name, type, port, txt: properties, host: hostname });
  service.on("up", () => tell({ event: "registered", name: service.fqdn, server: service.host }));
  service.on("error", (error) => tell({ event: "error", message: error.message }));
}

function describe(event, { fqdn, host, port, addresses, txt }) {
  tell({ event, name: fqdn, server: host, port, addresses, properties: txt });
}

function browse(type) {
  const browser = bonjour.find({ type });
  browser.on("up", (service) => describe("added", service));
  browser.on("down", ({ fqdn }) => tell({ event: "removed", name: fqdn }));
}

const lines = createInterface({ input: process.stdin });
tell({ event: "ready" });
for await (const line of lines) {
  const command = JSON.parse(line);
  if (command.register) register(command.register);
  else if (command.browse) browse(command.browse);
  else if (command.close) break;
}
bonjour.unpublishAll(() =>
  bonjour.destroy(() => {
    tell({ event: "closed" });
    process.exit(0);
  }),
);
