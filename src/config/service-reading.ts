/** What every reader of service definitions gives back, and what they share in making it. */

import { Name } from "../wire/name.ts";
import { type Diagnostic, type DiagnosticList, sortDiagnostics } from "./diagnostic.ts";
import type { ServiceDefinition, ServiceGroup } from "./service-definition.ts";

export interface ServiceFileOutcome {
  /** undefined when there are errors, or when the file says to publish nothing. */
  readonly group: ServiceGroup | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What holds for a service where its file says nothing. */
export const SERVICE_DEFAULTS = {
  subtypes: [],
  port: 0,
  txt: [],
  additionalTxtRecords: [],
  host: undefined,
  domain: Name.LOCAL,
  priority: 0,
  weight: 0,
  interfaces: undefined,
  protocol: "any",
  when: undefined,
} as const satisfies Omit<ServiceDefinition, "type" | "line">;

export function serviceFileOutcome(
  group: ServiceGroup | undefined,
  diagnostics: DiagnosticList,
): ServiceFileOutcome {
  return {
    group: diagnostics.hasErrors ? undefined : group,
    diagnostics: sortDiagnostics(diagnostics.all),
  };
}
