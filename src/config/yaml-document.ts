/**
 * YAML 1.2 (and so JSON) read into plain values that remember where they stand, so that a problem
 * found later can be told with its line and column.
 *
 * Aliases are followed, within limits on size and depth that no honest file comes near: a few lines
 * of nested aliases would otherwise grow without bound. What the values must be is left to the
 * schemas (`schema-check.ts`).
 */

import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  type YAMLError,
} from "yaml";
import { type DiagnosticList, isTooLarge, type Position, quote, START } from "./diagnostic.ts";

/** Values in a document, those reached through aliases counted each time. */
const NODES_MAX = 50_000;

/** Lists and mappings inside each other. */
const DEPTH_MAX = 32;

export interface YamlEntry {
  readonly key: string;
  readonly keyPosition: Position;
  readonly node: YamlNode;
}

export type YamlNode =
  | {
      readonly kind: "scalar";
      readonly position: Position;
      readonly value: unknown;
      /** As it was written, without quotes: `1.0` where the value is the number 1. */
      readonly source: string;
    }
  | { readonly kind: "list"; readonly position: Position; readonly items: readonly YamlNode[] }
  | {
      readonly kind: "mapping";
      readonly position: Position;
      readonly entries: readonly YamlEntry[];
    };

export type YamlPath = readonly (string | number)[];

/** Reads one document; reports what is wrong with it and returns undefined then. */
export function readYaml(text: string, diagnostics: DiagnosticList): YamlNode | undefined {
  const lines = new LineCounter();
  const document = parseText(text, lines, diagnostics);
  if (document === undefined) return undefined;
  const reader = new Reader(lines, diagnostics);
  for (const error of [...document.errors, ...document.warnings]) reader.report(error, text);
  if (diagnostics.hasErrors) return undefined;
  const node = reader.read(document.contents as Node | null, 0);
  return diagnostics.hasErrors ? undefined : node;
}

function parseText(
  text: string,
  lineCounter: LineCounter,
  diagnostics: DiagnosticList,
): Document | undefined {
  if (isTooLarge(text, diagnostics)) return undefined;
  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  if (depthOf(tokens) > DEPTH_MAX) {
    diagnostics.error(START, NESTED_TOO_DEEPLY);
    return undefined;
  }
  const composer = new Composer({ lineCounter, prettyErrors: false, version: "1.2" });
  const documents = [...composer.compose(tokens, true, text.length)];
  for (const further of documents.slice(1)) {
    const { line, col } = lineCounter.linePos(further.range[0]);
    diagnostics.error({ line, column: col }, "a second document begins here; a file holds one");
  }
  return documents[0] as Document | undefined;
}

const NESTED_TOO_DEEPLY = `nested too deeply; the limit is ${DEPTH_MAX} levels`;

/**
 * How deep collections lie inside each other: the composer recurses, so this is found out first.
 */
function depthOf(tokens: readonly CST.Token[]): number {
  let depthMax = 0;
  const pending = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    depthMax = Math.max(depthMax, depth);
    for (const inner of innerTokens(token)) pending.push({ token: inner, depth: depth + 1 });
  }
  return depthMax;
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((inner) => inner != null));
}

class Reader {
  readonly #lines: LineCounter;
  readonly #diagnostics: DiagnosticList;
  readonly #anchors = new Map<string, Node>();
  #nodeCount = 0;

  constructor(lines: LineCounter, diagnostics: DiagnosticList) {
    this.#lines = lines;
    this.#diagnostics = diagnostics;
  }

  report(error: YAMLError, text: string): void {
    const position = this.#positionAt(error.pos[0]);
    const { message, hint } = explain(error, text);
    this.#diagnostics.error(position, message, hint);
  }

  read(node: Node | null, depth: number, fallback: Position = START): YamlNode {
    const position = node?.range ? this.#positionAt(node.range[0]) : fallback;
    if (!this.#isWithinLimits(position, depth)) return scalar(position, null);
    if (isAlias(node)) return this.#readAlias(node, position, depth);
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item as Node, depth + 1, position));
      return { kind: "list", position, items };
    }
    if (isMap(node)) {
      const entries = node.items.map((pair) => this.#readPair(pair as Pair<Node, Node>, depth));
      return { kind: "mapping", position, entries };
    }
    return isScalar(node) ? scalar(position, node.value, node.source) : scalar(position, null);
  }

  #readAlias(alias: Alias, position: Position, depth: number): YamlNode {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return { ...this.read(target, depth + 1), position };
    const message = `*${alias.source} refers to an anchor that is not defined`;
    this.#diagnostics.error(position, message, ALIAS_HINT);
    return scalar(position, null);
  }

  #readPair(pair: Pair<Node, Node | null>, depth: number): YamlEntry {
    const { key } = pair;
    const keyPosition = key?.range ? this.#positionAt(key.range[0]) : START;
    if (!isScalar(key)) this.#diagnostics.error(keyPosition, "a key must be plain text");
    const text = isScalar(key) ? (key.source ?? String(key.value)) : "";
    return { key: text, keyPosition, node: this.read(pair.value, depth + 1, keyPosition) };
  }

  #isWithinLimits(position: Position, depth: number): boolean {
    if (depth > DEPTH_MAX) {
      if (!this.#diagnostics.hasErrors) {
        this.#diagnostics.error(position, NESTED_TOO_DEEPLY);
      }
      return false;
    }
    this.#nodeCount++;
    if (this.#nodeCount === NODES_MAX + 1) {
      this.#diagnostics.error(
        position,
        `too many values; the limit is ${NODES_MAX}, aliases included`,
      );
    }
    return this.#nodeCount <= NODES_MAX;
  }

  #positionAt(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function scalar(position: Position, value: unknown, source = ""): YamlNode {
  return { kind: "scalar", position, value, source };
}

const ALIAS_HINT = 'an asterisk begins an alias in YAML; write "*" in quotes for a glob';

/** The library's errors in our words, where ours say better what to do. */
function explain(error: YAMLError, text: string): { message: string; hint?: string } {
  switch (error.code) {
    case "DUPLICATE_KEY":
      return { message: `the key ${quote(keyAt(text, error.pos[0]))} is given twice` };
    case "TAB_AS_INDENT":
      return { message: "a tab is used for indentation", hint: "YAML indents with spaces only" };
    case "BAD_ALIAS":
      return { message: "expected the name of an anchor after *", hint: ALIAS_HINT };
    case "BLOCK_AS_IMPLICIT_KEY":
      return { message: "a colon inside the value", hint: 'write the value in quotes: "a: b"' };
    case "BAD_SCALAR_START":
      return {
        message: `a value without quotes cannot begin with ${text[error.pos[0]]}`,
        hint: "write the value in quotes",
      };
    case "TAG_RESOLVE_FAILED":
      return {
        message: "tags are not used here",
        hint: "write a value that begins with ! in quotes",
      };
    default:
      return { message: lowerFirst(error.message) };
  }
}

function keyAt(text: string, offset: number): string {
  const rest = text.slice(offset, offset + 200);
  return /^"([^"]*)"|^'([^']*)'|^([^:\s,}]*)/.exec(rest)?.slice(1).find(Boolean) ?? "";
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The plain value, for a schema to look at. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plainValue);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, plainValue(entry.node)]));
}

/** Where the value at the path stands; the nearest enclosing one where there is none. */
export function positionOf(root: YamlNode, path: YamlPath): Position {
  return descend(root, path).position;
}

/** Where the key at the end of the path stands. */
export function keyPositionOf(root: YamlNode, path: YamlPath): Position {
  const parent = descend(root, path.slice(0, -1));
  return findEntry(parent, String(path.at(-1)))?.keyPosition ?? parent.position;
}

/** The value at the path, or the nearest enclosing one. */
export function descend(root: YamlNode, path: YamlPath): YamlNode {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === "list" ? node.items[Number(step)] : findEntry(node, String(step))?.node;
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

function findEntry(node: YamlNode, key: string): YamlEntry | undefined {
  return node.kind === "mapping" ? node.entries.find((entry) => entry.key === key) : undefined;
}
