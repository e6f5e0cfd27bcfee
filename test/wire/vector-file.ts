/**
 * The vectors of test/vectors: commented octets beside what they say. Those in recorded/ are packets
 * of other implementations as they were on a wire.
 *
 *     # Title
 *     dialect mdns | dns
 *     octets                  hexadecimal; a comment from `;`
 *     message                 in presentation format
 *     malformed CODE OFFSET   a record that is left out
 *     error CODE OFFSET       instead of a message: why there is none
 *     same                    composing the message gives the same octets; otherwise, others
 */

import { readdirSync, readFileSync } from "node:fs";
import type { Dialect } from "../../src/wire/message.ts";

export interface Vector {
  readonly file: string;
  readonly title: string;
  readonly dialect: Dialect;
  readonly octets: Uint8Array;
  readonly message: string;
  readonly malformed: readonly string[];
  readonly error: string | undefined;
  readonly composesSame: boolean;
}

const directory = new URL("../vectors/", import.meta.url);

export function loadVectors(): Vector[] {
  const files = readdirSync(directory, { encoding: "utf8", recursive: true }).filter((file) =>
    file.endsWith(".txt"),
  );
  return files.flatMap((file) => {
    const text = readFileSync(new URL(file, directory), "utf8");
    return text.split(/\n(?=# )/).map((block) => parseVector(file, block));
  });
}

function parseVector(file: string, block: string): Vector {
  const lines = block.split("\n").filter((line) => line !== "");
  const title = lines[0]!.slice(2);
  const linesOf = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const dialect = linesOf("dialect")[0];
  if (dialect !== "mdns" && dialect !== "dns") throw new Error(`${file}: "${title}": no dialect`);
  const hexadecimal = indentedUnder("octets", lines).map((line) => line.replace(/;.*/, ""));
  return {
    file,
    title,
    dialect,
    octets: new Uint8Array(Buffer.from(hexadecimal.join("").replaceAll(" ", ""), "hex")),
    message: indentedUnder("message", lines).join("\n"),
    malformed: linesOf("malformed"),
    error: linesOf("error")[0],
    composesSame: lines.includes("same"),
  };
}

function indentedUnder(key: string, lines: readonly string[]): string[] {
  const start = lines.indexOf(key) + 1;
  if (start === 0) return [];
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => !line.startsWith("  "));
  return rest.slice(0, end < 0 ? undefined : end).map((line) => line.slice(2));
}
