import { expect, test } from "vitest";
import { RecordType } from "../../../src/wire/constants.ts";
import { Name } from "../../../src/wire/name.ts";
import { Capture, describePacket } from "./capture.ts";
import { type Host, Lan } from "./lan.ts";
import { describeEndToEnd } from "./requirements.ts";

/** A query for printer.local, type A. */
const QUERY = "000000000001000000000000077072696e746572056c6f63616c0000010001";

/** Sends one multicast query from port 5353. */
async function sendQuery(host: Host): Promise<void> {
  const script = `
    const socket = require("node:dgram").createSocket("udp4");
    socket.bind(5353, () => {
      socket.setMulticastInterface("${host.address}");
      socket.setMulticastTTL(255);
      socket.send(Buffer.from("${QUERY}", "hex"), 5353, "224.0.0.251", () => socket.close());
    });`;
  await host.output(process.execPath, ["-e", script]);
}

describeEndToEnd("captures of the wire", { needs: ["tcpdump", "tshark"] }, () => {
  test("a message is seen with its time, addresses, hop limit and content", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const before = Date.now() / 1000;
    await sendQuery(host);
    const packet = await capture.until(({ message }) => message.questions.length > 0);
    expect(packet).toMatchObject({
      source: { address: host.address, port: 5353 },
      destination: { address: "224.0.0.251", port: 5353 },
      hardwareAddress: host.link.hardwareAddress,
      hopLimit: 255,
    });
    const question = packet.message!.questions[0]!;
    expect(question.name.equals(Name.parse("printer.local"))).toBe(true);
    expect(question.type).toBe(RecordType.A);
    expect(packet.at).toBeGreaterThanOrEqual(before);
    expect(packet.at).toBeLessThanOrEqual(Date.now() / 1000);
    expect(describePacket(packet)).toContain("> 224.0.0.251:5353 0000 printer.local/1");
  });

  test("a host's own link is captured too, and only what it sees", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await b.link.partition();
    const [near, far] = [await Capture.start(a), await Capture.start(b)];
    await sendQuery(a);
    expect(await near.packets()).toHaveLength(1);
    expect(await far.packets()).toEqual([]);
  });

  test("Wireshark's dissector gives a second opinion", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const capture = await Capture.start(lan);
    await sendQuery(host);
    expect(await capture.dissect("mdns", "ip.src", "dns.qry.name")).toEqual([
      [host.address, "printer.local"],
    ]);
  });

  test("waiting in vain tells what was seen", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const capture = await Capture.start(lan);
    await sendQuery(host);
    await expect(capture.until(({ message }) => message.answers.length > 0, 100)).rejects.toThrow(
      /no packet matched within 100 ms; seen:\n.* printer\.local\/1/,
    );
  });
});
