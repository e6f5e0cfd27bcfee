/** npm multicast-dns as a responder of one name: `node multicast-dns.mjs NAME ADDRESS`. */

import multicastDns from "multicast-dns";

const [name, address] = process.argv.slice(2);
const socket = multicastDns({ interface: address, bind: "0.0.0.0" });
socket.on("query", ({ id, questions }, source) => {
  if (!questions.some((question) => question.name === name && question.type === "A")) return;
  const answers = [{ name, type: "A", ttl: 10, data: address }];
  if (source.port === 5353) socket.respond({ answers });
  else socket.respond({ id, questions, answers }, source);
});
socket.on("ready", () => console.log("ready"));
