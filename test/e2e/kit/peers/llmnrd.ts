/** llmnrd: an LLMNR responder (RFC 4795). */

import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

/** Resolves once it answers for `hostName`, by default the host's own name, on both families. */
export async function startLlmnrd(host: Host, hostName = host.name): Promise<RunningProcess> {
  // It would keep its log back: standard output is no terminal.
  const llmnrd = host.spawn("stdbuf", ["-oL", "llmnrd", "--ipv6", "--hostname", hostName]);
  await llmnrd.line(/Starting llmnrd/);
  await llmnrd.line(/Added IPv6 address/);
  return llmnrd;
}
