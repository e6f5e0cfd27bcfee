/** A line of bash taken apart into words as far as completion needs it, and words put into a line. */

export interface TypedLine {
  /** Those before the one under the cursor, without their quotes. */
  readonly words: readonly string[];
  /** What is typed of the word under the cursor, without its quotes. */
  readonly word: string;
}

/** Reads quotes and backslashes; a quote that is still open reaches to the end. */
export function typedLine(line: string): TypedLine {
  const words: string[] = [];
  let word = "";
  let isOpen = false;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote !== "'" && character === "\\" && at + 1 < line.length) {
      word += line[++at];
      isOpen = true;
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      isOpen = true;
    } else if (/\s/.test(character)) {
      if (isOpen) words.push(word);
      word = "";
      isOpen = false;
    } else {
      word += character;
      isOpen = true;
    }
  }
  return { words, word };
}

/** What must be typed for the shell to take it as one word. */
function escapedWord(text: string): string {
  return text.replace(/[^\w@%+:,./=-]/gu, "\\$&");
}

/**
 * What replaces bash's own word under the cursor, which begins anew after `:` and `=`
 * (COMP_WORDBREAKS); `current` is that word. In a word that began with a quote, nothing is escaped.
 */
export function bashReply(text: string, word: string, current: string): string {
  const escaped = /^['"]/.test(current) ? text : escapedWord(text);
  const broken = /^.*[:=]/s.exec(word)?.[0] ?? "";
  const isBroken = broken !== "" && !/^['"]/.test(current) && !current.startsWith(broken);
  return isBroken ? escaped.slice(escapedWord(broken).length) : escaped;
}
