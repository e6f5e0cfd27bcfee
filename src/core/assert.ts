/**
 * `assert` for faults of ours, on in production: the daemon logs a snapshot and exits 70. Never for
 * anything that the network or a user could bring about.
 */

class AssertionFault extends Error {
  override readonly name = "AssertionFault";
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFault(message);
}
