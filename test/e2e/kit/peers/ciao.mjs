/**
 * ciao as a peer: takes commands as JSON lines, prints what happens as JSON lines. The arguments are
 * interfaces: it would read the name of a veth interface as `eth0@if2`.
 */

import { createInterface } from "node:readline";
import { getResponder } from "@homebridge/ciao";

const responder = getResponder({ interface: process.argv.slice(2) });

function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function register({ name, type, port, properties, hostname }) {
  const service = responder.createService({ name, type, port, txt: properties, hostname });
  service.on("name-change", (newName) => tell({ event: "renamed", name: newName }));
  await service.advertise();
  tell({ event: "registered", name: service.getFQDN(), server: service.getHostname() });
}

const lines = createInterface({ input: process.stdin });
tell({ event: "ready" });
for await (const line of lines) {
  const command = JSON.parse(line);
  if (command.register) await register(command.register);
  else if (command.close) break;
}
await responder.shutdown();
tell({ event: "closed" });
process.exit(0);
