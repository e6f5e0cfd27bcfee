/** What the methods of io.systemd.Resolve answer from. */

import type { Directory } from "../../runtime/directory.ts";
import type { InterfaceTable } from "./lookup-scope.ts";

export interface ResolveContext {
  readonly directory: Directory;
  readonly interfaces: InterfaceTable;
}
