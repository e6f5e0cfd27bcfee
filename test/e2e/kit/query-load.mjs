/**
 * Asks a name server for different names at a steady rate, each name once, and tells what came back:
 * `query-load.mjs ADDRESS PORT DOMAIN RATE COUNT`. Every fourth question goes by TCP, all of those on
 * one connection. Prints one line of JSON: an array of `{ name, responseCode, answers, time }`, where
 * `time` is in milliseconds and questions without an answer have only their name.
 */

import { createSocket } from "node:dgram";
import { connect } from "node:net";
import dnsPacket from "dns-packet";

const [address, port, domain, rate, count] = process.argv.slice(2);
const TICK = 2;
const TCP_EVERY = 4;

/** Milliseconds after the last question, in which answers may still come. */
const PATIENCE = 8000;

const asked = [];
const startedAt = performance.now();

function handleAnswer(octets) {
  const { id, rcode, answers } = dnsPacket.decode(octets);
  const question = asked[id];
  if (question === undefined || question.time !== undefined) return;
  question.time = performance.now() - question.sentAt;
  question.responseCode = rcode;
  question.answers = answers.map(({ data }) => data);
  if (asked.length === Number(count) && asked.every(({ time }) => time !== undefined)) finish();
}

const udp = createSocket(address.includes(":") ? "udp6" : "udp4");
udp.on("message", handleAnswer);
udp.bind();

const tcp = connect(Number(port), address);
let unread = Buffer.alloc(0);
tcp.on("error", (error) => process.stderr.write(`${error.message}\n`));
tcp.on("data", (octets) => {
  unread = Buffer.concat([unread, octets]);
  while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
    const end = 2 + unread.readUInt16BE(0);
    handleAnswer(unread.subarray(2, end));
    unread = unread.subarray(end);
  }
});

function ask() {
  const id = asked.length;
  const name = `n${id}.${domain}`;
  const type = id % 2 === 0 ? "A" : "AAAA";
  const query = {
    type: "query",
    id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type }],
  };
  asked.push({ name, sentAt: performance.now() });
  if (id % TCP_EVERY === 0) tcp.write(dnsPacket.streamEncode(query));
  else udp.send(dnsPacket.encode(query), Number(port), address);
}

const ticks = setInterval(() => {
  const due = Math.min(Number(count), ((performance.now() - startedAt) * Number(rate)) / 1000);
  while (asked.length < due) ask();
  if (asked.length < Number(count)) return;
  clearInterval(ticks);
  setTimeout(finish, PATIENCE).unref();
}, TICK);

function finish() {
  process.stdout.write(`${JSON.stringify(asked)}\n`, () => process.exit());
}
