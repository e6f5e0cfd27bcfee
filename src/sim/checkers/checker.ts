/** What watches a swarm: sees everything that happens, and is asked at the end. */

import type { MdnsEvent } from "../../mdns/types.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { NetworkObserver } from "../observer.ts";
import type { SwarmHost } from "../swarm-host.ts";
import type { SentRecords } from "./sent-records.ts";

export interface SwarmView {
  readonly network: SimulatedNetwork;
  readonly hosts: readonly SwarmHost[];
  readonly sent: SentRecords;
}

export interface Checker extends NetworkObserver {
  /** The property, as a sentence. */
  readonly property: string;
  hostEvent?(host: SwarmHost, event: MdnsEvent): void;
  /** The network has just become quiet. */
  quietBegins?(view: SwarmView): void;
  /** What it has found, a sentence each; asked once, after the quiet time. */
  violations(view: SwarmView): readonly string[];
}

/** A checker that found something a thousand times need not say so each time. */
export const VIOLATIONS_KEPT_MAX = 20;
