/**
 * Globs for interface names: `*`, `?` and character classes (`[a-c]`, `[!0-9]`), matched against
 * the whole name, with case. An unclosed bracket stands for itself.
 */

/** What one place of a glob accepts: any run of characters, or one character. */
type Token = "*" | ((character: string) => boolean);

/** Whether the whole of `text` matches. Takes time in the product of both lengths at worst. */
export function matchesGlob(glob: string, text: string): boolean {
  const tokens = tokenize(glob);
  const characters = [...text];
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const current = tokens[token];
    if (current === "*") {
      star = token++;
      starAt = at;
    } else if (current?.(characters[at]!)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (tokens[token] === "*") token++;
  return token === tokens.length;
}

function tokenize(glob: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < glob.length; ) {
    const character = String.fromCodePoint(glob.codePointAt(at)!);
    const end = character === "[" ? glob.indexOf("]", at + 2) : -1;
    if (character === "*") tokens.push("*");
    else if (character === "?") tokens.push(() => true);
    else if (end > 0) tokens.push(characterClass(glob.slice(at + 1, end)));
    else tokens.push((other) => other === character);
    at = end > 0 ? end + 1 : at + character.length;
  }
  return tokens;
}

/** `body` is what stands between the brackets. */
function characterClass(body: string): (character: string) => boolean {
  const negated = body.length > 1 && (body.startsWith("!") || body.startsWith("^"));
  const members = [...(negated ? body.slice(1) : body)];
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([members[at]!, members[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  return (character) =>
    ranges.some(([first, last]) => first <= character && character <= last) !== negated;
}
