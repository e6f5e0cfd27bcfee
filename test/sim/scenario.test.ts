import { describe, expect, test } from "vitest";
import { parseScenario } from "../../src/sim/scenario/parse-scenario.ts";
import { formatFailure } from "../../src/sim/scenario/report.ts";
import { runScenario } from "../../src/sim/scenario/run-scenario.ts";
import { ToyEngine } from "./toy-engine.ts";

const HEAD = ["# A title.", "host a 192.0.2.1", "host x 192.0.2.9 scripted"];
const REGISTER = "at 0ms a register unique toy.local. A 192.0.2.1";

/** Failures of a scenario in which `a` is a toy that announces twice and answers at once. */
function failuresOf(...lines: string[]): string[] {
  const scenario = parseScenario([...HEAD, ...lines].join("\n"));
  if (!scenario.ok) throw new Error(scenario.error.message);
  return runScenario(scenario.value, () => new ToyEngine()).map(({ position, message }) => {
    return `${position.line}: ${message.split("\n")[1]?.trim()}`;
  });
}

function errorOf(...lines: string[]): string {
  const scenario = parseScenario([...HEAD, ...lines].join("\n"));
  if (scenario.ok) return "none";
  const { position, message } = scenario.error;
  return `${position.line}:${position.column}: ${message}`;
}

describe("what is expected of packets", () => {
  test.each([
    "at 0ms a sends response toy.local. A 192.0.2.1",
    "at 0ms..5ms a sends response flush toy.local. 120 A",
    "within 2s a sends response to group/ipv4 id=0 aa no-tc questions=0 answers=1",
    "between 1s and 1s a sends response from 192.0.2.1 on lan port=5353 size<=100",
    "exactly 2 times a sends response toy.local. A",
    "exactly 1 time within 500ms a sends packet",
    "at most 2 times a sends packet",
    "at least 2 times anyone sends packet",
    "never a sends query",
    "never between 1ms and 999ms a sends packet",
    "never a sends response toy.local. ttl>120 A",
    "never a sends response without answer toy.local. A 192.0.2.1",
    "within 2s x receives response toy.local. A 192.0.2.1",
    "within 1s a event registered toy.local.",
    "at 2s a counts announcements=2",
    "within 1s a sends response octets 0003746f79 without octets ffffff".replace("0003", "03"),
  ])("%s: holds", (line) => {
    expect(failuresOf(REGISTER, line)).toEqual([]);
  });

  test.each([
    ["at 1ms a sends response", "it did not happen"],
    ["within 2s a sends query", "it did not happen"],
    ["within 2s a sends response no-flush toy.local. A", "it did not happen"],
    ["within 2s a sends response toy.local. A 192.0.2.2", "it did not happen"],
    ["within 2s a sends response exact TOY.local. A", "it did not happen"],
    ["within 2s a sends response to 192.0.2.9", "it did not happen"],
    ["within 2s x receives query", "it did not happen"],
    ["exactly 3 times a sends response", "it happened 2 times"],
    ["at least 3 times a sends response", "it happened 2 times"],
    ["within 2s a event conflicted", "it did not happen"],
    ["at 2s a counts announcements>=3", "the counter is 2"],
    ["at 2s a caches toy.local. A", "caches 0 such records, of 0"],
  ])("%s: fails, since %s", (line, reason) => {
    expect(failuresOf(REGISTER, line)).toEqual([`5: ${reason}`]);
  });

  test("never and exactly fail at the first packet too many", () => {
    const [failure] = failuresOf(REGISTER, "never a sends response");
    expect(failure).toMatch(/^5: it happened: a \(192\.0\.2\.1\) -> group on lan/);
    expect(failuresOf(REGISTER, "at most 1 time a sends response")).toHaveLength(1);
  });

  test("next is about the subject's very next packet", () => {
    const asked = "at 2s x sends query toy.local. A as asked";
    expect(failuresOf(REGISTER, asked, "next a sends response toy.local. A")).toEqual([]);
    const [failure] = failuresOf(REGISTER, asked, "next a sends query");
    expect(failure).toMatch(/^6: the next is: a /);
  });
});

describe("labels", () => {
  test("a time may be counted from what happened", () => {
    const failures = failuresOf(
      REGISTER,
      "within 5ms a sends response as first",
      "between 1s and 1s after first a sends response as second",
      "at second+500ms x sends query toy.local. A as asked",
      "within 5ms after previous a sends response to group",
      "never within 400ms after second a sends packet",
      "never after asked+10ms a sends packet",
    );
    expect(failures).toEqual([]);
  });

  test("what is counted from something that does not happen fails as well", () => {
    const failures = failuresOf(
      REGISTER,
      "within 5ms a sends query as first",
      "within 1s after first a sends response",
      "never after first a sends packet",
    );
    expect(failures).toEqual(["5: it did not happen", "6: what it is counted from did not happen"]);
  });

  test("what follows a label does not include what the label names", () => {
    const first = "within 5ms a sends response as first";
    expect(failuresOf(REGISTER, first, "within 500ms after first a sends response")).toHaveLength(
      1,
    );
  });
});

describe("services", () => {
  const DECLARED = [
    "protocol dnssd",
    "host b 192.0.2.2",
    'at 0s a publish "Laser 1.5" _ipp._tcp 631 txt rp=queue and _http._tcp 80 as laser',
    "at 0s b browse _ipp._tcp resolving",
    "at 0s b browse all",
  ];
  const NAME = String.raw`"Laser 1\.5._ipp._tcp.local."`;

  test.each([
    `within 2s b event instance-added ${NAME}`,
    `within 2s b event instance-resolved ${NAME} host a.local. port 631 address 192.0.2.1 txt rp=queue`,
    'within 2s a event service-registered "Laser 1.5"',
    'at 5s a calls laser "Laser 1.5"',
    "at 5s a registration laser registered",
    `at 5s b lists 2 ${NAME}`,
    "at 5s b lists 3 *",
    `at 5s b resolves ${NAME} port 631 txt rp=queue`,
    "at 5s b resolves no Other._ipp._tcp.local.",
    "at 5s b caches a.local. A 192.0.2.1",
    "never a event service-renamed",
  ])("%s: holds", (line) => {
    expect(failuresOf(...DECLARED, line)).toEqual([]);
  });

  test.each([
    ['at 5s a calls laser "Laser"', "it is called Laser 1.5"],
    ["at 5s b lists no *", "3 instances are listed"],
    [`at 5s b resolves ${NAME} port 632`, "it is at a.local:631 192.0.2.1"],
    [`at 5s b resolves no ${NAME}`, "it is resolved"],
    ["at 5s b resolves Other._ipp._tcp.local.", "it is not resolved"],
    ["within 5s b event instance-added Other._ipp._tcp.local.", "it did not happen"],
    ['at 5s a update "Laser" http 80', "it cannot be done: expected a type such as _http._tcp"],
    ["at 5s b withdraw laser", 'it cannot be done: nothing is published as "laser"'],
  ])("%s: fails, since %s", (line, reason) => {
    const [failure] = failuresOf(...DECLARED, line);
    expect(failure).toContain(`9: ${reason}`);
  });

  test("are of hosts that speak DNS-SD", () => {
    const [failure] = failuresOf('at 0s a publish "Laser" _ipp._tcp 631');
    expect(failure).toBe("4: it cannot be done: a does not speak DNS-SD");
  });
});

test("a failure shows where, which seed, and what happened around it", () => {
  const text = [...HEAD, "seed 9", REGISTER, "at 500ms a sends response"].join("\n");
  const scenario = parseScenario(text);
  if (!scenario.ok) throw new Error(scenario.error.message);
  const [failure] = runScenario(scenario.value, () => new ToyEngine());
  const report = formatFailure("some.scenario", failure!);
  expect(report).toContain("some.scenario:6:1: at 500ms a sends response");
  expect(report).toContain("with seed 9");
  expect(report).toContain("0.000 -- at 0ms a register unique toy.local. A 192.0.2.1");
  expect(report).toMatch(
    /1\.000 a \(192\.0\.2\.1\) -> group on lan, 37 octets: response aa answer/,
  );
});

test("a line with a range stands for many, and a repetition for a long text", () => {
  const failures = failuresOf(
    REGISTER,
    "at {2..5}s x sends query toy.local. A",
    "exactly 4 times between 2s and 6s a sends response toy.local. A",
    "at 7s x sends response {3*ab}.local. TXT {4*x}",
    "at 7s x receives response ababab.local. TXT xxxx",
  );
  expect(failures).toEqual([]);
});

test("raw octets and every field of the header can be sent", () => {
  const failures = failuresOf(
    REGISTER,
    "at 2s x sends hex 1234 0000 0001 0000 0000 0000 03746f79056c6f63616c00 0001 8001",
    "at 2s x receives packet id=4660 question toy.local. A QU",
    "at 3s x sends query id=7 tc rd opcode=2 rcode=3 port=99 from 203.0.113.1 toy.local. TXT CH",
    "at 3s x receives packet id=7 tc rd opcode=2 rcode=3 port=99 from 203.0.113.1 toy.local. TXT",
  );
  expect(failures).toEqual([]);
});

describe("times over many seeds", () => {
  test("hold when they are uniform in the range", () => {
    const declared = [
      "# A title.",
      "seeds 1..60",
      "link lan jitter=100ms",
      ...HEAD.slice(1),
      "at 0ms x sends query toy.local. A as sent",
      "within 1s a receives query as heard",
    ];
    const outcome = (line: string) => {
      const scenario = parseScenario([...declared, line].join("\n"));
      if (!scenario.ok) throw new Error(scenario.error.message);
      return runScenario(scenario.value, () => new ToyEngine()).map(({ message }) => message);
    };
    expect(outcome("uniform 1ms..101ms from sent to heard")).toEqual([]);
    expect(outcome("uniform 1ms..400ms from sent to heard")[0]).toMatch(/not uniform/);
    expect(outcome("uniform 1ms..60ms from sent to heard")[0]).toMatch(/is not from 1 to 60 ms/);
  });
});

describe("a text that is no scenario is refused with line and column", () => {
  test("without a title", () => {
    const scenario = parseScenario("host a 192.0.2.1");
    expect(scenario).toMatchObject({
      ok: false,
      error: { message: "the first line must be a comment with the title" },
    });
  });

  test.each([
    ["frobnicate", '4:1: "frobnicate" begins no statement'],
    ["at 5 a shutdown", '4:4: a duration or a label from above is expected, not "5"'],
    ["at 5s b shutdown", '4:7: there is no host "b"'],
    ["at 5s a jumps", '4:9: there is no action "jumps"'],
    ["at 5s a shutdown now", '4:18: "now" is not expected here'],
    ["at 5s a query toy.local A", '4:15: a name with its final dot is expected, not "toy.local"'],
    ["at 5s a query toy.local. B", '4:26: a record type is expected, not "B"'],
    ["at 5s x sends response toy.local. A 192.0.2", "4:37:"],
    ["at 5s x sends response size=1", "4:24:"],
    ["never a sends response colour=1", '4:24: there is no field "colour"'],
    ["at 5s a register toy.local. A 192.0.2.1", "4:18: the ownership is expected"],
    ["host a 192.0.2.3", '4:17: there are two hosts "a"'],
    ["host b 192.0.2", '4:8: an IP address is expected, not "192.0.2"'],
    ["link lan", '4:6: there are two links "lan"'],
    ["host b on wlan 192.0.2.3", '4:11: there is no link "wlan"'],
    ["within 1s after first a sends query", "4:17: a duration or a label from above is expected"],
    ['at 5s x sends response toy.local. TXT "open', "4:39: quotation mark without its end"],
    ["at {9..1}s a shutdown", "4:4: a range goes up"],
    ["at 1s x sends hex 123", "4:19: these are no hexadecimal octets"],
    [
      "at 1s a publish Laser _ipp._tcp 631",
      "4:17: an instance name in quotation marks is expected",
    ],
    ['at 1s a publish "Laser" _ipp._tcp', "4:34: the port (a number) is expected"],
  ])("%s", (line, error) => {
    expect(errorOf(line)).toContain(error);
  });

  test("two statements with one label", () => {
    expect(errorOf("at 1s a shutdown as end", "at 2s a shutdown as end")).toBe(
      '5:21: there are two labels "end"',
    );
  });
});
