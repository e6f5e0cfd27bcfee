/** Which links a question is asked on, from interface globs as people write them. */

import { matchesGlob } from "../config/glob.ts";
import type { LinkFilter } from "../core/link.ts";

export function linksMatching(globs: readonly string[] | undefined): LinkFilter {
  if (globs === undefined || globs.length === 0) return "all";
  return (link) => globs.some((glob) => matchesGlob(glob, link.name));
}
