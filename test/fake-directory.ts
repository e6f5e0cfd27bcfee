/** A directory whose answers the test writes; it keeps the questions, and how they ended. */

import type {
  AddressQuery,
  AddressResult,
  Directory,
  FoundAddress,
  FoundName,
  FoundRecord,
  NameQuery,
  NameResult,
  NotFound,
  RecordQuery,
  RecordResult,
} from "../src/runtime/directory.ts";
import type { BrowseEvent, BrowseQuery } from "../src/runtime/services.ts";

type Question =
  | ({ readonly of: "addresses" } & AddressQuery)
  | ({ readonly of: "names" } & NameQuery)
  | ({ readonly of: "records" } & RecordQuery)
  | ({ readonly of: "services" } & BrowseQuery);

/** A value, an error to reject with, or `"silence"`: no answer until the question is aborted. */
type Answer<Result> = Result | Error | "silence";

export interface FakeAnswers {
  readonly addresses?: (query: AddressQuery) => Answer<AddressResult>;
  readonly names?: (query: NameQuery) => Answer<NameResult>;
  readonly records?: (query: RecordQuery) => Answer<RecordResult>;
  readonly services?: readonly BrowseEvent[];
}

export class FakeDirectory implements Directory {
  readonly questions: Question[] = [];
  /** Questions that were given up. */
  aborted = 0;
  readonly #answers: FakeAnswers;

  constructor(answers: FakeAnswers = {}) {
    this.#answers = answers;
  }

  lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult> {
    this.questions.push({ of: "addresses", ...query });
    return this.#answer(this.#answers.addresses?.(query) ?? notFound("no-such-name"), signal);
  }

  lookupNames(query: NameQuery, signal?: AbortSignal): Promise<NameResult> {
    this.questions.push({ of: "names", ...query });
    return this.#answer(this.#answers.names?.(query) ?? notFound("no-such-name"), signal);
  }

  lookupRecords(query: RecordQuery, signal?: AbortSignal): Promise<RecordResult> {
    this.questions.push({ of: "records", ...query });
    return this.#answer(this.#answers.records?.(query) ?? notFound("no-such-name"), signal);
  }

  async *browse(query: BrowseQuery, signal?: AbortSignal): AsyncGenerator<BrowseEvent> {
    this.questions.push({ of: "services", ...query });
    yield* this.#answers.services ?? [];
    await this.#answer("silence", signal).catch(() => {});
  }

  resolveInstance(): never {
    throw new Error("no test asks this");
  }

  publish(): never {
    throw new Error("no test asks this");
  }

  publishHost(): never {
    throw new Error("no test asks this");
  }

  async close(): Promise<void> {}

  #answer<Result>(answer: Answer<Result>, signal: AbortSignal | undefined): Promise<Result> {
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== "silence") return Promise.resolve(answer);
    return new Promise((_resolve, reject) => {
      const abort = (): void => {
        this.aborted++;
        reject(new Error("aborted"));
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

const PLACE = { interface: "eth0", ttl: 120, protocol: "mdns", source: "192.0.2.7" } as const;

export function notFound(reason: NotFound["reason"]): NotFound {
  return { outcome: "not-found", reason, message: `not found: ${reason}` };
}

export function addresses(
  canonicalName: string,
  found: readonly (string | FoundAddress)[],
): AddressResult {
  const all = found.map((one) => (typeof one === "string" ? { address: one, ...PLACE } : one));
  return { outcome: "found", canonicalName, addresses: all };
}

export function names(...found: readonly string[]): NameResult {
  const all: FoundName[] = found.map((name) => ({ name, ...PLACE }));
  return { outcome: "found", names: all };
}

export function records(
  name: string,
  ...found: readonly (readonly [type: string, data: string])[]
): RecordResult {
  const all: FoundRecord[] = found.map(([type, data]) => ({ name, type, data, ...PLACE }));
  return { outcome: "found", records: all };
}
