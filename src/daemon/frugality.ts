/**
 * Memory that the start would otherwise leave behind. A daemon is mostly at rest, so what only its
 * start was in need of goes once names are announced.
 *
 * - V8's optimizing compiler is kept out until then, by `bin/dotlocal.js`: nothing that the start runs
 *   is worth it, and its code alone is 3.4 MiB of the process that nobody else touches.
 * - Then garbage is collected, which gives back the space for new objects as well as the code of
 *   functions that ran once; those that are called again are compiled again.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Milliseconds after the start; probing and announcing take under three seconds (RFC 6762 §8). */
const SETTLE_TIME = 4_000;

/** V8 gives memory back bit by bit. */
const COLLECTIONS = 4;
const COLLECTION_INTERVAL = 500;

/** In force while garbage is collected: code is let go, and what is left is moved together. */
const THOROUGH = ["stress-flush-code", "compact-on-every-full-gc"];

/** The daemon has started. */
export function settleSoon(): void {
  setTimeout(() => {
    setFlagsFromString("--opt");
    const collectNow = collector();
    if (collectNow !== undefined) collect(collectNow, COLLECTIONS);
  }, SETTLE_TIME).unref();
}

function collect(collectNow: () => void, times: number): void {
  for (const flag of THOROUGH) setFlagsFromString(`--${flag}`);
  collectNow();
  for (const flag of THOROUGH) setFlagsFromString(`--no-${flag}`);
  if (times === 1) return;
  setTimeout(() => collect(collectNow, times - 1), COLLECTION_INTERVAL).unref();
}

/** `gc` exists in contexts that are made while the flag is set. */
function collector(): (() => void) | undefined {
  setFlagsFromString("--expose-gc");
  const collectNow: (() => void) | undefined = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return collectNow;
}
