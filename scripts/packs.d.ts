/** What `packs.js` offers to tests. */

export interface BuiltChunk {
  readonly code: string;
  readonly imports: readonly string[];
}

export function packsOf(
  chunks: ReadonlyMap<string, BuiltChunk>,
  roots: Readonly<Record<string, readonly string[]>>,
): readonly { readonly name: string; readonly text: string }[];
