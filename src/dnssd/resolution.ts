/** What the records of an instance on one link amount to (RFC 6763 §5, §6; RFC 2782). */

import type { LinkId } from "../core/link.ts";
import { earliest } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { SrvData, TxtData } from "../wire/record-data.ts";
import type { AddressQuery } from "./address-query.ts";
import type { RecordAnswer } from "./record-port.ts";
import type { Resolution } from "./types.ts";

export interface SrvAnswer extends RecordAnswer {
  readonly srv: SrvData;
}

/** The record to use: lowest priority first, then the greatest weight; undefined: there is none. */
export function chosenSrv(answers: readonly RecordAnswer[]): SrvAnswer | undefined {
  return answers
    .flatMap((answer) => {
      const { data } = answer.record;
      // RFC 2782: a target of "." says that the service is not available.
      return data.kind === "SRV" && !data.target.isRoot ? [{ ...answer, srv: data }] : [];
    })
    .sort((a, b) => a.srv.priority - b.srv.priority || b.srv.weight - a.srv.weight)[0];
}

export function resolutionOf(
  name: Name,
  link: LinkId,
  { srv, source, expires }: SrvAnswer,
  txt: RecordAnswer | undefined,
  addresses: ReturnType<AddressQuery["addressesOn"]>,
): Resolution {
  const ends = [expires, ...(txt === undefined ? [] : [txt.expires])];
  return {
    name,
    link,
    host: srv.target,
    port: srv.port,
    priority: srv.priority,
    weight: srv.weight,
    addresses: addresses.map(({ address }) => address),
    txt: txt?.record.data.kind === "TXT" ? txt.record.data : undefined,
    source,
    expires: [...ends, ...addresses.map((found) => found.expires)].reduce(earliest),
  };
}

/** Whether a user would see no difference: who answered and until when does not count. */
export function looksEqual(a: Resolution, b: Resolution): boolean {
  return (
    a.host.toString() === b.host.toString() &&
    a.port === b.port &&
    a.priority === b.priority &&
    a.weight === b.weight &&
    a.addresses.join() === b.addresses.join() &&
    txtEqual(a.txt, b.txt)
  );
}

function txtEqual(a: TxtData | undefined, b: TxtData | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.strings.length === b.strings.length &&
    a.strings.every((string, index) => octetsEqual(string, b.strings[index]!))
  );
}

function octetsEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
