/**
 * From root to a user of its own (`user:`), for hosts without systemd: what the daemon writes is given
 * to that user, then root is given up for good. Called when every port is bound.
 *
 * Only what is ours is given away: the system's own folders of this daemon, and files made in them.
 * A folder that the configuration names stays whose it is.
 */

import { lchownSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { SYSTEM_CONTROL_SOCKET, SYSTEM_STATE_DIRECTORY } from "../config/default-paths.ts";
import { type Account, dropPrivileges, lookUpAccount } from "../net/privileges.ts";

const OWN_FOLDERS = [dirname(SYSTEM_CONTROL_SOCKET), SYSTEM_STATE_DIRECTORY];

/**
 * The user to become: undefined where this process is not root, and where none is configured.
 * @throws DotlocalError INVALID_ARGUMENT for a user that there is not.
 */
export function accountToBecome(user: string | undefined): Account | undefined {
  if (user === undefined || !isRoot()) return undefined;
  return lookUpAccount(user);
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** @throws DotlocalError NOT_PERMITTED. */
export function becomeUser(account: Account): void {
  for (const folder of OWN_FOLDERS) giveFolder(folder, account);
  dropPrivileges(account.user);
}

/** No link is followed: whoever could write into the folder must not be given another's file. */
function giveFolder(folder: string, { uid, gid }: Account): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (lstatSync(path).nlink === 1) lchownSync(path, uid, gid);
    }
    lchownSync(folder, uid, gid);
  } catch {
    // Whoever writes there later says what cannot be written.
  }
}
