/**
 * Reads the `%` specifiers of an instance name, which each format has its own of, into a template.
 */

import type { HostFact, NamePart, NameTemplate } from "./service-definition.ts";

/** Which letter after a `%` stands for which fact. */
export type Specifiers = Readonly<Record<string, HostFact>>;

/** Ours: this host's current label; `%%` is a per cent sign in every format that has specifiers. */
export const OWN_SPECIFIERS: Specifiers = { h: "hostLabel" };

/** systemd.dnssd(5), specifiers of `Name=`. */
export const SYSTEMD_SPECIFIERS: Specifiers = {
  a: "architecture",
  b: "bootId",
  B: "buildId",
  H: "hostLabel",
  m: "machineId",
  o: "osId",
  v: "kernelRelease",
  w: "osVersionId",
  W: "osVariantId",
};

export interface TemplateReading {
  readonly template: NameTemplate;
  /** What looked like a specifier and is none, as written; it stays in the name. */
  readonly unknown: readonly string[];
}

export function readTemplate(text: string, specifiers: Specifiers): TemplateReading {
  const parts: NamePart[] = [];
  const unknown: string[] = [];
  for (const piece of text.match(/%.?|[^%]+/gsu) ?? []) {
    const fact = piece.startsWith("%") ? specifiers[piece.slice(1)] : undefined;
    if (fact !== undefined) {
      parts.push({ fact });
    } else {
      if (piece.startsWith("%") && piece !== "%%") unknown.push(piece);
      appendText(parts, piece === "%%" ? "%" : piece);
    }
  }
  return { template: parts, unknown };
}

/** Avahi's `replace-wildcards="yes"`: every `%h`, and nothing else means anything. */
export function readAvahiTemplate(text: string): NameTemplate {
  return text.split("%h").flatMap((literal, index): NamePart[] => {
    const before: NamePart[] = index === 0 ? [] : [{ fact: "hostLabel" }];
    return literal === "" ? before : [...before, literal];
  });
}

function appendText(parts: NamePart[], text: string): void {
  const last = parts.at(-1);
  if (typeof last === "string") parts[parts.length - 1] = last + text;
  else parts.push(text);
}
