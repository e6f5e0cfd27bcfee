/**
 * Gives up root for good.
 *
 * Sockets that are open stay open, and links that come later still work (SO_BINDTODEVICE needs no
 * privilege); ports below 1024 can no longer be bound.
 */

import { userInfo } from "node:os";
import { DotlocalError } from "../core/errors.ts";

/** Missing from the types; sets the groups that a user is a member of. */
type InitializeGroups = (user: string, group: number) => void;

/** A user's numbers. */
export interface Account {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Becomes `user`, with that user's groups.
 * @throws DotlocalError `INVALID_ARGUMENT` for a user that there is not, `NOT_PERMITTED` when this
 *   process is not root.
 */
export function dropPrivileges(user: string): void {
  if (process.getuid?.() !== 0) {
    throw new DotlocalError("NOT_PERMITTED", `only root can become user ${user}`);
  }
  const { uid, gid } = lookUpAccount(user);
  const { initgroups } = process as unknown as { initgroups: InitializeGroups };
  try {
    initgroups(user, gid);
    process.setgid!(gid);
    process.setuid!(uid);
  } catch (cause) {
    throw new DotlocalError("NOT_PERMITTED", `cannot become user ${user}`, { cause });
  }
}

/**
 * Only root can ask for another user: `os.userInfo()` tells of the effective user alone, so it is
 * asked as that user.
 * @throws DotlocalError `INVALID_ARGUMENT` for a user that there is not.
 */
export function lookUpAccount(user: string): Account {
  try {
    process.seteuid!(user);
  } catch (cause) {
    throw new DotlocalError("INVALID_ARGUMENT", `there is no user ${user}`, { cause });
  }
  try {
    const { uid, gid } = userInfo();
    return { user, uid, gid };
  } finally {
    process.seteuid!(0);
  }
}
