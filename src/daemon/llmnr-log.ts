/** What befalls this host's names by LLMNR, and who cannot be believed there, as lines of the log. */

import type { LinkId } from "../core/link.ts";
import type { HostEvent } from "../host/types.ts";
import type { Logger } from "./log.ts";

type LlmnrEvent = Extract<HostEvent, { readonly kind: "llmnr" }>["event"];
type PoisonerFound = Extract<HostEvent, { readonly kind: "poisoner-found" }>;

const PROTOCOL_NAMES = { llmnr: "LLMNR", mdns: "mDNS" } as const;

export function logLlmnrEvent(
  log: Logger,
  event: LlmnrEvent,
  linkName: (id: LinkId) => string,
): void {
  const { name } = event;
  const place = linkName(event.link);
  switch (event.kind) {
    case "name-verified":
      log.info(`answering for ${name} by LLMNR on ${place}`);
      break;
    case "name-conflicted":
      log.warn(
        `no longer answering for ${name} by LLMNR on ${place}: ${event.rival.address} has the ` +
          "name; tried again when its record's time is over",
      );
      break;
    case "name-defended":
      log.warn(
        `${event.rival.address} answers for ${name} by LLMNR on ${place} too: it is to give way`,
      );
      break;
    case "conflict-reported":
      log.info(
        `${event.reporter} reports that several hosts answer for ${name} by LLMNR on ${place} ` +
          `(${event.records.length} records): looking for them`,
      );
      break;
    case "answers-differ":
      log.warn(
        `${event.sources.join(" and ")} give different answers for ${name} by LLMNR on ${place}: ` +
          "neither is used",
      );
      break;
  }
}

export function logPoisoner(
  log: Logger,
  event: PoisonerFound,
  linkName: (id: LinkId) => string,
): void {
  const protocols = event.protocols.map((protocol) => PROTOCOL_NAMES[protocol]).join(" and ");
  log.warn(
    `${event.addresses.join(" and ")} on ${linkName(event.link)} answered by ${protocols} for a ` +
      "name that nobody has: a poisoner; its LLMNR answers are ignored for an hour",
  );
}
