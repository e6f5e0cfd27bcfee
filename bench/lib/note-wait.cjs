/**
 * Loaded before a command: tells on standard error, when it ends, the first wait that it began which
 * can be that of RFC 6762 §5.2, in milliseconds.
 */

const WAIT_MAX = 120;

const { setTimeout } = globalThis;
let waited;

globalThis.setTimeout = (callback, wait, ...rest) => {
  if (wait > 0 && wait <= WAIT_MAX) waited ??= wait;
  return setTimeout(callback, wait, ...rest);
};

process.on("exit", () => process.stderr.write(`waited ${waited ?? 0}\n`));
