/** A live table of services on a terminal, sorted, redrawn in place as they come and go. */

import { printable } from "../core/text.ts";
import type { BrowseEvent, FoundService, ResolvedService } from "../runtime/services.ts";
import { plainTable } from "./plain-table.ts";
import { loadTypeNames, type TypeNames } from "./service-type-names.ts";

/** Milliseconds between two drawings: bursts are drawn once. */
const REDRAW_INTERVAL = 100;

/** A long list takes its time: so many times that of the last drawing lies between two. */
const REDRAW_REST = 10;

const WIDTH_DEFAULT = 80;
const HEIGHT_DEFAULT = 24;

const HEAD_BOLD = "\u001b[1m";
const RESET = "\u001b[0m";

export interface TableOptions {
  readonly resolve?: boolean;
  /** false: `--no-color`. */
  readonly color?: boolean;
}

type Row = FoundService & Partial<ResolvedService>;

export class BrowseTable {
  readonly #options: TableOptions;
  readonly #rows = new Map<string, Row>();
  #typeNames: TypeNames = (type) => type;
  #timer: NodeJS.Timeout | undefined;
  #linesDrawn = 0;
  #interval = REDRAW_INTERVAL;

  constructor(options: TableOptions) {
    this.#options = options;
    void loadTypeNames().then((names) => {
      this.#typeNames = names;
      this.#drawSoon();
    });
    this.#drawSoon();
  }

  show({ event, service }: BrowseEvent): void {
    const key = `${service.interface} ${service.name}`;
    if (event === "removed") this.#rows.delete(key);
    else if (event !== "unresolved") this.#rows.set(key, service);
    this.#drawSoon();
  }

  /** The last state stays on the screen. */
  end(): void {
    clearTimeout(this.#timer);
    this.#draw();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const start = performance.now();
      this.#draw();
      const rest = REDRAW_REST * (performance.now() - start);
      this.#interval = Math.max(REDRAW_INTERVAL, rest);
    }, this.#interval);
  }

  #draw(): void {
    // A terminal that does not know its size says 0.
    const columns = process.stdout.columns || WIDTH_DEFAULT;
    const rows = process.stdout.rows || HEIGHT_DEFAULT;
    const services = [...this.#rows.values()];
    const lines = tableLines(services, this.#options, this.#typeNames, rows - 1);
    const shown = lines.map((line) => cut(line, columns));
    if (this.#options.color !== false && process.env["NO_COLOR"] === undefined) {
      shown[0] = `${HEAD_BOLD}${shown[0]}${RESET}`;
    }
    // Up to where the last drawing began, and everything from there on cleared.
    const start = this.#linesDrawn === 0 ? "" : `\u001b[${this.#linesDrawn}A`;
    process.stdout.write(`${start}\r\u001b[J${shown.join("\n")}\n`);
    this.#linesDrawn = shown.length;
  }
}

/**
 * The head, then a line a service, by type, name and link; of more than `linesMax` lines the first
 * ones, and how many more there are.
 */
export function tableLines(
  services: readonly Row[],
  { resolve = false }: TableOptions,
  typeNames: TypeNames,
  linesMax = Number.POSITIVE_INFINITY,
): string[] {
  const head = ["WHAT", "NAME", "LINK", ...(resolve ? ["HOST", "PORT", "ADDRESSES"] : [])];
  const rows = services.map((service) => [
    typeNames(service.type),
    service.instance,
    service.interface,
    ...(resolve ? targetCells(service) : []),
  ]);
  rows.sort((a, b) => compareCells(a, b));
  const isWhole = rows.length + 1 <= linesMax;
  const shown = isWhole ? rows : rows.slice(0, Math.max(0, linesMax - 2));
  const lines = plainTable(
    head,
    shown.map((row) => row.map(printable)),
  );
  return isWhole ? lines : [...lines, `... and ${rows.length - shown.length} more`];
}

function targetCells({ host = "", port, addresses = [] }: Row): string[] {
  return [host, port === undefined ? "" : String(port), addresses.join(" ")];
}

function compareCells(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index++) {
    const order = a[index] === b[index] ? 0 : a[index]!.localeCompare(b[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

function cut(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join("")}…`;
}
