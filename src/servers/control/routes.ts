/** What the control API offers, a line a route. */

import type { Directory } from "../../runtime/directory.ts";
import { AddressQueryBody, checkBody, NameQueryBody, RecordQueryBody } from "./request-body.ts";
import type { Route } from "./route.ts";
import { serviceRoutes } from "./service-routes.ts";

/** What the daemon lends to the API. */
export interface Controlled {
  readonly directory: Directory;
  /** Everything that `dotlocal status` shows. */
  status(): unknown;
  /** Reads configuration and service definitions again; resolves to what was found. */
  reload(): Promise<unknown>;
  flushCache(): void;
}

export function controlRoutes(controlled: Controlled): readonly Route[] {
  const { directory } = controlled;
  return [
    ...serviceRoutes(directory),
    {
      method: "GET",
      path: "/v1/status",
      access: "look",
      handle: () => controlled.status(),
    },
    {
      method: "POST",
      path: "/v1/lookup/addresses",
      access: "look",
      handle: ({ body, signal }) =>
        directory.lookupAddresses(checkBody(AddressQueryBody, body), signal),
    },
    {
      method: "POST",
      path: "/v1/lookup/names",
      access: "look",
      handle: ({ body, signal }) => directory.lookupNames(checkBody(NameQueryBody, body), signal),
    },
    {
      method: "POST",
      path: "/v1/lookup/records",
      access: "look",
      handle: ({ body, signal }) =>
        directory.lookupRecords(checkBody(RecordQueryBody, body), signal),
    },
    {
      method: "POST",
      path: "/v1/reload",
      access: "change",
      handle: () => controlled.reload(),
    },
    {
      method: "POST",
      path: "/v1/cache/flush",
      access: "change",
      handle: () => controlled.flushCache(),
    },
  ];
}
