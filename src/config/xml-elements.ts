/**
 * Reads XML into calls for elements and text, each with its place, the way expat does for Avahi:
 * checked for being well-formed, not validated, text handed on as it is.
 *
 * Entities that the document type declares inside the file are put in for their references, up to a
 * limit; external ones are never read.
 */

import { SaxesParser } from "saxes";
import { type DiagnosticList, LineIndex, type Position, quote, START } from "./diagnostic.ts";

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly position: Position;
}

export interface XmlHandler {
  open(element: XmlElement): void;
  /** Character data and CDATA sections; may come in pieces. */
  text(text: string): void;
  close(name: string): void;
}

/** Characters that entity references may be replaced by in one file, nested ones counted too. */
const ENTITY_TEXT_MAX = 65_536;

/** How deep entities may refer to each other. */
const ENTITY_DEPTH_MAX = 16;

/** Extensible Markup Language 1.0 §4.6. */
const PREDEFINED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Reads the whole text; what is not well-formed is reported once, and nothing after it is read. */
export function readXml(text: string, handler: XmlHandler, diagnostics: DiagnosticList): void {
  const parser = new SaxesParser({ position: false });
  const lines = new LineIndex(text);
  let isBroken = false;
  const fail = (message: string, offset: number) => {
    if (!isBroken) diagnostics.error(lines.positionAt(offset), message);
    isBroken = true;
  };
  parser.on("error", ({ message }) => {
    const { explanation, offset } = explain(message, text, parser.position);
    fail(explanation, offset);
  });
  parser.on("xmldecl", ({ encoding }) => warnOfEncoding(encoding, diagnostics));
  parser.on("doctype", (doctype) => {
    parser.ENTITIES = declaredEntities(doctype, (message) => fail(message, parser.position - 1));
  });
  parser.ENTITIES = declaredEntities("", () => undefined);
  parser.on("opentag", ({ name, attributes }) => {
    const position = lines.positionAt(text.lastIndexOf("<", parser.position - 1));
    if (!isBroken)
      handler.open({ name, attributes: attributes as Record<string, string>, position });
  });
  const onText = (piece: string) => {
    if (!isBroken) handler.text(piece);
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", ({ name }) => {
    if (!isBroken) handler.close(name);
  });
  parser.write(text).close();
}

/** The parser's message in our words, and the offset of what is wrong. */
function explain(message: string, text: string, position: number) {
  const ampersand = text.lastIndexOf("&", position - 1);
  if (message === "undefined entity.") {
    return { explanation: undeclared(text.slice(ampersand, position)), offset: ampersand };
  }
  // The parser takes a bare ampersand for an entity that goes on until the next semicolon.
  const bare = text.search(BARE_AMPERSAND);
  if (bare >= 0 && /^unclosed tag|entity name/.test(message)) {
    return { explanation: "not well-formed XML: a bare ampersand; write &amp;", offset: bare };
  }
  const atEnd = position >= text.length;
  const offset = atEnd ? text.trimEnd().length : position - 1;
  return { explanation: `not well-formed XML: ${message.replace(/\.$/, "")}`, offset };
}

const BARE_AMPERSAND = /&(?!#?[\w.:-]+;)/;

function undeclared(reference: string): string {
  return `the entity ${quote(reference)} is not declared in this file`;
}

function warnOfEncoding(encoding: string | undefined, diagnostics: DiagnosticList): void {
  if (encoding === undefined || /^(utf-?8|us-ascii)$/i.test(encoding)) return;
  const message = `the file declares the encoding ${quote(encoding)} but is read as UTF-8`;
  diagnostics.warn(START, message);
}

/**
 * The entities of a document type's internal subset, as properties that expand when they are read.
 */
function declaredEntities(
  doctype: string,
  fail: (message: string) => void,
): Record<string, string> {
  const declared = new Map<string, string>();
  for (const [, name, double, single] of doctype.matchAll(ENTITY_DECLARATION)) {
    if (!declared.has(name!)) declared.set(name!, double ?? single ?? "");
  }
  let budget = ENTITY_TEXT_MAX;
  const expand = (name: string, depth: number): string => {
    const value = declared.get(name);
    if (value === undefined) fail(undeclared(`&${name};`));
    budget -= (value ?? "").length + 1;
    if (budget < 0 || depth > ENTITY_DEPTH_MAX) {
      fail(`entities grow beyond ${ENTITY_TEXT_MAX} characters or ${ENTITY_DEPTH_MAX} levels`);
      return "";
    }
    return (value ?? "").replace(REFERENCE, (_, reference: string) =>
      reference.startsWith("#")
        ? characterOf(reference)
        : (PREDEFINED_ENTITIES.get(reference) ?? expand(reference, depth + 1)),
    );
  };
  const entities: Record<string, string> = Object.create(null);
  for (const [name, value] of PREDEFINED_ENTITIES) entities[name] = value;
  for (const name of declared.keys()) {
    if (name in entities) continue;
    Object.defineProperty(entities, name, { get: () => expand(name, 0) });
  }
  return entities;
}

const ENTITY_DECLARATION = /<!ENTITY\s+([\w.:-]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g;

const REFERENCE = /&(#?[\w.:-]+);/g;

const CODE_POINT_MAX = 0x10ffff;

function characterOf(reference: string): string {
  const code = reference.startsWith("#x")
    ? Number.parseInt(reference.slice(2), 16)
    : Number.parseInt(reference.slice(1), 10);
  return code > 0 && code <= CODE_POINT_MAX ? String.fromCodePoint(code) : "";
}
