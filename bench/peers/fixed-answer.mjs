/**
 * Answers every query with the same octets, to the group or to who asked: the least that a Node
 * responder does. `node fixed-answer.mjs NAME ADDRESS`.
 */

import { createSocket } from "node:dgram";
import { encode } from "dns-packet";

const PORT = 5353;
const GROUP = "224.0.0.251";
const RESPONSE_BIT = 0x80;
const UNICAST_BIT = 0x80;

const [name, address] = process.argv.slice(2);
const answer = encode({
  type: "response",
  flags: 0x400,
  answers: [{ name, type: "A", ttl: 120, flush: true, data: address }],
});
const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (octets, source) => {
  if ((octets[2] & RESPONSE_BIT) !== 0) return;
  const wantsUnicast = (octets.at(-2) & UNICAST_BIT) !== 0;
  socket.send(answer, source.port, wantsUnicast ? source.address : GROUP);
});
socket.bind(PORT, () => {
  socket.addMembership(GROUP, address);
  socket.setMulticastInterface(address);
  console.log("ready");
});
