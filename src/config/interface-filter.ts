/**
 * Which interfaces are used, and with which families, by the configuration's globs.
 *
 * - An interface named exactly in `allow` is used even when a deny glob matches it.
 * - Otherwise some allow glob must match it and no deny glob.
 * - Point-to-point and non-multicast interfaces are used only when named.
 * - The loopback interface carries IPv4 only.
 */

import { FAMILIES, type Family } from "../core/ip-address.ts";
import { quote } from "./diagnostic.ts";
import { matchesGlob } from "./glob.ts";

/** What the filter wants to know of an interface. */
export interface InterfaceTraits {
  readonly name: string;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  /** Able to send multicast. */
  readonly multicast: boolean;
}

export interface InterfaceRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

export class InterfaceFilter {
  readonly #rules: InterfaceRules;
  readonly #families: readonly Family[];

  constructor(rules: InterfaceRules) {
    this.#rules = rules;
    this.#families = FAMILIES.filter((family) => rules[family]);
  }

  /** The families to use on the interface; none: it is not used. */
  select(traits: InterfaceTraits): readonly Family[] {
    if (!this.#isWanted(traits)) return [];
    return traits.loopback ? this.#families.filter((family) => family === "ipv4") : this.#families;
  }

  #isWanted({ name, pointToPoint, multicast }: InterfaceTraits): boolean {
    const { allow, deny } = this.#rules;
    if (allow.includes(name)) return true;
    if (pointToPoint || !multicast) return false;
    return (
      allow.some((glob) => matchesGlob(glob, name)) && !deny.some((glob) => matchesGlob(glob, name))
    );
  }
}

/**
 * Allow globs that deny takes back entirely: only a name written out overrides a deny glob, so
 * these match nothing that is used.
 */
export function idleAllowGlobs(rules: Pick<InterfaceRules, "allow" | "deny">): readonly string[] {
  return rules.allow.filter((glob) => /[*?[]/.test(glob) && rules.deny.includes(glob));
}

/** What to tell whoever wrote such a glob. */
export function idleGlobMessage(glob: string): string {
  return `${quote(glob)} is denied as well and selects nothing; name the interfaces themselves`;
}
