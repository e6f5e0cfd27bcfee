/** Commands of Avahi's simple protocol: one line of text, a word and at most one argument. */

import { type Family, type IpAddress, parseIpAddress } from "../../core/ip-address.ts";
import { ARGUMENT_SIZE_MAX, AvahiError, COMMAND_SIZE_MAX } from "./constants.ts";
import { failureLine } from "./reply.ts";

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "host-name"; readonly name: string; readonly family: "any" | Family }
  | { readonly kind: "address"; readonly address: IpAddress }
  | { readonly kind: "dns-servers"; readonly family: "any" | Family }
  /** What cannot be obeyed, with its answer. */
  | { readonly kind: "refused"; readonly reply: string };

interface Words {
  readonly argumentCount: 0 | 1 | "any";
  readonly command: (argument: string) => Command;
}

const COMMANDS: ReadonlyMap<string, Words> = new Map([
  ["HELP", { argumentCount: "any", command: () => ({ kind: "help" }) }],
  ["RESOLVE-HOSTNAME", hostName("any")],
  ["RESOLVE-HOSTNAME-IPV4", hostName("ipv4")],
  ["RESOLVE-HOSTNAME-IPV6", hostName("ipv6")],
  ["RESOLVE-ADDRESS", { argumentCount: 1, command: parseAddress }],
  ["BROWSE-DNS-SERVERS", dnsServers("any")],
  ["BROWSE-DNS-SERVERS-IPV4", dnsServers("ipv4")],
  ["BROWSE-DNS-SERVERS-IPV6", dnsServers("ipv6")],
]);

/** What clients see on `HELP`. */
export const HELP_TEXT = [
  "+ Available commands are:",
  "+      RESOLVE-HOSTNAME <hostname>",
  "+      RESOLVE-HOSTNAME-IPV6 <hostname>",
  "+      RESOLVE-HOSTNAME-IPV4 <hostname>",
  "+      RESOLVE-ADDRESS <address>",
  "+      BROWSE-DNS-SERVERS",
  "+      BROWSE-DNS-SERVERS-IPV4",
  "+      BROWSE-DNS-SERVERS-IPV6",
  "",
].join("\n");

/** Reads a line, given as one character an octet. Words beyond the second are ignored. */
export function parseCommand(line: string): Command {
  const [word, argument] = line.split(/[ \t\v\f\r]+/).filter((part) => part !== "");
  if (word === undefined) return refused('Failed to parse command, try "HELP".');
  const name = word.slice(0, COMMAND_SIZE_MAX);
  const words = COMMANDS.get(name);
  const argumentCount = argument === undefined ? 0 : 1;
  const isKnown = words?.argumentCount === "any" || words?.argumentCount === argumentCount;
  if (!isKnown) return refused(`Invalid command "${name}", try "HELP".`);
  return words.command(argument?.slice(0, ARGUMENT_SIZE_MAX) ?? "");
}

function hostName(family: "any" | Family): Words {
  return {
    argumentCount: 1,
    command: (argument) => ({ kind: "host-name", name: fromOctets(argument), family }),
  };
}

function dnsServers(family: "any" | Family): Words {
  return { argumentCount: 0, command: () => ({ kind: "dns-servers", family }) };
}

function parseAddress(text: string): Command {
  const address = text.includes("%") ? undefined : parseIpAddress(text);
  if (address !== undefined) return { kind: "address", address };
  const { code } = AvahiError.INVALID_ADDRESS;
  return { kind: "refused", reply: failureLine(code, `Failed to parse address "${text}".`) };
}

function refused(message: string): Command {
  return { kind: "refused", reply: failureLine(AvahiError.INVALID_OPERATION.code, message) };
}

function fromOctets(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
