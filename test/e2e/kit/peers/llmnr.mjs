/**
 * LLMNR by hand, octet by octet (RFC 4795 §2.1), in the roles that no program at hand plays:
 *
 *     ask ADDRESS SCOPE NAME TYPE      as Windows does: by multicast on both families, from random ports
 *     ask-tcp DESTINATION NAME TYPE    by TCP to one host
 *     poison ADDRESS                   answers every query for an address, by LLMNR and by mDNS
 *     mute DESTINATION COUNT           connects so many times and never says a word
 *
 * Each response is printed as a JSON line: where from, its flags, its counts, the answers' data.
 */

import { createSocket } from "node:dgram";
import { connect } from "node:net";

const PORT = 5355;
const TYPES = { A: 1, PTR: 12, AAAA: 28, ANY: 255 };
const LLMNR_GROUPS = { udp4: "224.0.0.252", udp6: "ff02::1:3" };
const MDNS_GROUP = "224.0.0.251";

function query(name, type, flags = 0) {
  const labels = name.split(".").filter(Boolean);
  const owner = Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ]);
  const header = Buffer.alloc(12);
  header.writeUInt16BE(Math.floor(Math.random() * 0x10000), 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, owner, Buffer.of(0, TYPES[type], 0, 1)]);
}

function skipName(octets, at) {
  while (octets[at] !== 0) {
    if (octets[at] >= 0xc0) return at + 2;
    at += octets[at] + 1;
  }
  return at + 1;
}

function print(octets, source) {
  let at = skipName(octets, 12) + 4;
  const answers = [];
  for (let count = octets.readUInt16BE(6); count > 0; count--) {
    at = skipName(octets, at);
    const length = octets.readUInt16BE(at + 8);
    const data = octets.subarray(at + 10, at + 10 + length);
    answers.push({
      type: octets.readUInt16BE(at),
      ttl: octets.readUInt32BE(at + 4),
      data: [...data],
    });
    at += 10 + length;
  }
  const flags = octets.readUInt16BE(2);
  process.stdout.write(
    `${JSON.stringify({ source, id: octets.readUInt16BE(0), flags, answers })}\n`,
  );
}

function ask(address, scope, name, type) {
  for (const kind of ["udp4", "udp6"]) {
    const socket = createSocket(kind);
    socket.on("message", (octets, { address: from, port }) =>
      print(octets, { address: from, port }),
    );
    socket.bind(0, () => {
      socket.setMulticastInterface(kind === "udp4" ? address : `::%${scope}`);
      const group = kind === "udp4" ? LLMNR_GROUPS.udp4 : `${LLMNR_GROUPS.udp6}%${scope}`;
      const octets = query(name, type);
      socket.send(octets, PORT, group);
      setTimeout(() => socket.send(octets, PORT, group), 410);
      setTimeout(() => socket.close(), 900);
    });
  }
}

function askTcp(destination, name, type) {
  const socket = connect(PORT, destination);
  const octets = query(name, type);
  socket.write(Buffer.concat([Buffer.of(octets.length >> 8, octets.length & 0xff), octets]));
  let received = Buffer.alloc(0);
  socket.on("data", (more) => {
    received = Buffer.concat([received, more]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
    print(received.subarray(2), { address: destination, port: PORT });
    socket.destroy();
  });
  socket.on("error", ({ code }) => process.stdout.write(`${JSON.stringify({ code })}\n`));
}

function poison(address) {
  const data = address.split(".").map(Number);
  for (const { port, group, flags } of [
    { port: PORT, group: LLMNR_GROUPS.udp4, flags: 0x8000 },
    { port: 5353, group: MDNS_GROUP, flags: 0x8400 },
  ]) {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    socket.on("message", (octets, source) => {
      const end = skipName(octets, 12) + 4;
      const isQuery = (octets[2] & 0x80) === 0 && octets[end - 3] === TYPES.A;
      if (!isQuery || source.address === address) return;
      const header = Buffer.from(octets.subarray(0, 12));
      header.writeUInt16BE(flags, 2);
      header.writeUInt16BE(1, 4);
      header.writeUInt16BE(1, 6);
      header.writeUInt32BE(0, 8);
      const record = Buffer.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, ...data);
      const response = Buffer.concat([header, octets.subarray(12, end), record]);
      if (port === PORT) socket.send(response, source.port, source.address);
      else socket.send(response, port, group);
    });
    socket.bind(port, () => {
      socket.addMembership(group, address);
      socket.setMulticastInterface(address);
      socket.setMulticastTTL(255);
      process.stdout.write(`listening on ${port}\n`);
    });
  }
}

function mute(destination, count) {
  let over = 0;
  for (let index = 0; index < count; index++) {
    const socket = connect(PORT, destination);
    socket.on("error", () => {});
    socket.on("close", () => {
      over++;
      process.stdout.write(`closed ${over}\n`);
    });
    socket.resume();
  }
}

const [role, ...args] = process.argv.slice(2);
if (role === "ask") ask(...args);
else if (role === "ask-tcp") askTcp(...args);
else if (role === "poison") poison(...args);
else if (role === "mute") mute(args[0], Number(args[1]));
