/** The control API's routes about services: browsing, resolving, and what clients publish. */

import type { ServiceDirectory } from "../../runtime/services.ts";
import { Registrations } from "./registrations.ts";
import { checkBody } from "./request-body.ts";
import { type Route, streamOf } from "./route.ts";
import { BrowseBody, GroupBody, InstanceQueryBody, readRegistered } from "./service-body.ts";

export function serviceRoutes(directory: ServiceDirectory): readonly Route[] {
  return [...askingRoutes(directory), ...publishingRoutes(new Registrations(directory))];
}

function askingRoutes(directory: ServiceDirectory): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/browse",
      access: "look",
      handle: ({ body, signal }) =>
        streamOf(directory.browse(checkBody(BrowseBody, body ?? {}), signal)),
    },
    {
      method: "POST",
      path: "/v1/lookup/instance",
      access: "look",
      handle: ({ body, signal }) =>
        directory.resolveInstance(checkBody(InstanceQueryBody, body), signal),
    },
  ];
}

function publishingRoutes(registrations: Registrations): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/registrations",
      access: "change",
      handle: async ({ body, query, user, signal }) => {
        const registered = readRegistered(body);
        if (query.get("lasting") === "true") return registrations.openLasting(registered, user);
        return streamOf(await registrations.open(registered, user, signal));
      },
    },
    {
      method: "GET",
      path: "/v1/registrations",
      access: "look",
      handle: () => registrations.list(),
    },
    {
      method: "GET",
      path: "/v1/registrations/:id",
      access: "look",
      handle: ({ params }) => registrations.state(params["id"]!),
    },
    {
      method: "PATCH",
      path: "/v1/registrations/:id",
      access: "change",
      handle: ({ params, body, user }) =>
        registrations.update(params["id"]!, checkBody(GroupBody, body), user),
    },
    {
      method: "DELETE",
      path: "/v1/registrations/:id",
      access: "change",
      handle: ({ params, user }) => registrations.close(params["id"]!, user),
    },
  ];
}
