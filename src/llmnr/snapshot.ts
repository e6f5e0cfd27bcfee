/** What the LLMNR engine tells of itself: plain data for `status`, the metrics and the checkers. */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Responder } from "./responder.ts";
import type { SenderSnapshot } from "./sender.ts";
import type { NameState } from "./types.ts";

export type LlmnrNameSnapshot = { readonly name: string } & (
  | Exclude<NameState, { readonly state: "conflicted" }>
  | { readonly state: "conflicted"; readonly rival: IpAddress; readonly retryAt: Instant }
);

export interface LlmnrLinkSnapshot {
  readonly link: LinkId;
  readonly name: string;
  readonly names: readonly LlmnrNameSnapshot[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface LlmnrSnapshot {
  readonly links: readonly LlmnrLinkSnapshot[];
  readonly lookups: SenderSnapshot;
  /** TCP connections of other hosts. */
  readonly connections: number;
}

export function snapshotsOfNames(responder: Responder): LlmnrNameSnapshot[] {
  return Array.from(responder.names.values(), ({ hosted, state }) => {
    const name = hosted.name.toString();
    if (state.state !== "conflicted") return { name, ...state };
    return { name, state: "conflicted", rival: state.rival.address, retryAt: state.retryAt };
  });
}
