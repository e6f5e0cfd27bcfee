/**
 * What Chromium does on the wire, as its 156th version was seen to: a socket bound to the group that
 * shares port 5353, QM queries of one question each, and a name of its own for a WebRTC connection,
 * announced twice, for which it answers QM queries of one question and no others.
 *
 *     node browser.mjs ADDRESS OWN-NAME ASKED-NAME...
 *
 * Prints what it hears for the names it asks, a JSON line a record; `legacy` ones by unicast to a
 * random port.
 */

import { createSocket } from "node:dgram";
import packet from "dns-packet";

const GROUP = "224.0.0.251";
const PORT = 5353;
const AUTHORITATIVE = 0x0400;

const [address, ownName, ...asked] = process.argv.slice(2);
const own = { type: "A", name: ownName, ttl: 120, data: address, flush: true };

const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (octets) => {
  const message = packet.decode(octets);
  if (message.type === "response") tell("multicast", message);
  else if (message.questions.length === 1 && asksForUs(message.questions[0])) respond();
});
socket.bind(PORT, GROUP, () => {
  socket.addMembership(GROUP, address);
  socket.setMulticastInterface(address);
  socket.setMulticastTTL(255);
  respond();
  setTimeout(respond, 1000);
  for (const name of ["_googlecast._tcp.local", ...asked]) ask(socket, 0, name);
  const legacy = createSocket("udp4").on("message", (octets) =>
    tell("legacy", packet.decode(octets)),
  );
  legacy.bind(0, address, () => {
    legacy.setMulticastInterface(address);
    for (const name of asked) ask(legacy, 7, name);
  });
});

function ask(from, id, name) {
  const type = name.startsWith("_") ? "PTR" : "A";
  from.send(packet.encode({ type: "query", id, questions: [{ type, name }] }), PORT, GROUP);
}

function respond() {
  socket.send(
    packet.encode({ type: "response", flags: AUTHORITATIVE, answers: [own] }),
    PORT,
    GROUP,
  );
}

function asksForUs({ name, type, class: asked }) {
  // One that wants a unicast response is of a class that it does not know.
  return name === ownName && type === "A" && asked === "IN";
}

function tell(way, { answers }) {
  for (const { name, type, data } of answers) {
    if (type === "A" || type === "PTR")
      process.stdout.write(`${JSON.stringify({ way, name, type, data })}\n`);
  }
}
