/**
 * TXT entries as a type of your own. What a program publishes is checked by the compiler; what comes
 * from the network is checked when it is read, as anybody may publish anything.
 */

import { Browser, Responder, type TxtValue } from "dotlocald";

/** How each entry is written and read. */
interface Entry<Value> {
  write(value: Value): string | true;
  /** undefined: not a valid value. */
  read(text: TxtValue | undefined): Value | undefined;
}

const text: Entry<string> = {
  write: (value) => value,
  read: (value) => (typeof value === "string" ? value : undefined),
};

const count: Entry<number> = {
  write: String,
  read: (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined),
};

/** RFC 6763 §6.4: a key without a value says yes by being there. */
const flag: Entry<boolean> = {
  write: () => true,
  read: (value) => value !== undefined,
};

class TypedTxt<Values extends object> {
  readonly #entries: { readonly [Key in keyof Values]: Entry<Values[Key]> };

  constructor(entries: { readonly [Key in keyof Values]: Entry<Values[Key]> }) {
    this.#entries = entries;
  }

  write(values: Values): Record<string, string | true> {
    const written: Record<string, string | true> = {};
    for (const key in this.#entries) {
      const value = values[key];
      if (value !== false) written[key] = this.#entries[key].write(value);
    }
    return written;
  }

  /** undefined: an entry is missing or not valid. */
  read(txt: Readonly<Record<string, TxtValue>>): Values | undefined {
    const values: Partial<Values> = {};
    for (const key in this.#entries) {
      const value = this.#entries[key].read(txt[key]);
      if (value === undefined) return undefined;
      values[key] = value;
    }
    return values as Values;
  }
}

/** A 3-D printer's, say. */
const printerTxt = new TypedTxt({ model: text, heads: count, enclosed: flag });

await using responder = new Responder();
const service = await responder.publish({
  name: "Workshop printer",
  type: "_octoprint._tcp",
  port: 5000,
  // A missing entry, or `heads: "two"`, does not compile.
  txt: printerTxt.write({ model: "Mk4", heads: 2, enclosed: true }),
});
await service.established();

await using browser = new Browser("_octoprint._tcp", { resolve: true });
for await (const found of browser) {
  if (found.event !== "resolved") continue;
  const printer = printerTxt.read(found.service.txt);
  if (printer === undefined) continue;
  process.stdout.write(`${printer.model} with ${printer.heads.toFixed()} heads\n`);
  break;
}
