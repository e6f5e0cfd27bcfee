/** Where `monitor` shows messages: lines for people, JSON for programs, a capture for Wireshark. */

import { closeSync, openSync, writeSync } from "node:fs";
import { DotlocalError } from "../core/errors.ts";
import type { SeenMessage } from "../runtime/seen-message.ts";
import { type LineKind, lineFields, type MessageLine } from "./message-lines.ts";
import { pcapHeader, pcapPacket } from "./pcap.ts";

export interface MessageDisplay {
  /** `lines`: those of the message that are wanted. */
  show(message: SeenMessage, lines: readonly MessageLine[]): void;
  close(): void;
}

const RESET = "\u001b[0m";

const COLORS: Readonly<Record<LineKind, string>> = {
  query: "\u001b[36m",
  probe: "\u001b[33m",
  claim: "\u001b[33m",
  known: "\u001b[2m",
  answer: "\u001b[32m",
  authority: "\u001b[32m",
  extra: "\u001b[2;32m",
  negative: "\u001b[35m",
  goodbye: "\u001b[31m",
  empty: "\u001b[2m",
  malformed: "\u001b[1;31m",
};

/** Fields in columns, which grow with what comes; to a pipe, fields between tabs. */
export function lineDisplay(hasColor: boolean): MessageDisplay {
  const isTable = process.stdout.isTTY === true;
  const widths: number[] = [];
  return {
    show(message, lines) {
      for (const [index, line] of lines.entries()) {
        const fields = lineFields(message, line, index === 0);
        const text = isTable ? aligned(fields, widths) : fields.join("\t");
        process.stdout.write(`${hasColor ? `${COLORS[line.kind]}${text}${RESET}` : text}\n`);
      }
    },
    close() {},
  };
}

export function jsonDisplay(): MessageDisplay {
  return {
    show(message) {
      process.stdout.write(`${JSON.stringify(message)}\n`);
    },
    close() {},
  };
}

/** `-` is standard output. @throws DotlocalError UNREADABLE_FILE when it cannot be written. */
export function pcapDisplay(path: string): MessageDisplay {
  const file = path === "-" ? undefined : openFile(path);
  const write = (octets: Uint8Array): void => {
    if (file === undefined) process.stdout.write(octets);
    else writeSync(file, octets);
  };
  write(pcapHeader());
  return {
    show(message) {
      const packet = pcapPacket(message);
      if (packet !== undefined) write(packet);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    const { message } = cause as Error;
    throw new DotlocalError("UNREADABLE_FILE", `cannot write ${path}: ${message}`, { cause });
  }
}

/** The last field is not padded. */
function aligned(fields: readonly string[], widths: number[]): string {
  return fields
    .map((field, index) => {
      if (index === fields.length - 1) return field;
      widths[index] = Math.max(widths[index] ?? 0, field.length);
      return field.padEnd(widths[index]);
    })
    .join("  ");
}
