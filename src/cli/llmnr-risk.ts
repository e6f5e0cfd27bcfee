/** What each `llmnr.mode` risks, a line each: RFC 4795 §5 in the words of an administrator. */

import type { LlmnrConfiguration } from "../config/configuration.ts";

type Mode = LlmnrConfiguration["mode"];

const RISKS: Readonly<Record<Mode, string>> = {
  full: "Windows finds this host; whoever is on the link can answer for a name this host asks for",
  resolve:
    "this host is not found by its label; whoever is on the link can still answer it falsely",
  off: "nobody can mislead this host by LLMNR, and it finds no Windows host by its label",
};

/** Three lines; the one that holds is marked. */
export function llmnrRiskLines(current: Mode): string[] {
  return Object.entries(RISKS).map(([mode, risk]) => {
    const mark = mode === current ? "*" : " ";
    return `${mark} llmnr.mode ${mode}: ${risk}`;
  });
}
