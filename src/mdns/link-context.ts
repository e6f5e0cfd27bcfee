/**
 * What the engine gives the two halves of a link, the responder and the querier: the link as it is
 * now, a place to schedule, a way out, and what was received in a form both read.
 */

import type { Counters } from "../core/counters.ts";
import type { Arrival, Endpoint } from "../core/datagram.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { Family } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { MdnsCounter, MdnsEvent, MdnsSettings } from "./types.ts";

/** Something to do later; kept in the engine's one deadline queue. */
export interface Task {
  run(now: Instant): void;
}

/** A message that passed the checks of RFC 6762 §11 and §18. */
export interface Received {
  readonly message: Message;
  readonly source: Endpoint;
  readonly family: Family;
  readonly arrival: Arrival;
  /**
   * The source address is one of this host's own although the packet is none of ours: another
   * responder or querier on this very host.
   */
  readonly fromThisHost: boolean;
}

/** Where a message goes. Queries and announcements go to `"groups"`: both families. */
export type Target = "groups" | { readonly group: Family } | UnicastTarget;

export interface UnicastTarget {
  readonly family: Family;
  readonly endpoint: Endpoint;
  /** The own address the query was sent to, so that the response comes from it. */
  readonly from: Arrival;
}

export interface LinkContext {
  /** The link as the monitor last described it. */
  readonly link: Link;
  readonly settings: MdnsSettings;
  readonly random: Random;
  readonly counters: Counters<MdnsCounter>;

  schedule(at: Instant, task: Task): Deadline<Task>;
  cancel(deadline: Deadline<Task> | undefined): void;

  emit(event: MdnsEvent): void;

  /**
   * Composes the message, splits it to the link's MTU (RFC 6762 §17, §7.2), and queues the packets.
   * Multicast packets pass the link's packet budget and are remembered for echo detection. `counter`
   * is what each packet counts as.
   */
  send(message: Message, target: Target, counter: MdnsCounter, now: Instant): void;

  /** The responder's established records changed: the querier answers our own queries with them. */
  ownRecordsChanged(
    added: readonly ResourceRecord[],
    removed: readonly ResourceRecord[],
    now: Instant,
  ): void;

  /** Whether one of our links sent or publishes this very record (owner name, type, data). */
  isOurs(record: ResourceRecord, now: Instant): boolean;
}
