/** What the control API offers: look-ups here, services and the daemon itself in files of their own. */

import type { Directory } from "../../runtime/directory.ts";
import { type Administered, administrationRoutes } from "./administration-routes.ts";
import { AddressQueryBody, NameQueryBody, RecordQueryBody } from "./request-body.ts";
import { bodyRoute, type Route } from "./route.ts";
import { serviceRoutes } from "./service-routes.ts";

export function controlRoutes(directory: Directory, daemon: Administered): readonly Route[] {
  return [...administrationRoutes(daemon), ...lookupRoutes(directory), ...serviceRoutes(directory)];
}

function lookupRoutes(directory: Directory): readonly Route[] {
  return [
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/lookup/addresses", access: "look" },
        summary: "The addresses of a name",
      },
      AddressQueryBody,
      (body, { signal }) => directory.lookupAddresses(body, signal),
    ),
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/lookup/names", access: "look" },
        summary: "The names of an address",
      },
      NameQueryBody,
      (body, { signal }) => directory.lookupNames(body, signal),
    ),
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/lookup/records", access: "look" },
        summary: "The records of a name, of any type",
      },
      RecordQueryBody,
      (body, { signal }) => directory.lookupRecords(body, signal),
    ),
  ];
}
