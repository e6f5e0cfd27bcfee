/** Joins the group and counts: the least that a Node program does with a packet. */

import { createSocket } from "node:dgram";

const [, address] = process.argv.slice(2);
const socket = createSocket({ type: "udp4", reuseAddr: true });
let count = 0;
socket.on("message", () => {
  count++;
});
socket.bind(5353, "224.0.0.251", () => {
  socket.addMembership("224.0.0.251", address);
  console.log("ready");
});
process.on("exit", () => console.log(`${count} packets`));
