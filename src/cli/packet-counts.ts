/** Counters of packets sorted for people: what came in, what went out, what was not used and why. */

export interface PacketCounts {
  /** E.g. `queries 12, responses 3`. */
  readonly received: string;
  readonly sent: string;
  readonly discarded: string;
  readonly other: string;
}

export function packetCounts(counters: Readonly<Record<string, number>>): PacketCounts {
  const sorted = { received: [], sent: [], discarded: [], other: [] } as {
    readonly [Part in keyof PacketCounts]: string[];
  };
  for (const [name, count] of Object.entries(counters)) {
    const [part, what] = placeOf(name);
    sorted[part].push(`${what.replaceAll("-", " ")} ${count}`);
  }
  const { received, sent, discarded, other } = sorted;
  return {
    received: received.join(", "),
    sent: sent.join(", "),
    discarded: discarded.join(", "),
    other: other.join(", "),
  };
}

function placeOf(name: string): readonly [keyof PacketCounts, string] {
  if (name.endsWith("-received")) return ["received", name.slice(0, -"-received".length)];
  if (name.endsWith("-sent")) return ["sent", name.slice(0, -"-sent".length)];
  if (name.startsWith("discarded-")) return ["discarded", name.slice("discarded-".length)];
  return ["other", name];
}
