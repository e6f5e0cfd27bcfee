/**
 * The INI dialect of systemd's files (systemd.syntax(7)), with the place of everything: sections,
 * `Key=value`, comments with `#` or `;`, lines continued by a backslash at their end.
 */

import type { DiagnosticList, Position } from "./diagnostic.ts";
import { quote } from "./diagnostic.ts";

export interface IniAssignment {
  readonly section: string;
  readonly key: string;
  /** Without white space around it; continued lines are joined by a space. */
  readonly value: string;
  readonly keyPosition: Position;
  readonly valuePosition: Position;
}

interface OpenAssignment {
  readonly text: string;
  readonly line: number;
}

/** Every assignment in order; lines that are none are reported. */
export function readIni(text: string, diagnostics: DiagnosticList): readonly IniAssignment[] {
  const assignments: IniAssignment[] = [];
  let section: string | undefined;
  for (const logical of logicalLines(text)) {
    const content = logical.text.trim();
    const position = { line: logical.line, column: logical.text.search(/\S/) + 1 };
    const header = /^\[([^\]]*)\]$/.exec(content);
    if (header !== null) {
      section = header[1]!;
    } else if (content.startsWith("[")) {
      diagnostics.error(position, `expected a section such as [Service], not ${quote(content)}`);
    } else if (section === undefined) {
      diagnostics.error(position, "expected a section such as [Service] before this line");
    } else {
      const assignment = readAssignment(section, logical, position);
      if (assignment !== undefined) assignments.push(assignment);
      else diagnostics.error(position, `expected Key=value, not ${quote(content)}`);
    }
  }
  return assignments;
}

function readAssignment(
  section: string,
  { text, line }: OpenAssignment,
  keyPosition: Position,
): IniAssignment | undefined {
  const at = text.indexOf("=");
  const key = text.slice(0, at).trim();
  if (at < 0 || key === "") return undefined;
  const value = text.slice(at + 1);
  const leading = value.length - value.trimStart().length;
  const valuePosition = { line, column: at + 2 + (value.trim() === "" ? 0 : leading) };
  return { section, key, value: value.trim(), keyPosition, valuePosition };
}

/** Lines without blank ones and comments, each with those that continue it. */
function* logicalLines(text: string): Iterable<OpenAssignment> {
  let open: OpenAssignment | undefined;
  let line = 0;
  for (const physical of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    line++;
    if (/^\s*[#;]/.test(physical)) continue;
    const isContinued = physical.endsWith("\\");
    const content = isContinued ? physical.slice(0, -1) : physical;
    const joined: OpenAssignment =
      open === undefined ? { text: content, line } : { ...open, text: `${open.text} ${content}` };
    open = isContinued ? joined : undefined;
    if (!isContinued && joined.text.trim() !== "") yield joined;
  }
  if (open !== undefined && open.text.trim() !== "") yield open;
}
