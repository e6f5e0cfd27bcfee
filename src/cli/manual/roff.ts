/** Text of manual pages: the macros of man(7), with everything that roff would interpret escaped. */

export interface PageHeading {
  readonly name: string;
  readonly section: number;
  readonly version: string;
  /** What stands after the dash. */
  readonly summary: string;
}

export function pageStart({ name, section, version, summary }: PageHeading): string {
  const title = name.toUpperCase().replaceAll("-", "\\-");
  return [
    `.TH ${title} ${section} "" "dotlocal ${version}" "dotlocal"`,
    ".SH NAME",
    `${escapeRoff(name)} \\- ${escapeRoff(summary)}`,
    "",
  ].join("\n");
}

export function section(title: string): string {
  return `.SH ${escapeRoff(title.toUpperCase())}\n`;
}

export function subsection(title: string): string {
  return `.SS ${escapeRoff(title)}\n`;
}

export function paragraph(text: string): string {
  return `.PP\n${fill(text)}\n`;
}

/** A term, and what it means. */
export function item(term: string, text: string): string {
  return `.TP\n${bold(term)}\n${fill(text)}\n`;
}

/** Shown as it is written. */
export function literal(text: string): string {
  const lines = text.split("\n").map((line) => protect(escapeRoff(line)));
  return `.PP\n.nf\n.RS 4\n${lines.join("\n")}\n.RE\n.fi\n`;
}

function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

/** Lines of a paragraph that roff fills anew; `code` in back quotes is bold. */
function fill(text: string): string {
  return text
    .split("\n")
    .map((line) => protect(line.split("`").map(emphasize).join("")))
    .join("\n");
}

function emphasize(part: string, index: number): string {
  return index % 2 === 1 ? bold(part) : escapeRoff(part);
}

/** Hyphens that are typed are ASCII's, and so are quotes. */
function escapeRoff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq");
}

/** A line that begins with a dot would be a macro. */
function protect(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}
