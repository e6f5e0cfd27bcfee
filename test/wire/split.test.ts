import { describe, expect, test } from "vitest";
import { Flag } from "../../src/wire/constants.ts";
import { formatQuestion } from "../../src/wire/presentation.ts";
import { type SplitMessage, splitMessage } from "../../src/wire/split.ts";
import { message, parsed, question, record, texts } from "./kit.ts";

const RESPONSE = Flag.QR | Flag.AA;
const limits = { sizeMax: 500, singleRecordMax: 2000 };

function pointers(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `_ipp._tcp.local. 4500 IN PTR Printer\\032${index}._ipp._tcp.local.`,
  );
}

function text(name: string, size: number): string {
  const strings = Array.from({ length: size / 100 }, () => `"${"x".repeat(99)}"`);
  return `${name}. 4500 IN TXT ${strings.join(" ")}`;
}

const messagesOf = ({ packets }: SplitMessage) => packets.map((octets) => parsed(octets));
const flagsOf = (split: SplitMessage) => messagesOf(split).map(({ flags }) => flags);

test("a message that fits is one packet", () => {
  const answers = pointers(3).map(record);
  const split = splitMessage(message({ flags: RESPONSE, answers }), "mdns", limits);
  expect(split.omitted).toBe(0);
  expect(messagesOf(split).map((part) => texts(part.answers))).toEqual([pointers(3)]);
});

describe("§7.2: known answers", () => {
  const query = message({
    questions: [question("_ipp._tcp.local. PTR"), question("_http._tcp.local. IN+QU PTR")],
    answers: pointers(60).map(record),
  });
  const split = splitMessage(query, "mdns", limits);
  const parts = messagesOf(split);

  test("the first packet has the questions and as many known answers as fit", () => {
    expect(parts.length).toBeGreaterThan(2);
    expect(parts[0]?.questions).toEqual(query.questions);
    expect(split.packets[0]!.length).toBeGreaterThan(500 - 30);
  });

  test("the others have no questions and the rest of the answers, in order", () => {
    expect(parts.slice(1).flatMap((part) => part.questions)).toEqual([]);
    expect(parts.flatMap((part) => texts(part.answers))).toEqual(pointers(60));
  });

  test("§18.5: TC is set in all but the last", () => {
    const expected = parts.map((_, index) => (index < parts.length - 1 ? Flag.TC : 0));
    expect(flagsOf(split)).toEqual(expected);
  });

  test("no TC promises an answer that no packet can take", () => {
    const answers = [record(text("_ipp._tcp.local", 2500))];
    const single = splitMessage(message({ ...query, answers }), "mdns", limits);
    expect(single.omitted).toBe(1);
    expect(flagsOf(single)).toEqual([0]);
  });
});

test("questions that do not fit go into several packets, each with its known answers, without TC", () => {
  const names = Array.from({ length: 60 }, (_, index) => `_service${index}._tcp.local.`);
  const query = message({
    questions: names.map((name) => question(`${name} PTR`)),
    answers: names.map((name) => record(`${name} PTR x.${name}`)),
  });
  const split = splitMessage(query, "mdns", limits);
  const parts = messagesOf(split);
  expect(parts.flatMap((part) => part.questions)).toEqual(query.questions);
  expect(parts.flatMap((part) => part.answers)).toEqual(query.answers);
  for (const part of parts) {
    expect(part.answers.map(({ name }) => name.key)).toEqual(
      part.questions.map(({ name }) => name.key),
    );
  }
  expect(flagsOf(split)).toEqual(parts.map(() => 0));
  expect(split.packets.every((octets) => octets.length <= 500)).toBe(true);
});

describe("§8.2: probes", () => {
  const names = Array.from({ length: 12 }, (_, index) => `Instance\\032${index}._http._tcp.local.`);
  const probe = message({
    questions: names.map((name) => question(`${name} IN+QU ANY`)),
    authorities: names.flatMap((name) =>
      [`${name} 120 SRV 0 0 80 host.local.`, `${name} 4500 TXT path=/`].map(record),
    ),
  });

  test("a name's question and all its proposed records are in one packet", () => {
    const split = splitMessage(probe, "mdns", limits);
    const parts = messagesOf(split);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      const asked = part.questions.flatMap(({ name }) => [name.key, name.key]);
      expect(part.authorities.map(({ name }) => name.key)).toEqual(asked);
    }
    expect(parts.flatMap((part) => part.questions.map(formatQuestion))).toEqual(
      probe.questions.map(formatQuestion),
    );
  });

  test("a proposed record too large for the packets goes with its question, up to the second bound", () => {
    const questions = [question("big.local. ANY"), question("other.local. ANY")];
    const authorities = [record(text("big.local", 1500)), record("other.local. A 192.0.2.1")];
    const split = splitMessage(message({ questions, authorities }), "mdns", limits);
    expect(split.omitted).toBe(0);
    expect(messagesOf(split).map((part) => part.questions)).toEqual(questions.map((one) => [one]));
    expect(messagesOf(split).map((part) => part.authorities)).toEqual(
      authorities.map((one) => [one]),
    );
  });
});

describe("responses", () => {
  test("§18.5: answers are spread in order without TC", () => {
    const response = message({ flags: RESPONSE, answers: pointers(60).map(record) });
    const split = splitMessage(response, "mdns", limits);
    expect(split.packets.length).toBeGreaterThan(2);
    expect(split.packets.every((octets) => octets.length <= 500)).toBe(true);
    expect(messagesOf(split).flatMap((part) => texts(part.answers))).toEqual(pointers(60));
    expect(flagsOf(split)).toEqual(split.packets.map(() => RESPONSE));
  });

  test("additional records go along as far as they fit, and are no loss otherwise", () => {
    const additionals = ["a.local. A 192.0.2.1", "b.local. A 192.0.2.2"].map(record);
    const answers = [record(text("x.local", 400)), record(text("y.local", 400))];
    const response = message({ flags: RESPONSE, answers, additionals });
    const split = splitMessage(response, "mdns", limits);
    expect(messagesOf(split).map((part) => part.additionals.length)).toEqual([0, 2]);
    const tight = splitMessage(response, "mdns", { sizeMax: 460, singleRecordMax: 2000 });
    expect(messagesOf(tight).map((part) => part.additionals.length)).toEqual([0, 1]);
    expect(tight.omitted).toBe(0);
  });

  test("§17: a record too large for the packets goes alone, up to the second bound", () => {
    const small = pointers(2).map(record);
    const large = record(text("x.local", 1500));
    const tooLarge = record(text("y.local", 2500));
    const response = message({
      flags: RESPONSE,
      answers: [small[0]!, large, tooLarge, small[1]!],
      additionals: [record("a.local. A 192.0.2.1")],
    });
    const split = splitMessage(response, "mdns", limits);
    expect(messagesOf(split).map((part) => part.answers)).toEqual([
      [small[0]],
      [large],
      [small[1]],
    ]);
    expect(split.omitted).toBe(1);
  });
});
