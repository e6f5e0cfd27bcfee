/** Reads a statement of a scenario word by word; what is wrong is thrown with its position. */

import { type IpAddress, parseIpAddress } from "../../core/ip-address.ts";
import { type Duration, milliseconds } from "../../core/time.ts";
import { Name } from "../../wire/name.ts";
import { parseType } from "../../wire/type-names.ts";
import { type Position, ScenarioSyntaxError, type Statement } from "./source.ts";

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|min|h)$/;
const UNIT_LENGTHS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
};

export class Words {
  readonly #statement: Statement;
  #at = 0;

  constructor(statement: Statement) {
    this.#statement = statement;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#statement.words.length;
  }

  /** Whether the next word begins a further line of the statement, or there is none. */
  get isAtLineEnd(): boolean {
    return this.isAtEnd || (this.#at > 0 && this.#statement.words[this.#at]!.startsLine);
  }

  get position(): Position {
    return this.#statement.words[this.#at]?.position ?? this.#statement.end;
  }

  /** The next word, left in place; `""` at the end. */
  get next(): string {
    return this.#statement.words[this.#at]?.text ?? "";
  }

  fail(message: string): never {
    throw new ScenarioSyntaxError(message, this.position);
  }

  failAt(position: Position, message: string): never {
    throw new ScenarioSyntaxError(message, position);
  }

  take(what: string): string {
    if (this.isAtEnd) this.fail(`${what} is missing`);
    return this.#statement.words[this.#at++]!.text;
  }

  /** Takes the next word if it is `word`. */
  skip(word: string): boolean {
    if (this.isAtEnd || this.next !== word) return false;
    this.#at++;
    return true;
  }

  expect(word: string): void {
    if (!this.skip(word)) this.fail(`"${word}" is expected, not "${this.next}"`);
  }

  /** Takes the next word if it is one of these. */
  takeOneOf<Choice extends string>(choices: readonly Choice[]): Choice | undefined {
    const choice = choices.find((candidate) => candidate === this.next);
    if (choice !== undefined) this.#at++;
    return choice;
  }

  oneOf<Choice extends string>(choices: readonly Choice[], what: string): Choice {
    return (
      this.takeOneOf(choices) ??
      this.fail(`${what} is expected (${choices.join(", ")}), not "${this.next}"`)
    );
  }

  /** Takes the next word if `pattern` matches it whole, and gives the parts. */
  takeMatch(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.next);
    if (match === null) return undefined;
    this.#at++;
    return match;
  }

  /** The rest of the line as it reads, up to one of the words in `stops`. */
  restOfLine(stops: ReadonlySet<string>): string {
    const texts: string[] = [];
    while (!this.isAtLineEnd && !stops.has(this.next)) texts.push(this.take("a word"));
    return texts.join(" ");
  }

  end(): void {
    if (!this.isAtEnd) this.fail(`"${this.next}" is not expected here`);
  }

  integer(what: string): number {
    const match = this.takeMatch(/^\d+$/);
    return match === undefined ? this.fail(`${what} (a number) is expected`) : Number(match[0]);
  }

  get isAtDuration(): boolean {
    return DURATION.test(this.next);
  }

  duration(): Duration {
    const duration = parseDuration(this.next);
    if (duration === undefined) this.fail(`a duration (5ms, 1.5s, 2min, 1h) is expected`);
    this.#at++;
    return duration;
  }

  address(): IpAddress {
    const address = parseIpAddress(this.next);
    if (address === undefined) this.fail(`an IP address is expected, not "${this.next}"`);
    this.#at++;
    return address;
  }

  /** An address that is part of the next word. */
  addressOf(text: string): IpAddress {
    return parseIpAddress(text) ?? this.fail(`an IP address is expected, not "${text}"`);
  }

  get isAtAddress(): boolean {
    return parseIpAddress(this.next) !== undefined;
  }

  /** An absolute domain name, with its final dot; quotation marks around it protect blanks. */
  name(): Name {
    const text = this.next.replace(/^"(.*)"$/, "$1");
    if (!text.endsWith(".")) this.fail(`a name with its final dot is expected, not "${text}"`);
    const name = Name.tryParse(text);
    if (typeof name === "string") this.fail(name);
    this.#at++;
    return name;
  }

  type(): number {
    const type = parseType(this.next);
    if (type === undefined) this.fail(`a record type is expected, not "${this.next}"`);
    this.#at++;
    return type;
  }
}

export function parseDuration(text: string): Duration | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  return milliseconds(Number(match[1]) * UNIT_LENGTHS[match[2]!]!);
}
