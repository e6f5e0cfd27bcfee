/** Source files as their syntax trees, for the tests that hold the code against its own rules. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { parseAst } from "vitest/node";

export const repositoryRoot = resolve(import.meta.dirname, "..");

export interface Import {
  /** As written: `./name.ts`, `node:fs`, `yaml`. */
  readonly specifier: string;
  /** For a relative one, the file's path from the repository's root. */
  readonly path: string | undefined;
  readonly isDynamic: boolean;
}

interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Every file of the project, with those that are not yet committed: paths from its root. */
export function projectFiles(): readonly string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", args, { cwd: repositoryRoot, encoding: "utf8" });
  const deleted = execFileSync("git", ["ls-files", "-z", "--deleted"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  const gone = new Set(deleted.split("\0"));
  return listed.split("\0").filter((path) => path !== "" && !gone.has(path));
}

export function readProjectFile(path: string): string {
  return readFileSync(join(repositoryRoot, path), "utf8");
}

export class SourceFile {
  readonly path: string;
  readonly text: string;
  readonly #nodes: readonly SyntaxNode[];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.#nodes = [...walk(parseAst(text, { lang: "ts", sourceType: "module" }))];
  }

  /** Imports, re-exports, dynamic imports and imported types. */
  get imports(): readonly Import[] {
    return this.#nodes.flatMap((node) => {
      const specifier = IMPORTING.has(node.type) ? literalText(node["source"]) : undefined;
      if (specifier === undefined) return [];
      const isDynamic = node.type === "ImportExpression";
      const path = specifier.startsWith(".")
        ? posix.join(posix.dirname(this.path), specifier)
        : undefined;
      return [{ specifier, path, isDynamic }];
    });
  }

  /**
   * Which of `names` occur as variables or types, without those that the file declares itself;
   * `Math.random` is a name too.
   */
  globalsUsed(names: ReadonlySet<string>): readonly string[] {
    const used = this.#nodes.flatMap((node) => [...referencedNames(node)]);
    const declared = new Set(this.#nodes.flatMap((node) => [...declaredNames(node)]));
    return [...new Set(used)].filter((name) => names.has(name) && !declared.has(name));
  }

  get usesAsync(): boolean {
    return this.#nodes.some(
      (node) => node["async"] === true || node["await"] === true || node.type === "AwaitExpression",
    );
  }
}

const IMPORTING = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "ImportExpression",
  "TSImportType",
]);

function* walk(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item);
    return;
  }
  if (!isNode(value)) return;
  yield value;
  for (const [field, child] of Object.entries(value)) {
    if (!isMereName(value, field)) yield* walk(child);
  }
}

/** The names of properties, methods and imported bindings refer to no variable. */
function isMereName(parent: SyntaxNode, field: string): boolean {
  if (field === "imported" || field === "exported") return true;
  if (parent["computed"] === true || parent["shorthand"] === true) return false;
  return field === "key" || (field === "property" && parent.type === "MemberExpression");
}

function* referencedNames(node: SyntaxNode): Generator<string> {
  if (node.type === "Identifier") yield node["name"] as string;
  if (node.type !== "MemberExpression") return;
  const [object, property] = [node["object"], node["property"]];
  if (isNode(object) && isNode(property)) yield `${object["name"]}.${property["name"]}`;
}

/** Of variables and parameters. */
function* declaredNames(node: SyntaxNode): Generator<string> {
  const parameters = Array.isArray(node["params"]) ? node["params"] : [];
  for (const binding of [node.type === "VariableDeclarator" && node["id"], ...parameters]) {
    if (isNode(binding) && binding.type === "Identifier") yield binding["name"] as string;
  }
}

function literalText(value: unknown): string | undefined {
  return isNode(value) && typeof value["value"] === "string" ? value["value"] : undefined;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value;
}
