/**
 * Keeps what DNS-SD publishes in step with the definitions: groups that are new are published, those
 * that differ are updated, those that went are withdrawn with goodbyes, and the others are left alone.
 */

import type { ExpandedGroup } from "../config/expand.ts";
import { DotlocalError } from "../core/errors.ts";
import type { ServiceGroupSpec } from "../dnssd/service.ts";
import type { ServiceId } from "../dnssd/types.ts";
import { serviceGroupSpec } from "../runtime/service-spec.ts";
import { Name } from "../wire/name.ts";

/** The engine's commands, `now` supplied. They throw a `DotlocalError` for what cannot be. */
export interface ServicePort {
  publishService(spec: ServiceGroupSpec): ServiceId;
  updateService(id: ServiceId, spec: ServiceGroupSpec): void;
  withdrawService(id: ServiceId): void;
}

/** A group that is published, or why it is not. */
export type Standing =
  | { readonly state: "published"; readonly service: ServiceId }
  | { readonly state: "refused"; readonly reason: string };

interface Entry {
  readonly standing: Standing;
  readonly instance: string;
  /** The same for groups between which no record differs. */
  readonly fingerprint: string;
}

export class ServicePublisher {
  readonly #port: ServicePort;
  #entries = new Map<string, Entry>();

  constructor(port: ServicePort) {
    this.#port = port;
  }

  /** From now on these groups are published and no others. */
  publish(wanted: ReadonlyMap<string, ExpandedGroup>): void {
    const entries = new Map<string, Entry>();
    const leftOver = new Map([...this.#entries].filter(([key]) => !wanted.has(key)));
    const renamed = findRenamed(leftOver, wanted, this.#entries);
    for (const { standing } of leftOver.values()) {
      if (standing.state === "published") this.#port.withdrawService(standing.service);
    }
    for (const [key, group] of wanted) {
      entries.set(key, this.#bring(group, this.#entries.get(key) ?? renamed.get(key)));
    }
    this.#entries = entries;
  }

  standingOf(key: string): Standing | undefined {
    return this.#entries.get(key)?.standing;
  }

  #bring(group: ExpandedGroup, before: Entry | undefined): Entry {
    const fingerprint = fingerprintOf(group);
    if (before?.fingerprint === fingerprint) return before;
    const { instance } = group;
    const service = before?.standing.state === "published" ? before.standing.service : undefined;
    return { standing: this.#put(serviceGroupSpec(group), service), instance, fingerprint };
  }

  /** What the engine refuses is no longer published as it was before either. */
  #put(spec: ServiceGroupSpec, service: ServiceId | undefined): Standing {
    try {
      if (service === undefined) {
        return { state: "published", service: this.#port.publishService(spec) };
      }
      this.#port.updateService(service, spec);
      return { state: "published", service };
    } catch (error) {
      if (!(error instanceof DotlocalError)) throw error;
      if (service !== undefined) this.#port.withdrawService(service);
      return { state: "refused", reason: error.message };
    }
  }
}

/**
 * New groups of the same name as one that is left over: their file was renamed, or moved to another
 * folder. They take the place of the old one, which is then no longer left over.
 */
function findRenamed(
  leftOver: Map<string, Entry>,
  wanted: ReadonlyMap<string, ExpandedGroup>,
  entries: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, Entry> {
  const renamed = new Map<string, Entry>();
  for (const [key, { instance }] of wanted) {
    if (entries.has(key)) continue;
    const old = [...leftOver].find(([, entry]) => entry.instance === instance);
    if (old === undefined) continue;
    leftOver.delete(old[0]);
    renamed.set(key, old[1]);
  }
  return renamed;
}

function fingerprintOf({ instance, services }: ExpandedGroup): string {
  return JSON.stringify([instance, services], (key, value: unknown) => {
    // Where it stands in its file, and what it waits for, are not published.
    if (key === "line" || key === "when") return undefined;
    if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
    return value instanceof Name ? value.toString() : value;
  });
}
