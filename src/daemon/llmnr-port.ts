/** Why connections to LLMNR's port cannot be taken, in a sentence with what follows from it. */

import { LLMNR_PORT } from "../net/constants.ts";
import { findHolders, findPortHolders } from "../net/port-holders.ts";
import { holderNames } from "./status.ts";

/** Waits for the port's holder to be found, where it is one. */
export async function listenFailureSentence(error: NodeJS.ErrnoException): Promise<string> {
  const consequence = "LLMNR answers by UDP only";
  if (error.code !== "EADDRINUSE") {
    return `TCP port ${LLMNR_PORT} cannot be listened at (${error.message}): ${consequence}`;
  }
  const holders = await findHolders(findPortHolders("tcp", LLMNR_PORT));
  return `${holderNames(holders)} holds TCP port ${LLMNR_PORT}: ${consequence}`;
}
