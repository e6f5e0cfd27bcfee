/**
 * What others have said, on the links and from name servers, as long as it holds: to look into, to
 * forget, to doubt.
 */

import { matchesGlob } from "../config/glob.ts";
import { DotlocalError } from "../core/errors.ts";
import { isChosen, type Link, type LinkId } from "../core/link.ts";
import type { Duration } from "../core/time.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { CachedRecord, HostEvent } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";
import { Name } from "../wire/name.ts";
import { formatRecordData } from "../wire/presentation.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { formatType, parseType } from "../wire/type-names.ts";
import { linksMatching } from "./link-choice.ts";

/** Which records; every part that is given must fit. */
export interface CacheQuery {
  /** A glob, without regard to case: `*._http._tcp.local`. */
  readonly name?: string;
  /** A mnemonic or `TYPE65`. */
  readonly type?: string;
  /** Globs of interface names; none: every link. */
  readonly interfaces?: readonly string[];
}

/** A record to be asked for again; without a type, all that the name has. */
export interface ReconfirmQuery {
  readonly name: string;
  readonly type?: string;
}

export interface CachedEntry {
  /** Presentation format. */
  readonly name: string;
  readonly type: string;
  /** Seconds left. */
  readonly ttl: number;
  /** Presentation format. */
  readonly data: string;
  readonly protocol: "mdns" | "unicast";
  /** Where it was heard; null: from a name server. */
  readonly interface: string | null;
  /** Address of the host that said it; null: a name server. */
  readonly source: string | null;
}

export class HostCache {
  readonly #driver: Driver<HostEvent, HostEngine>;

  constructor(driver: Driver<HostEvent, HostEngine>) {
    this.#driver = driver;
  }

  /** By name, type and link. Throws INVALID_ARGUMENT. */
  list(query: CacheQuery = {}): readonly CachedEntry[] {
    const { name = "*", interfaces = [] } = query;
    const type = query.type === undefined ? undefined : formatType(typeNumber(query.type));
    const glob = withoutFinalDot(name.toLowerCase());
    const links = this.#linksMatching(interfaces);
    const heard = this.#cached().flatMap((cached) => {
      const link = links.get(cached.link);
      return link === undefined ? [] : [heardEntry(cached, link)];
    });
    return [...heard, ...(interfaces.length === 0 ? this.#givenEntries() : [])]
      .filter((entry) => type === undefined || entry.type === type)
      .filter((entry) => matchesGlob(glob, withoutFinalDot(entry.name.toLowerCase())))
      .sort(compareEntries);
  }

  /** Forgets everything heard on these links. */
  flush(interfaces: readonly string[] | undefined): void {
    this.#driver.run((engine, now) => {
      if (interfaces === undefined || interfaces.length === 0) engine.flushCache(undefined, now);
      else for (const link of this.#linksMatching(interfaces).keys()) engine.flushCache(link, now);
    });
  }

  /**
   * RFC 6762 §10.4: asks for what is cached under the name again; what nobody confirms goes. Returns
   * how many records are in doubt.
   * @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, NOT_FOUND when nothing is cached.
   */
  reconfirm(query: ReconfirmQuery): number {
    const name = Name.parse(query.name);
    const wanted = query.type === undefined ? undefined : typeNumber(query.type);
    const doubted = this.#cached()
      .map(({ record }) => record)
      .filter((record) => record.name.key === name.key)
      .filter(({ type }) => wanted === undefined || type === wanted);
    if (doubted.length === 0) {
      throw new DotlocalError("NOT_FOUND", `nothing is cached for ${query.name}`);
    }
    this.#driver.run((engine, now) => {
      for (const type of new Set(doubted.map((record) => record.type))) {
        engine.reconfirm({ name, type }, now);
      }
    });
    return doubted.length;
  }

  #cached(): readonly CachedRecord[] {
    return this.#driver.run((engine, now) => [...engine.cached(now)]);
  }

  /** What name servers have answered. */
  #givenEntries(): readonly CachedEntry[] {
    const questions = this.#driver.run((engine, now) => [...engine.cachedAnswers(now)]);
    return questions.flatMap(({ message, left }) =>
      message.answers.map((record) => ({
        ...recordFields(record, left),
        ...{ protocol: "unicast", interface: null, source: null },
      })),
    );
  }

  #linksMatching(globs: readonly string[] | undefined): ReadonlyMap<LinkId, Link> {
    const filter = linksMatching(globs);
    const chosen = this.#driver.links.filter((link) => isChosen(filter, link));
    return new Map(chosen.map((link) => [link.id, link]));
  }
}

function heardEntry({ record, source, remaining }: CachedRecord, link: Link): CachedEntry {
  return { ...recordFields(record, remaining), protocol: "mdns", interface: link.name, source };
}

function recordFields(
  record: ResourceRecord,
  left: Duration,
): Pick<CachedEntry, "name" | "type" | "ttl" | "data"> {
  return {
    name: record.name.toString(),
    type: formatType(record.type),
    ttl: Math.max(0, Math.ceil(left / 1000)),
    data: formatRecordData(record.data),
  };
}

function typeNumber(text: string): number {
  const type = parseType(text);
  if (type !== undefined) return type;
  throw new DotlocalError("INVALID_ARGUMENT", `"${text}" is not a record type`);
}

function withoutFinalDot(name: string): string {
  return name.endsWith(".") && !name.endsWith("\\.") ? name.slice(0, -1) : name;
}

function compareEntries(a: CachedEntry, b: CachedEntry): number {
  return (
    compareTexts(a.name, b.name) ||
    compareTexts(a.type, b.type) ||
    compareTexts(a.interface ?? "", b.interface ?? "") ||
    compareTexts(a.data, b.data)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
