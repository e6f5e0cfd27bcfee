/** The arguments of `dns.lookup` in all their forms, checked as Node checks them. */

import {
  ADDRCONFIG,
  ALL,
  getDefaultResultOrder,
  type LookupAddress,
  type LookupOptions,
  V4MAPPED,
} from "node:dns";

export type AddressOrder = "verbatim" | "ipv4first" | "ipv6first";

export type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address?: string | null | LookupAddress[],
  family?: number,
) => void;

export interface LookupCall {
  readonly hostname: string;
  readonly family: 0 | 4 | 6;
  readonly hints: number;
  readonly all: boolean;
  readonly order: AddressOrder;
  /** As they were given. */
  readonly options: LookupOptions;
}

const FAMILIES: ReadonlyMap<unknown, 0 | 4 | 6> = new Map<unknown, 0 | 4 | 6>([
  ...([
    [undefined, 0],
    [null, 0],
    [0, 0],
    [4, 4],
    [6, 6],
  ] as const),
  ...([
    ["IPv4", 4],
    ["IPv6", 6],
  ] as const),
]);

const ORDERS: readonly unknown[] = ["verbatim", "ipv4first", "ipv6first"];

const HINTS = ADDRCONFIG | V4MAPPED | ALL;

/** `(hostname, callback)`, `(hostname, family, callback)`, `(hostname, options, callback)`. */
export function lookupCall(args: readonly unknown[]): {
  readonly call: LookupCall;
  readonly callback: LookupCallback;
} {
  const [given, second, third] = args;
  if (given && typeof given !== "string") throw wrongType("hostname", "string", given);
  const hostname = typeof given === "string" ? given : "";
  const callback = typeof second === "function" ? second : third;
  if (typeof callback !== "function") throw wrongType("callback", "function", callback);
  const options = optionsOf(typeof second === "function" ? undefined : second);
  return {
    call: {
      hostname,
      options,
      family: familyOf(options.family),
      hints: hintsOf(options.hints),
      all: switchOf("all", options.all) ?? false,
      order: orderOf(options),
    },
    callback: callback as LookupCallback,
  };
}

function optionsOf(given: unknown): LookupOptions & { order?: unknown } {
  if (given === undefined || given === null) return {};
  if (typeof given === "number") return { family: given };
  if (typeof given === "object") return given;
  throw wrongType("options", "integer or an object", given);
}

function familyOf(given: unknown): 0 | 4 | 6 {
  const family = FAMILIES.get(given);
  if (family === undefined) throw wrongValue("options.family", "one of: 0, 4, 6", given);
  return family;
}

function hintsOf(given: unknown): number {
  if (given === undefined || given === null) return 0;
  if (typeof given !== "number") throw wrongType("options.hints", "number", given);
  if ((given & ~HINTS) !== 0) throw wrongValue("hints", "a combination of hints", given);
  return given;
}

/** Like Node: `order` goes before `verbatim`, and the process's default holds without either. */
function orderOf(options: LookupOptions & { order?: unknown }): AddressOrder {
  const { order } = options;
  const verbatim = switchOf("verbatim", options.verbatim);
  if (order !== undefined && order !== null) {
    if (!ORDERS.includes(order)) {
      throw wrongValue("options.order", "one of: 'verbatim', 'ipv4first', 'ipv6first'", order);
    }
    return order as AddressOrder;
  }
  if (verbatim !== undefined) return verbatim ? "verbatim" : "ipv4first";
  return getDefaultResultOrder() as AddressOrder;
}

function switchOf(name: string, given: unknown): boolean | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "boolean") throw wrongType(`options.${name}`, "boolean", given);
  return given;
}

function wrongType(name: string, expected: string, given: unknown): TypeError {
  const message = `The "${name}" argument must be of type ${expected}. Received ${typeof given}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
}

function wrongValue(name: string, expected: string, given: unknown): TypeError {
  const message = `The property '${name}' must be ${expected}. Received ${String(given)}`;
  return Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_VALUE" });
}
