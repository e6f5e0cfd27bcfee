/** Which messages, and which lines of them, `monitor` shows. */

import { matchesGlob } from "../config/glob.ts";
import { parseNetwork } from "../config/network-values.ts";
import { DotlocalError } from "../core/errors.ts";
import { type IpAddress, isInSubnet } from "../core/ip-address.ts";
import type { SeenMessage } from "../runtime/seen-message.ts";
import { Name } from "../wire/name.ts";
import { formatType, parseType } from "../wire/type-names.ts";
import type { MessageLine } from "./message-lines.ts";

/** Of each that is given, one must fit. */
export interface FilterOptions {
  /** Record types. */
  readonly type?: readonly string[] | undefined;
  /** Names, with all below them; or globs. */
  readonly name?: readonly string[] | undefined;
  /** Addresses and networks of senders. */
  readonly from?: readonly string[] | undefined;
  /** Globs of interface names. */
  readonly links?: readonly string[] | undefined;
  readonly ipv4Only?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
}

type Test<Subject> = (subject: Subject) => boolean;

export class MessageFilter {
  readonly #messageTests: readonly Test<SeenMessage>[];
  readonly #lineTests: readonly Test<MessageLine>[];

  /** @throws DotlocalError INVALID_ARGUMENT, INVALID_NAME. */
  constructor({ type, name, from, links, ipv4Only, ipv6Only }: FilterOptions) {
    this.#messageTests = [
      ...anyOf(from, senderTest),
      ...anyOf(links, linkTest),
      ...(ipv4Only ? [ofFamily("ipv4")] : []),
      ...(ipv6Only ? [ofFamily("ipv6")] : []),
    ];
    this.#lineTests = [...anyOf(type, typeTest), ...anyOf(name, nameTest)];
  }

  accepts(message: SeenMessage): boolean {
    return this.#messageTests.every((test) => test(message));
  }

  acceptsLine(line: MessageLine): boolean {
    return this.#lineTests.every((test) => test(line));
  }
}

function anyOf<Subject>(
  wanted: readonly string[] | undefined,
  testOf: (text: string) => Test<Subject>,
): Test<Subject>[] {
  if (wanted === undefined || wanted.length === 0) return [];
  const tests = wanted.map(testOf);
  return [(subject) => tests.some((test) => test(subject))];
}

function ofFamily(family: SeenMessage["family"]): Test<SeenMessage> {
  return (message) => message.family === family;
}

function linkTest(glob: string): Test<SeenMessage> {
  return (message) => matchesGlob(glob, message.interface);
}

function typeTest(text: string): Test<MessageLine> {
  const type = parseType(text);
  if (type === undefined) {
    throw new DotlocalError("INVALID_ARGUMENT", `--type: "${text}" is not a record type`);
  }
  const mnemonic = formatType(type);
  return (line) => line.type === mnemonic;
}

function nameTest(text: string): Test<MessageLine> {
  const isMatch = /[*?[]/.test(text) ? globTest(text) : belowTest(text);
  return ({ name, target }) =>
    (name !== undefined && isMatch(name)) || (target !== undefined && isMatch(target));
}

function globTest(text: string): Test<string> {
  const glob = text.toLowerCase().replace(/\.$/, "");
  return (name) => matchesGlob(glob, name.toLowerCase().replace(/\.$/, ""));
}

function belowTest(text: string): Test<string> {
  const above = Name.parse(text);
  return (candidate) => {
    const name = Name.tryParse(candidate);
    return typeof name !== "string" && name.isWithin(above);
  };
}

function senderTest(text: string): Test<SeenMessage> {
  const network = parseNetwork(text);
  if (!network.ok) throw new DotlocalError("INVALID_ARGUMENT", `--from: ${network.error}`);
  const { address, prefixLength } = network.value;
  return ({ source }) =>
    isInSubnet(source.address.replace(/%.*$/, "") as IpAddress, address, prefixLength);
}
