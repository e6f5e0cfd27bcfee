/**
 * How far this host's claim to one owner name has got (RFC 6762 §8, §9).
 *
 * ```
 *            register              three probes unanswered
 * unclaimed ---------> probing ------------------------------> established
 *                      |  ^  ^                                  |       |
 *  another host answers|  |  +--- another host answers (§9) ----+       |
 *                      v  |                                             |
 *                    lost |  silent for the check interval              |
 *                         +-------------------------------- ceded <-----+
 *                                                             another responder of this host
 * ```
 *
 * A lost tie (§8.2) stays in `probing`, in a run that starts one second later.
 */

import type { Instant } from "../core/time.ts";
import type { ProbeRun } from "./prober.ts";
import type { Rival } from "./types.ts";

export type NameClaim =
  /** Nothing to prove: only shared records and reverse mappings. */
  | { readonly state: "unclaimed" }
  /** `reclaiming`: it was ceded, and the registrations that use it go on meanwhile. */
  | { readonly state: "probing"; readonly run: ProbeRun; readonly reclaiming: boolean }
  | { readonly state: "established" }
  /** Another host has it; nothing happens until a registration that uses it changes. */
  | { readonly state: "lost"; readonly rival: Rival }
  /** Another responder of this host has it; `heardAt` is when it last spoke. */
  | { readonly state: "ceded"; heardAt: Instant };
