/** What scenarios and swarms ask of an mDNS engine; `MdnsEngine` provides it. */

import type { Engine } from "../core/engine.ts";
import type { LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type {
  Answer,
  CachedRecord,
  MdnsEvent,
  MdnsSettings,
  QueryId,
  QuerySpec,
  RegistrationId,
  RegistrationSpec,
  RegistrationState,
} from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import type { RecordData } from "../wire/record-data.ts";

export interface MdnsEnginePort extends Engine<MdnsEvent> {
  register(link: LinkId, spec: RegistrationSpec, now: Instant): RegistrationId;
  update(id: RegistrationId, spec: RegistrationSpec, now: Instant): void;
  withdraw(id: RegistrationId, now: Instant): void;
  registrationState(id: RegistrationId): RegistrationState | undefined;
  startQuery(spec: QuerySpec, now: Instant): QueryId;
  stopQuery(id: QueryId, now: Instant): void;
  answers(id: QueryId, now: Instant): readonly Answer[];
  reconfirm(
    target: { readonly name: Name; readonly type: number; readonly data?: RecordData },
    now: Instant,
  ): void;
  flushCache(link: LinkId | undefined, now: Instant): void;
  cached(now: Instant): Iterable<CachedRecord>;
  shutdown(now: Instant): void;
  snapshot(now: Instant): {
    readonly counters: Readonly<Record<string, number>>;
    readonly links: readonly { readonly counters: Readonly<Record<string, number>> }[];
  };
}

export type CreateMdnsEngine = (options: {
  readonly random: Random;
  readonly settings: Partial<MdnsSettings>;
}) => MdnsEnginePort;
