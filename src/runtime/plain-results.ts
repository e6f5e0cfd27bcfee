/** The engine's look-up outcomes as the plain data of `directory.ts`. */

import type { LinkId } from "../core/link.ts";
import type { Found as EngineFound, LookupFailure, LookupOutcome } from "../host/types.ts";
import { formatRecordData } from "../wire/presentation.ts";
import { formatType } from "../wire/type-names.ts";
import type { AddressResult, Found, NameResult, NotFound, RecordResult } from "./directory.ts";

/** Tells the name of a link's interface; undefined when it is gone. */
export type LinkNames = (link: LinkId) => string | undefined;

export function addressResult(
  outcome: LookupOutcome,
  name: string,
  links: LinkNames,
): AddressResult {
  if (outcome.kind !== "addresses") return notFound(outcome, name);
  return {
    outcome: "found",
    canonicalName: outcome.canonicalName.toString(),
    addresses: outcome.addresses.map((found) => ({
      address: found.address,
      ...place(found, links),
    })),
  };
}

export function nameResult(outcome: LookupOutcome, address: string, links: LinkNames): NameResult {
  if (outcome.kind !== "names") return notFound(outcome, address);
  return {
    outcome: "found",
    names: outcome.names.map((found) => ({ name: found.name.toString(), ...place(found, links) })),
  };
}

export function recordResult(outcome: LookupOutcome, name: string, links: LinkNames): RecordResult {
  if (outcome.kind !== "records") return notFound(outcome, name);
  return {
    outcome: "found",
    records: outcome.records.map((found) => ({
      name: found.record.name.toString(),
      type: formatType(found.record.type),
      data: formatRecordData(found.record.data),
      ...place(found, links),
    })),
  };
}

function place({ link, ttl, protocol, source }: EngineFound, links: LinkNames): Found {
  return {
    interface: link === undefined ? null : (links(link) ?? null),
    ttl,
    protocol,
    source: source ?? null,
  };
}

function notFound(outcome: LookupOutcome, asked: string): NotFound {
  const failure = outcome as LookupFailure;
  return { outcome: "not-found", reason: failure.kind, message: sentence(failure, asked) };
}

const FAILURES = {
  "no-servers": "no name server is known",
  timeout: "the name servers do not answer",
  unreachable: "no name server can be reached",
  certificate: "no name server could prove who it is",
  refused: "the name servers gave no answer",
  "alias-loop": "its aliases lead nowhere",
  limit: "too many questions are under way",
} satisfies Record<Extract<LookupFailure, { kind: "failed" }>["reason"], string>;

function unavailable(asked: string, protocols: readonly string[]): string {
  if (protocols.join() === "unicast") {
    return `no name server is known to ask for ${asked}: set resolver.upstreams`;
  }
  return `nothing that could answer for ${asked} is at work: ${protocols.join(", ")}`;
}

function sentence(failure: LookupFailure, asked: string): string {
  switch (failure.kind) {
    case "no-such-name":
      return `nobody answers for ${asked}`;
    case "no-data":
      return `${asked} exists, but has no such record`;
    case "timed-out":
      return `no answer for ${asked} in the time given`;
    case "refused":
      return `${asked} is never asked for: .${failure.domain} is a reserved domain`;
    case "failed":
      return `${asked}: ${FAILURES[failure.reason]}`;
    case "unavailable":
      return unavailable(asked, failure.protocols);
  }
}
