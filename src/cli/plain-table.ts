/** Tables without lines, as lines of text: a head and rows in aligned columns. */

import Table from "cli-table3";

const PLAIN = {
  chars: {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  },
  style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
};

/** The cells are printed as they are. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const table = new Table({ ...PLAIN, head: [...head] });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}
