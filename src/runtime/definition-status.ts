/** How definition files stand, as plain data: part of `GET /v1/status` and of a reload's answer. */

import type { DefinitionFormat } from "./definition-sources.ts";

export interface DefinedServiceStatus {
  readonly type: string;
  readonly port: number;
  /** What it waits for or is published by (`when:`); null: nothing. */
  readonly condition: string | null;
  /** Whether the condition is met, or there is none. */
  readonly isOffered: boolean;
  /** What the last look found, or why there was none yet; null: there is no condition. */
  readonly found: string | null;
}

export interface DefinitionStatus {
  readonly file: string;
  readonly format: DefinitionFormat;
  /** The instance name as the file wants it; null: nothing of the file was ever valid, and hosts. */
  readonly name: string | null;
  /** What it is called on the links; null: it is not published. */
  readonly instance: string | null;
  /**
   * - `published`: at least one of its services, or hosts.
   * - `waiting`: nothing of it is offered now.
   * - `conflicted`: another host has a name of it; it is tried for again.
   * - `refused`: it cannot be published as it is.
   * - `invalid`: there is no valid version of it.
   * - `empty`: it says to publish nothing (masked; a file of hosts without any).
   */
  readonly state: "published" | "waiting" | "conflicted" | "refused" | "invalid" | "empty";
  /** A sentence about the state; null: there is nothing to say. */
  readonly reason: string | null;
  readonly services: readonly DefinedServiceStatus[];
  /** `file:line:column: message`, of the file as it is now; an older version may be published. */
  readonly problems: readonly string[];
}

/** What reading the definitions again found. */
export interface DefinitionsReport {
  readonly files: number;
  readonly published: number;
  readonly waiting: number;
  /** Files with errors, whatever is published of them. */
  readonly invalid: number;
  /** `file:line:column: message`, errors and warnings, of files and folders. */
  readonly problems: readonly string[];
  readonly hasErrors: boolean;
}
