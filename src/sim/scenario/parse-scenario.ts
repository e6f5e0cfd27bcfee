/**
 * Reads a scenario. docs/scenarios.md describes the language; in short:
 *
 *     # The title.
 *     seeds 1..20
 *     link lan latency=1ms loss=10%
 *     host a 192.0.2.1 fe80::1
 *     host x 192.0.2.9 scripted
 *     at 0ms a register unique printer.local. A 192.0.2.1
 *     within 250ms a sends probe printer.local. ANY QU as first
 *     at first+100ms x sends response flush printer.local. A 192.0.2.9
 *     within 1s after first a event conflicted printer.local.
 *     never after first a sends response printer.local. A 192.0.2.1
 *     at 5s a sees no printer.local. A
 *
 * A line that is indented goes on with the statement above it. What is wrong is told with its line
 * and column.
 */

import { failure, type Result, success } from "../../core/errors.ts";
import type { LinkAddress } from "../../core/link.ts";
import { type Duration, milliseconds } from "../../core/time.ts";
import type { MdnsSettings } from "../../mdns/types.ts";
import type { Name } from "../../wire/name.ts";
import { MTU_DEFAULT } from "../constants.ts";
import { parseHostAction, parseLinkAction, parseLinkAddress } from "./parse-action.ts";
import { parseLink, parseSeeds, parseSetting } from "./parse-declaration.ts";
import { isAtState, parseEventPattern, parseStatePattern } from "./parse-expectation.ts";
import { parsePacketPattern } from "./parse-packet.ts";
import { FOREVER, parseCount, parseSpan, parseWindowSpan } from "./parse-window.ts";
import {
  type Position,
  readSource,
  ScenarioSyntaxError,
  type Statement,
  type Word,
} from "./source.ts";
import type {
  ExpectationStep,
  HostDeclaration,
  LinkDeclaration,
  Observation,
  Scenario,
  ScenarioProtocol,
  SpreadCheck,
  Step,
  TimePoint,
  Window,
} from "./syntax.ts";
import { parseDuration, Words } from "./words.ts";

export interface ScenarioError {
  readonly message: string;
  readonly position: Position;
}

/** The link that there is when none is declared. */
const LINK_DEFAULT = "lan";

/** Seeds that a scenario is run with when it names none. */
const SEEDS_DEFAULT = [1, 2, 3];

const ZERO = milliseconds(0);

export function parseScenario(text: string): Result<Scenario, ScenarioError> {
  try {
    const source = readSource(text);
    const parser = new ScenarioParser();
    for (const statement of source.statements) parser.statement(statement);
    return success(parser.scenario(source.title));
  } catch (error) {
    if (!(error instanceof ScenarioSyntaxError)) throw error;
    return failure({ message: error.message, position: error.position });
  }
}

class ScenarioParser {
  readonly #links: LinkDeclaration[] = [];
  readonly #hosts = new Map<string, HostDeclaration>();
  readonly #steps: Step[] = [];
  readonly #spreads: SpreadCheck[] = [];
  readonly #labels = new Set<string>();
  #protocol: ScenarioProtocol = "mdns";
  #seeds: readonly number[] = SEEDS_DEFAULT;
  #duration = ZERO;
  /** That of the statement being read. */
  #label: Word | undefined;
  /** Label of the last thing that must happen, for `previous`. */
  #previous: string | undefined;

  scenario(title: string): Scenario {
    return {
      title,
      protocol: this.#protocol,
      seeds: this.#seeds,
      links: this.#links,
      hosts: [...this.#hosts.values()],
      steps: this.#steps,
      spreads: this.#spreads,
      duration: this.#duration,
    };
  }

  statement(whole: Statement): void {
    const { statement, label } = splitLabel(whole);
    this.#label = label;
    const words = new Words(statement);
    switch (words.take("a statement")) {
      case "protocol":
        this.#protocol = words.oneOf(["mdns", "llmnr", "dnssd"], "the protocol");
        break;
      case "seed":
      case "seeds":
        this.#seeds = parseSeeds(words);
        break;
      case "link":
        this.#declareLink(words);
        break;
      case "host":
        this.#declare(words, this.#parseHost(words));
        break;
      case "process":
        this.#declare(words, this.#parseProcess(words));
        break;
      case "run":
        this.#duration = words.duration();
        break;
      case "uniform":
        this.#spreads.push(this.#parseSpread(words));
        break;
      case "at":
        this.#parseAt(words, statement);
        break;
      default:
        this.#parseExpectation(new Words(statement), statement);
        return;
    }
    words.end();
  }

  #declareLink(words: Words): void {
    if (this.#links.some((link) => link.name === words.next)) {
      words.fail(`there are two links "${words.next}"`);
    }
    this.#links.push(parseLink(words));
  }

  #declare(words: Words, host: HostDeclaration): void {
    if (this.#hosts.has(host.name)) words.fail(`there are two hosts "${host.name}"`);
    this.#hosts.set(host.name, host);
  }

  /** `NAME [scripted] [off] [renames] [SETTING=n ...] [recommends DOMAIN] [on LINK] ADDRESS ... ...`. */
  #parseHost(words: Words): HostDeclaration {
    const name = words.take("the host's name");
    const attachments: { link: string; addresses: LinkAddress[] }[] = [];
    let kind: HostDeclaration["kind"] = "engine";
    let isOff = false;
    let renames = false;
    let settings: Partial<MdnsSettings> = {};
    const browseDomains: Name[] = [];
    while (!words.isAtEnd) {
      const setting = parseSetting(words);
      if (setting !== undefined) settings = { ...settings, ...setting };
      else if (words.skip("recommends")) browseDomains.push(words.name());
      else if (words.skip("scripted")) kind = "scripted";
      else if (words.skip("off")) isOff = true;
      else if (words.skip("renames")) renames = true;
      else if (words.skip("on")) {
        attachments.push({ link: this.#linkName(words), addresses: [] });
      } else {
        if (attachments.length === 0) {
          attachments.push({ link: this.#defaultLink(), addresses: [] });
        }
        attachments.at(-1)!.addresses.push(parseLinkAddress(words));
      }
    }
    const fixed = { kind, on: undefined };
    return { name, ...fixed, attachments, settings, browseDomains, renames, isOff };
  }

  /** `NAME on HOST [off] [SETTING=n ...]`. */
  #parseProcess(words: Words): HostDeclaration {
    const name = words.take("the process's name");
    words.expect("on");
    const on = this.#hostName(words);
    const isOff = words.skip("off");
    let settings: Partial<MdnsSettings> = {};
    while (!words.isAtEnd) {
      const setting = parseSetting(words) ?? words.fail(`"${words.next}" is no setting`);
      settings = { ...settings, ...setting };
    }
    const fixed = {
      ...({ kind: "process", attachments: [] } as const),
      ...{ browseDomains: [], renames: false },
    };
    return { name, on, settings, isOff, ...fixed };
  }

  #defaultLink(): string {
    const first = this.#links[0]?.name;
    if (first !== undefined) return first;
    this.#links.push({ name: LINK_DEFAULT, mtu: MTU_DEFAULT, conditions: {} });
    return LINK_DEFAULT;
  }

  #linkName(words: Words): string {
    const known = this.#links.some((link) => link.name === words.next);
    return known ? words.take("the link") : words.fail(`there is no link "${words.next}"`);
  }

  #hostName(words: Words): string {
    const known = this.#hosts.has(words.next);
    return known ? words.take("the host") : words.fail(`there is no host "${words.next}"`);
  }

  /** `uniform 20ms..120ms from LABEL to LABEL`. */
  #parseSpread(words: Words): SpreadCheck {
    const { position } = words;
    const { from: min, to: max } = parseSpan(words) ?? words.fail("a range is expected");
    words.expect("from");
    const from = this.#takeLabel(words);
    words.expect("to");
    return { position, from, to: this.#takeLabel(words), min, max };
  }

  /** `at TIME` begins an action, the expectation of something at once, or a look at a state. */
  #parseAt(words: Words, statement: Statement): void {
    if (words.next === "most" || words.next === "least") {
      this.#parseExpectation(words, statement);
      return;
    }
    const span = parseSpan(words);
    if (span !== undefined) {
      const window: Window = { anchor: undefined, ...span };
      this.#addExpectation(words, statement, window, { countMin: 1, countMax: FOREVER });
      return;
    }
    const at = this.#parseTime(words);
    if (words.skip("link")) {
      const action = parseLinkAction(words, this.#linkName(words));
      this.#steps.push({ kind: "action", at, action, ...this.#finish(words, statement) });
      return;
    }
    const host = this.#hostName(words);
    const isScripted = this.#hosts.get(host)?.kind === "scripted";
    if (isAtState(words)) {
      const state = parseStatePattern(words);
      this.#steps.push({ kind: "state", at, host, state, ...this.#finish(words, statement) });
    } else if (isAtObservation(words) && !(isScripted && words.next === "sends")) {
      const window: Window = { anchor: at.anchor, from: at.offset, to: at.offset };
      this.#addObservation(words, statement, host, window, { countMin: 1, countMax: FOREVER });
    } else {
      const action = parseHostAction(words, host, this.#protocol);
      this.#steps.push({ kind: "action", at, action, ...this.#finish(words, statement) });
    }
  }

  #parseExpectation(words: Words, statement: Statement): void {
    const isNext = words.skip("next");
    const count = isNext ? undefined : parseCount(words);
    const window = this.#parseWindow(words, isNext ? this.#previous : undefined);
    const isWindowGiven = window !== undefined;
    if (!isNext && count === undefined && !isWindowGiven) {
      words.fail(`"${words.next}" begins no statement`);
    }
    const whole: Window = { anchor: isNext ? this.#previous : undefined, from: ZERO, to: FOREVER };
    const counts = count ?? { countMin: 1, countMax: FOREVER };
    this.#addExpectation(words, statement, window ?? whole, counts, isNext);
  }

  #addExpectation(
    words: Words,
    statement: Statement,
    window: Window,
    counts: Pick<ExpectationStep, "countMin" | "countMax">,
    isNext = false,
  ): void {
    const subject = words.skip("anyone") ? "anyone" : this.#hostName(words);
    this.#addObservation(words, statement, subject, window, counts, isNext);
  }

  #addObservation(
    words: Words,
    statement: Statement,
    subject: string,
    window: Window,
    counts: Pick<ExpectationStep, "countMin" | "countMax">,
    isNext = false,
  ): void {
    const observation = parseObservation(words, subject);
    const fields = this.#finish(words, statement, counts.countMin > 0);
    this.#steps.push({ kind: "expectation", window, ...counts, isNext, observation, ...fields });
  }

  /** The end of a statement. Only what must happen can be `previous`. */
  #finish(
    words: Words,
    statement: Statement,
    mustHappen = true,
  ): { position: Position; text: string; label: string } {
    words.end();
    const label = this.#label?.text ?? `#${this.#steps.length + 1}`;
    if (this.#label !== undefined && this.#labels.has(label)) {
      throw new ScenarioSyntaxError(`there are two labels "${label}"`, this.#label.position);
    }
    this.#labels.add(label);
    if (mustHappen) this.#previous = label;
    const text = statement.words.map((word) => word.text).join(" ");
    return { position: statement.words[0]!.position, text, label };
  }

  #takeLabel(words: Words): string {
    if (words.next === "previous" && this.#previous !== undefined) {
      words.take("the label");
      return this.#previous;
    }
    if (!this.#labels.has(words.next)) words.fail(`there is no label "${words.next}" above`);
    return words.take("the label");
  }

  /** `DURATION`, `LABEL` or `LABEL+DURATION`. */
  #parseTime(words: Words): TimePoint {
    if (words.isAtDuration) return { anchor: undefined, offset: words.duration() };
    const [label = "", offset = "0ms"] = words.next.split("+");
    const duration = parseDuration(offset) ?? words.fail(`"${offset}" is no duration`);
    const anchor = label === "previous" ? this.#previous : label;
    if (anchor === undefined || !this.#labels.has(anchor)) {
      words.fail(`a duration or a label from above is expected, not "${label}"`);
    }
    words.take("the time");
    return { anchor, offset: duration };
  }

  /** `within D [after L]`, `between D and D [after L]`, `after L`; undefined when there is none. */
  #parseWindow(words: Words, defaultAnchor: string | undefined): Window | undefined {
    const span = parseWindowSpan(words);
    if (words.skip("after")) {
      const { anchor, offset } = this.#parseTime(words);
      const { from, to } = span ?? { from: ZERO, to: FOREVER };
      if (anchor === undefined) {
        const start = milliseconds(offset + from + 1);
        return { anchor, from: start, to: (offset + to) as Duration };
      }
      return { anchor, from: milliseconds(offset + from), to: (offset + to) as Duration };
    }
    return span === undefined ? undefined : { anchor: defaultAnchor, ...span };
  }
}

/** Takes `as LABEL` off the end of the statement's first line. */
function splitLabel(statement: Statement): { statement: Statement; label: Word | undefined } {
  const { words, end } = statement;
  const second = words.findIndex((word, index) => index > 0 && word.startsLine);
  const length = second < 0 ? words.length : second;
  if (length < 3 || words[length - 2]!.text !== "as") return { statement, label: undefined };
  const rest = [...words.slice(0, length - 2), ...words.slice(length)];
  return { statement: { words: rest, end }, label: words[length - 1]! };
}

function isAtObservation(words: Words): boolean {
  return ["sends", "receives", "event"].includes(words.next);
}

function parseObservation(words: Words, subject: string): Observation {
  const kind = words.oneOf(["sends", "receives", "event"], "what is expected");
  if (kind === "event") return { kind, subject, event: parseEventPattern(words) };
  return { kind, subject, packet: parsePacketPattern(words) };
}
