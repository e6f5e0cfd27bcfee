/** What the composed engine gives its parts: settings, links, the protocols, and a place to schedule. */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Place } from "../dnssd/record-port.ts";
import type { LlmnrBinding } from "./llmnr-binding.ts";
import type { MdnsBinding } from "./mdns-binding.ts";
import type { HostEvent, HostSettings } from "./types.ts";
import type { UnicastBinding } from "./unicast-binding.ts";

/** Something to do later; kept in the composed engine's deadline queue. */
export interface Task {
  run(now: Instant): void;
}

export interface HostContext {
  readonly settings: HostSettings;
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly mdns: MdnsBinding;
  readonly llmnr: LlmnrBinding;
  readonly unicast: UnicastBinding;

  /** A task due at once runs when all that the present input brought has been handled. */
  schedule(at: Instant, task: Task): Deadline<Task>;
  cancel(deadline: Deadline<Task> | undefined): void;

  emit(event: HostEvent): void;

  /** The link with what this host is called on it. */
  placeOf(link: Link): Place;
}
