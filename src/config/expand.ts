/**
 * Fills a service group's name in for a host. When the host's label changes, callers expand again.
 */

import { failure, type Result, success } from "../core/errors.ts";
import { truncateText } from "../core/text.ts";
import { LABEL_SIZE_MAX } from "../wire/name.ts";
import type { HostFact, NameTemplate, ServiceGroup } from "./service-definition.ts";

/** Facts that are not known are left out of names. */
export type HostFacts = { readonly hostLabel: string } & {
  readonly [Fact in HostFact]?: string | undefined;
};

export interface ExpandedGroup extends ServiceGroup {
  /** The instance name: 1 to 63 octets of UTF-8, one label. */
  readonly instance: string;
}

/** The group with its instance name; an error when nothing is left to name it with. */
export function expandGroup(group: ServiceGroup, facts: HostFacts): Result<ExpandedGroup, string> {
  const instance = expandName(group.name, facts);
  return instance === ""
    ? failure("the name is empty on this host: what it is made of is not known here")
    : success({ ...group, instance });
}

/** Whether the name changes when the host is renamed. */
export function dependsOnHostLabel(template: NameTemplate): boolean {
  return template.some((part) => typeof part !== "string" && part.fact === "hostLabel");
}

/** Cut at a character's end where it would be longer than a label may be (RFC 6763 §4.1.1). */
export function expandName(template: NameTemplate, facts: HostFacts): string {
  const parts = template.map((part) =>
    typeof part === "string" ? part : (facts[part.fact] ?? ""),
  );
  return truncateText(parts.join(""), LABEL_SIZE_MAX);
}
