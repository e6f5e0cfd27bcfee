/** `dotlocal browse`: services as they come and go, as lines, as JSON, or as a live table. */

import { EXIT_DONE, EXIT_NOT_FOUND } from "../core/errors.ts";
import { PacedText } from "../runtime/paced-text.ts";
import type { BrowseEvent, BrowseQuery } from "../runtime/services.ts";
import { withDirectory } from "./directory-choice.ts";
import { interruption } from "./interruption.ts";
import type { LookupOptions } from "./options.ts";
import { eventJson, eventLine } from "./service-fields.ts";

export interface BrowseOptions extends LookupOptions {
  readonly resolve?: boolean;
  readonly once?: boolean;
  /** Milliseconds. */
  readonly quiet: number;
  readonly domain?: string;
  readonly color?: boolean;
}

/** Shows what happened; told last that nothing more comes. */
interface Display {
  show(event: BrowseEvent): void;
  end(): void;
}

/** With `--once`, exit status 1 when nothing was found. */
export async function browseCommand(
  type: string | undefined,
  options: BrowseOptions,
): Promise<number> {
  const signal = interruption(options.timeout);
  const display = await chooseDisplay(options);
  let isFound = false;
  try {
    await withDirectory(options, async (directory) => {
      for await (const event of directory.browse(browseQuery(type, options), signal)) {
        isFound = true;
        display.show(event);
      }
    });
  } finally {
    display.end();
  }
  return options.once && !isFound ? EXIT_NOT_FOUND : EXIT_DONE;
}

function browseQuery(type: string | undefined, options: BrowseOptions): BrowseQuery {
  const { interface: interfaces, domain, resolve = false, once, quiet } = options;
  return {
    resolve,
    ...(once ? { quiet } : {}),
    ...(type === undefined ? {} : { type }),
    ...(domain === undefined ? {} : { domain }),
    ...(interfaces === undefined ? {} : { interfaces }),
  };
}

async function chooseDisplay(options: BrowseOptions): Promise<Display> {
  if (options.json) return lineDisplay(eventJson);
  if (options.once || process.stdout.isTTY !== true) return lineDisplay(eventLine);
  const { BrowseTable } = await import("./browse-table.ts");
  return new BrowseTable(options);
}

function lineDisplay(format: (event: BrowseEvent) => string | undefined): Display {
  const lines = new PacedText((text) => process.stdout.write(text));
  return {
    show(event) {
      const line = format(event);
      if (line !== undefined) lines.add(`${line}\n`);
    },
    end: () => lines.flush(),
  };
}
