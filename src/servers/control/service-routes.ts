/** The control API's routes about services: browsing, resolving, and what clients publish. */

import type { ServiceDirectory } from "../../runtime/services.ts";
import { Registrations } from "./registrations.ts";
import { bodyRoute, type Route, streamOf } from "./route.ts";
import {
  BrowseBody,
  GroupBody,
  InstanceQueryBody,
  RegistrationBody,
  readRegistered,
} from "./service-body.ts";

export function serviceRoutes(directory: ServiceDirectory): readonly Route[] {
  const registrations = new Registrations(directory);
  return [
    ...askingRoutes(directory),
    ...publishingRoutes(registrations),
    ...registrationRoutes(registrations),
  ];
}

function askingRoutes(directory: ServiceDirectory): readonly Route[] {
  return [
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/browse", access: "look" },
        summary: "Service instances as they come and go",
      },
      BrowseBody,
      (body, { signal }) => streamOf(directory.browse(body, signal)),
    ),
    bodyRoute(
      {
        ...{ method: "POST", path: "/v1/lookup/instance", access: "look" },
        summary: "Host, port, addresses and TXT of a service instance",
      },
      InstanceQueryBody,
      (body, { signal }) => directory.resolveInstance(body, signal),
    ),
  ];
}

function publishingRoutes(registrations: Registrations): readonly Route[] {
  return [
    {
      ...{ method: "POST", path: "/v1/registrations", access: "change" },
      summary: "Publish services or a host, for as long as the connection lasts",
      query: { lasting: "true: until it is deleted or the daemon ends; the answer comes at once" },
      body: RegistrationBody,
      handle: async ({ body, query, user, signal }) => {
        const registered = readRegistered(body);
        if (query.get("lasting") === "true") return registrations.openLasting(registered, user);
        return streamOf(await registrations.open(registered, user, signal));
      },
    },
    bodyRoute(
      {
        ...{ method: "PATCH", path: "/v1/registrations/:id", access: "change" },
        summary: "Publish other services under a registration",
      },
      GroupBody,
      (body, { params, user }) => registrations.update(params["id"]!, body, user),
    ),
    {
      ...{ method: "DELETE", path: "/v1/registrations/:id", access: "change" },
      summary: "Withdraw a registration with goodbyes",
      handle: ({ params, user }) => registrations.close(params["id"]!, user),
    },
  ];
}

function registrationRoutes(registrations: Registrations): readonly Route[] {
  return [
    {
      ...{ method: "GET", path: "/v1/registrations", access: "look" },
      summary: "What clients have published",
      handle: () => registrations.list(),
    },
    {
      ...{ method: "GET", path: "/v1/registrations/:id", access: "look" },
      summary: "What has become of a registration",
      handle: ({ params }) => registrations.state(params["id"]!),
    },
  ];
}
