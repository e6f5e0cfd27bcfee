/**
 * Names that PTR answers point to, by link, and which of them their owner has been told of: what
 * comes and goes within one input is never told, so nothing flaps.
 */

import type { LinkId } from "../core/link.ts";
import type { Name } from "../wire/name.ts";
import type { RecordAnswer } from "./record-port.ts";

/** A name on a link, with the number of answers that point to it. */
export interface Listed {
  readonly name: Name;
  readonly link: LinkId;
  answers: number;
  ownAnswers: number;
  /** What the owner believes. */
  isTold: boolean;
}

export class Listing {
  readonly sizeMax: number;
  readonly #listed = new Map<string, Listed>();
  readonly #changed = new Set<Listed>();

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  /** All that are listed now, told or not. */
  get present(): readonly Listed[] {
    return [...this.#listed.values()].filter(({ answers }) => answers > 0);
  }

  get isEmpty(): boolean {
    for (const { answers } of this.#listed.values()) if (answers > 0) return false;
    return true;
  }

  /** Returns false when there is no room. */
  add(name: Name, { link, own }: RecordAnswer): boolean {
    const key = keyOf(name, link);
    let listed = this.#listed.get(key);
    if (listed === undefined) {
      if (this.#listed.size >= this.sizeMax) return false;
      listed = { name, link, answers: 0, ownAnswers: 0, isTold: false };
      this.#listed.set(key, listed);
    }
    listed.answers++;
    if (own) listed.ownAnswers++;
    this.#changed.add(listed);
    return true;
  }

  remove(name: Name, { link, own }: RecordAnswer): void {
    const listed = this.#listed.get(keyOf(name, link));
    if (listed === undefined || listed.answers === 0) return;
    listed.answers--;
    if (own) listed.ownAnswers--;
    this.#changed.add(listed);
  }

  /** Strikes out what fails the test, whatever answers there were. */
  retain(isKept: (listed: Listed) => boolean): void {
    for (const listed of this.#listed.values()) {
      if (isKept(listed)) continue;
      listed.answers = 0;
      listed.ownAnswers = 0;
      this.#changed.add(listed);
    }
  }

  get hasChanged(): boolean {
    return this.#changed.size > 0;
  }

  /** What the owner is to be told: names that came or went since the last time. */
  takeChanges(): readonly { readonly listed: Listed; readonly change: "added" | "removed" }[] {
    const changes: { listed: Listed; change: "added" | "removed" }[] = [];
    for (const listed of this.#changed) {
      const isPresent = listed.answers > 0;
      if (!isPresent) this.#listed.delete(keyOf(listed.name, listed.link));
      if (isPresent === listed.isTold) continue;
      listed.isTold = isPresent;
      changes.push({ listed, change: isPresent ? "added" : "removed" });
    }
    this.#changed.clear();
    return changes;
  }
}

function keyOf(name: Name, link: LinkId): string {
  return `${link} ${name.key}`;
}
