/** What the engine tells, as lines that an administrator understands. */

import type { LinkId } from "../core/link.ts";
import { printable } from "../core/text.ts";
import type { DnssdEvent } from "../dnssd/types.ts";
import type { HostEvent } from "../host/types.ts";
import { logLlmnrEvent, logPoisoner } from "./llmnr-log.ts";
import type { Logger } from "./log.ts";

/** @param linkName the interface's name of a link. */
export function logHostEvent(
  log: Logger,
  event: HostEvent,
  linkName: (id: LinkId) => string,
): void {
  switch (event.kind) {
    case "name-registered":
      log.info(`this host is ${event.label}.local on ${linkName(event.link)}`);
      break;
    case "renamed":
      log.warn(
        `renamed ${event.from} to ${event.to} on ${linkName(event.link)}: ` +
          `${event.rival.address} answers for ${event.from}.local`,
      );
      break;
    case "name-reclaimed":
      log.info(
        `${event.to}.local is free again on ${linkName(event.link)}: no longer ${event.from}`,
      );
      break;
    case "ceded":
      log.info(
        `another responder on this host answers for ${event.name} on ${linkName(event.link)}: ` +
          "its addresses are left to it",
      );
      break;
    case "unceded":
      log.info(`the other responder on this host is gone: ${event.name} is answered here again`);
      break;
    case "publication-registered":
      log.info(`publishing ${event.name} on ${linkName(event.link)}`);
      break;
    case "publication-conflicted":
      log.warn(
        `${event.name} is not published on ${linkName(event.link)}: ` +
          `${event.rival.address} answers for it`,
      );
      break;
    case "llmnr":
      logLlmnrEvent(log, event.event, linkName);
      break;
    case "poisoner-found":
      logPoisoner(log, event, linkName);
      break;
    default:
      break;
  }
}

/** Of what is published; what others publish is told to those who browse. */
export function logServiceEvent(
  log: Logger,
  event: DnssdEvent,
  linkName: (id: LinkId) => string,
): void {
  switch (event.kind) {
    case "service-registered":
      log.info(`publishing "${printable(event.instance)}" on ${linkName(event.link)}`);
      break;
    case "service-renamed": {
      const owner = event.rival?.address ?? "another service of this host";
      const [from, to] = [printable(event.from), printable(event.to)];
      log.warn(`"${from}" belongs to ${owner}: it is called "${to}" here`);
      break;
    }
    case "service-reclaimed": {
      const [from, to] = [printable(event.from), printable(event.to)];
      log.info(`"${to}" is free again: no longer "${from}"`);
      break;
    }
    default:
      break;
  }
}
