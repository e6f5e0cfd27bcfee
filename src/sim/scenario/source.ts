/**
 * The text of a scenario as statements of words: comments taken off, `{1..9}` and `{9*x}` expanded,
 * indented lines joined to the statement above them. Every word knows its line and column.
 */

export interface Position {
  /** Both counted from one. */
  readonly line: number;
  readonly column: number;
}

/** Thrown by the scenario parser and made a value by `parseScenario`. */
export class ScenarioSyntaxError extends Error {
  override readonly name = "ScenarioSyntaxError";
  readonly position: Position;

  constructor(message: string, position: Position) {
    super(message);
    this.position = position;
  }
}

export interface Word {
  /** As written, quotation marks included. */
  readonly text: string;
  readonly position: Position;
  /** The first word of a line of the statement. */
  readonly startsLine: boolean;
}

export interface Statement {
  readonly words: readonly Word[];
  readonly end: Position;
}

export interface ScenarioSource {
  /** The first comment line. */
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** How many lines one `{1..n}` may become. */
const EXPANSION_MAX = 1000;

export function readSource(text: string): ScenarioSource {
  const statements: { words: Word[]; end: Position }[] = [];
  let title: string | undefined;
  text.split("\n").forEach((line, index) => {
    const number = index + 1;
    if (line.startsWith("#")) {
      title ??= line.slice(1).trim();
      return;
    }
    const isContinuation = /^\s/.test(line);
    for (const expanded of expand(repeat(line), number)) {
      const words = readWords(expanded, number);
      if (words.length === 0) continue;
      const end = { line: number, column: line.length + 1 };
      const current = statements.at(-1);
      if (!isContinuation) statements.push({ words, end });
      else if (current === undefined)
        throw new ScenarioSyntaxError("indented line", words[0]!.position);
      else {
        current.words.push(...words);
        current.end = end;
      }
    }
  });
  if (title === undefined || title === "") {
    throw new ScenarioSyntaxError("the first line must be a comment with the title", ORIGIN);
  }
  return { title, statements };
}

const ORIGIN: Position = { line: 1, column: 1 };

/** `{200*ab}` stands for `ab` two hundred times. */
function repeat(line: string): string {
  return line.replaceAll(/\{(\d{1,4})\*([^{}]+)\}/g, (_, count, text) =>
    text.repeat(Number(count)),
  );
}

/** A line with `{3..5}` becomes one line for each number, which stands in its place. */
function expand(line: string, number: number): string[] {
  const range = /\{(\d+)\.\.(\d+)\}/.exec(line);
  if (range === null) return [line];
  const first = Number(range[1]);
  const last = Number(range[2]);
  if (last < first || last - first >= EXPANSION_MAX) {
    const message = `a range goes up and has at most ${EXPANSION_MAX} numbers`;
    throw new ScenarioSyntaxError(message, { line: number, column: range.index + 1 });
  }
  return Array.from({ length: last - first + 1 }, (_, index) =>
    line.replaceAll(range[0], String(first + index)),
  );
}

/** A word: anything without a blank, where quotation marks protect blanks; `#` starts a comment. */
const WORD = /(?:"(?:[^"\\]|\\.)*"|\\.|[^\s"#\\])(?:"(?:[^"\\]|\\.)*"|\\.|[^\s"\\])*/y;
const BLANKS = /\s*/y;

function readWords(line: string, number: number): Word[] {
  const words: Word[] = [];
  let at = skip(BLANKS, line, 0);
  while (at < line.length && line[at] !== "#") {
    const end = skip(WORD, line, at);
    const position = { line: number, column: at + 1 };
    if (end === at) throw new ScenarioSyntaxError("quotation mark without its end", position);
    words.push({ text: line.slice(at, end), position, startsLine: words.length === 0 });
    at = skip(BLANKS, line, end);
  }
  return words;
}

function skip(pattern: RegExp, line: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(line) ? pattern.lastIndex : from;
}
