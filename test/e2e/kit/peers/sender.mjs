/** Multicasts messages over IPv4 from port 5353, a line of hexadecimal each; argument: own address. */

import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";

const GROUP = "224.0.0.251";
const PORT = 5353;

const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.bind(PORT, () => {
  socket.setMulticastInterface(process.argv[2]);
  socket.setMulticastTTL(255);
  process.stdout.write("ready\n");
});
for await (const line of createInterface({ input: process.stdin })) {
  socket.send(Buffer.from(line, "hex"), PORT, GROUP);
}
socket.close();
