/** The whole of systemd-resolved's place on its socket. */

import type { ResolveContext } from "./resolve-context.ts";
import { resolveInterface } from "./resolve-interface.ts";
import { VarlinkServer } from "./varlink-server.ts";
import { VarlinkService } from "./varlink-service.ts";

export function openResolvedServer(
  context: ResolveContext,
  onFault: (error: unknown) => void,
): VarlinkServer {
  return new VarlinkServer({ service: new VarlinkService([resolveInterface(context)]), onFault });
}
