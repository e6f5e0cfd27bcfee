/** The message codec beside npm dns-packet: a query, a service's announcement, a full packet. */

import * as dnsPacket from "dns-packet";
import { composeMessage } from "../src/wire/compose.ts";
import type { Message } from "../src/wire/message.ts";
import { Name } from "../src/wire/name.ts";
import { parseMessage } from "../src/wire/parse.ts";
import { parseRecord } from "../src/wire/presentation.ts";
import type { ResourceRecord } from "../src/wire/record.ts";
import { recordKey, sameRecordData } from "../src/wire/record-order.ts";
import { formatTimings, lastResult, timeInterleaved } from "./lib/interleaved.ts";

function record(text: string): ResourceRecord {
  const result = parseRecord(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
}

function response(answers: readonly ResourceRecord[]): Message {
  return { id: 0, flags: 0x8400, questions: [], answers, authorities: [], additionals: [] };
}

const query: Message = {
  id: 0,
  flags: 0,
  questions: [{ name: Name.parse("_ipp._tcp.local"), type: 12, class: 1, unicastResponse: false }],
  answers: [],
  authorities: [],
  additionals: [],
};

const announcement = response(
  [
    '_ipp._tcp.local. 4500 PTR "Laser Printer on the second floor._ipp._tcp.local."',
    '"Laser Printer on the second floor._ipp._tcp.local." 120 IN+flush SRV 0 0 631 laser.local.',
    '"Laser Printer on the second floor._ipp._tcp.local." 4500 IN+flush TXT ' +
      "txtvers=1 rp=ipp/print ty=Laser pdl=application/pdf Color=T Duplex=T note=floor2",
    "laser.local. 120 IN+flush A 192.0.2.17",
    "laser.local. 120 IN+flush AAAA fe80::21b:44ff:fe11:3ab7",
  ].map(record),
);

const fullPacket = response(
  Array.from({ length: 38 }, (_, index) =>
    record(`_ipp._tcp.local. 4500 PTR "Printer number ${index}._ipp._tcp.local."`),
  ),
);

function parsed(octets: Uint8Array): Message {
  const result = parseMessage(octets, "mdns");
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

/** Each composes what it has read itself, so that both write the same message. */
function compare(title: string, original: Message): void {
  const octets = composeMessage(original, "mdns");
  const message = parsed(octets);
  const buffer = Buffer.from(octets);
  const decoded = dnsPacket.decode(buffer);
  console.log(
    formatTimings(
      `parse ${title}, ${octets.length} octets`,
      timeInterleaved([
        { name: "dotlocald", run: () => parseMessage(octets, "mdns") },
        { name: "dns-packet", run: () => dnsPacket.decode(buffer) },
      ]),
    ),
  );
  console.log(
    formatTimings(
      `compose ${title}, ${octets.length} octets`,
      timeInterleaved([
        { name: "dotlocald", run: () => composeMessage(message, "mdns") },
        { name: "dns-packet", run: () => dnsPacket.encode(decoded) },
      ]),
    ),
  );
}

compare("a query", query);
compare("an announcement", announcement);
compare("a full packet", fullPacket);

const [first, second] = [fullPacket.answers[0]!, fullPacket.answers[1]!];
const text = announcement.answers[2]!;
console.log(
  formatTimings(
    "identity of records",
    timeInterleaved([
      { name: "sameRecordData", run: () => sameRecordData(first.data, second.data) },
      { name: "recordKey of PTR", run: () => recordKey(first) },
      { name: "recordKey of TXT", run: () => recordKey(text) },
    ]),
  ),
);
if (lastResult() === undefined) process.exitCode = 1;
