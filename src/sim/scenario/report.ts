/** Failures of a scenario as text: where, what, which seed, and the trace around it. */

import type { ScenarioError } from "./parse-scenario.ts";
import type { ScenarioFailure } from "./run-scenario.ts";

export function formatScenarioError(file: string, { position, message }: ScenarioError): string {
  return `${file}:${position.line}:${position.column}: ${message}`;
}

export function formatFailure(file: string, failure: ScenarioFailure): string {
  const { position, message, seed, trace } = failure;
  const head = `${file}:${position.line}:${position.column}: ${message}`;
  const run = seed === undefined ? [] : [`  with seed ${seed}:`];
  return [head, ...run, ...trace.map((line) => `  ${line}`)].join("\n");
}
