/** What `diagnose` finds. */

export type Severity =
  /** Names do not resolve, or this host is not found, because of it. */
  | "problem"
  /** It may be in the way. */
  | "warning"
  /** Worth knowing, and no fault. */
  | "note"
  | "ok";

export interface Finding {
  /** What was looked at, e.g. `multicast`, `firewall`. */
  readonly check: string;
  readonly severity: Severity;
  /** One sentence without a final stop. */
  readonly what: string;
  /** What to do; null: nothing. */
  readonly remedy: string | null;
}

export function problem(check: string, what: string, remedy: string): Finding {
  return { check, severity: "problem", what, remedy };
}

export function warning(check: string, what: string, remedy: string): Finding {
  return { check, severity: "warning", what, remedy };
}

export function note(check: string, what: string, remedy: string | null = null): Finding {
  return { check, severity: "note", what, remedy };
}

export function fine(check: string, what: string): Finding {
  return { check, severity: "ok", what, remedy: null };
}
