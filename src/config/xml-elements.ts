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
export const ENTITY_TEXT_MAX = 65_536;

const PREDEFINED_ENTITIES = { amp: "&", gt: ">", lt: "<", quot: '"', apos: "'" };

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
    fail(explain(message, text, parser.position), startOfFailure(message, text, parser.position));
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

function explain(message: string, text: string, position: number): string {
  if (message === "undefined entity.") {
    const entity = text.slice(text.lastIndexOf("&", position - 1), position);
    return `the entity ${quote(entity)} is not declared in this file`;
  }
  return `not well-formed XML: ${message.replace(/\.$/, "")}`;
}

function startOfFailure(message: string, text: string, position: number): number {
  if (message === "undefined entity.") return text.lastIndexOf("&", position - 1);
  const atEnd = position >= text.length;
  return atEnd ? text.trimEnd().length : position - 1;
}

function warnOfEncoding(encoding: string | undefined, diagnostics: DiagnosticList): void {
  if (encoding === undefined || /^(utf-?8|us-ascii)$/i.test(encoding)) return;
  const message = `the file declares the encoding ${quote(encoding)} but is read as UTF-8`;
  diagnostics.warn(START, message);
}

/** The entities of a document type's internal subset, as properties that expand when they are read. */
function declaredEntities(
  doctype: string,
  onExcess: (message: string) => void,
): Record<string, string> {
  const declared = new Map<string, string>(Object.entries(PREDEFINED_ENTITIES));
  for (const [, name, double, single] of doctype.matchAll(ENTITY_DECLARATION)) {
    if (!declared.has(name!)) declared.set(name!, double ?? single ?? "");
  }
  let budget = ENTITY_TEXT_MAX;
  const expand = (name: string): string => {
    const value = declared.get(name) ?? "";
    if (Object.hasOwn(PREDEFINED_ENTITIES, name)) return value;
    budget -= value.length + 1;
    if (budget >= 0) return value.replace(REFERENCE, (_, reference) => resolve(reference));
    onExcess(`entities grow beyond ${ENTITY_TEXT_MAX} characters`);
    return "";
  };
  const resolve = (reference: string): string =>
    reference.startsWith("#") ? characterOf(reference) : expand(reference);
  const entities: Record<string, string> = Object.create(null);
  for (const name of declared.keys()) {
    Object.defineProperty(entities, name, { get: () => expand(name) });
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
