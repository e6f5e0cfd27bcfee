/**
 * The calls of libc that `node:` modules do not offer, bound through koffi.
 *
 * koffi is optional: where it, Linux or the layouts below are missing, `libc()` is undefined and
 * callers do without. Structures are laid out by hand in octets, at the offsets of 64-bit
 * little-endian Linux, which are the same for x86-64 and arm64, glibc and musl.
 */

import { createRequire } from "node:module";
import { endianness } from "node:os";
import { getSystemErrorName } from "node:util";
import { isMainThread } from "node:worker_threads";

type Koffi = typeof import("koffi");

/** What a `void *` parameter takes: octets, or an address from `addressOf`. */
export type Pointer = Uint8Array | bigint | null;

type IntFunction = (...parameters: (number | Pointer)[]) => number;

/** A descriptor that the event loop watches. It ends with this object, so it must be held. */
export interface Poll {
  /** Goes on after an error, at which the event loop stops watching. */
  start(onEvent: PollListener): void;
  unref(): void;
  /** To be called before the descriptor is closed. */
  close(): void;
}

/** Gets a negative status after an error of the descriptor. */
export type PollListener = (status: number) => void;

/** What koffi has for it; its own types leave the status out. */
interface Polling {
  poll(descriptor: number, onEvent: PollListener): Poll;
}

/** A failed call, as Node's own system errors look. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** The operating system's code, e.g. `EADDRINUSE`. */
  readonly code: string;
  readonly syscall: string;
  /** The code's number, also for those that Node has no name for. */
  readonly errno: number;

  constructor(syscall: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${syscall}: ${code}`);
    this.code = code;
    this.syscall = syscall;
    this.errno = errno;
  }
}

export class Libc {
  readonly #koffi: Koffi;
  readonly #functions = new Map<string, IntFunction>();

  constructor(koffi: Koffi) {
    this.#koffi = koffi;
    const library = koffi.load(null);
    for (const [name, parameters] of Object.entries(SIGNATURES)) {
      this.#functions.set(name, library.func(name, "int", [...parameters]));
    }
  }

  /** Calls a function; a negative result is thrown as a `SystemError`. */
  call(name: FunctionName, ...parameters: (number | Pointer)[]): number {
    const outcome = this.#functions.get(name)!(...parameters);
    if (outcome < 0) throw new SystemError(name, this.#koffi.errno());
    return outcome;
  }

  /** The bare function, for hot paths: -1 says failed, and then `errorCode` why. */
  function(name: FunctionName): IntFunction {
    return this.#functions.get(name)!;
  }

  /** The code of the last failure of a bare function, e.g. `EAGAIN`. */
  errorCode(): string {
    return getSystemErrorName(-this.#koffi.errno());
  }

  /** Where a buffer lies; valid for as long as the buffer is held. */
  addressOf(buffer: ArrayBuffer): bigint {
    return this.#koffi.address(buffer);
  }

  /** Has the event loop watch a descriptor for something to read. */
  poll(descriptor: number, onEvent: PollListener): Poll {
    return (this.#koffi.node as unknown as Polling).poll(descriptor, onEvent);
  }

  setIntOption(descriptor: number, level: number, option: number, value: number): void {
    this.setOption(descriptor, level, option, new Uint8Array(Int32Array.of(value).buffer));
  }

  setOption(descriptor: number, level: number, option: number, value: Uint8Array): void {
    this.call("setsockopt", descriptor, level, option, value, value.length);
  }

  /** The octets of an option, at most `sizeMax` of them. */
  option(descriptor: number, level: number, option: number, sizeMax: number): Uint8Array {
    const value = new Uint8Array(sizeMax);
    const size = Uint32Array.of(sizeMax);
    this.call("getsockopt", descriptor, level, option, value, new Uint8Array(size.buffer));
    return value.subarray(0, size[0]!);
  }
}

const SIGNATURES = {
  socket: ["int", "int", "int"],
  bind: ["int", "void *", "uint32_t"],
  connect: ["int", "void *", "uint32_t"],
  close: ["int"],
  fcntl: ["int", "int", "intptr_t"],
  setsockopt: ["int", "int", "int", "void *", "uint32_t"],
  getsockopt: ["int", "int", "int", "void *", "void *"],
  getsockname: ["int", "void *", "void *"],
  recv: ["int", "void *", "size_t", "int"],
  sendto: ["int", "void *", "size_t", "int", "void *", "uint32_t"],
  recvmmsg: ["int", "void *", "uint32_t", "int", "void *"],
  sendmmsg: ["int", "void *", "uint32_t", "int"],
  clock_gettime: ["int", "void *"],
} as const;

export type FunctionName = keyof typeof SIGNATURES;

/** Does without koffi when set to `portable`, as if it were not installed. */
const MODE_VARIABLE = "DOTLOCAL_TRANSPORT";

export function isPortableForced(): boolean {
  return process.env[MODE_VARIABLE] === "portable";
}

let loaded: Libc | "unavailable" | undefined;

/**
 * The bindings, or undefined where they cannot be had. Worker threads do without: their end, while
 * koffi has the event loop watch something for them, would be that of the process.
 */
export function libc(): Libc | undefined {
  loaded ??= load() ?? "unavailable";
  return loaded === "unavailable" ? undefined : loaded;
}

function load(): Libc | undefined {
  if (!isMainThread || isPortableForced()) return undefined;
  if (process.platform !== "linux" || endianness() !== "LE") return undefined;
  try {
    const koffi = createRequire(import.meta.url ?? __filename)("koffi") as Koffi;
    return isUsable(koffi) ? new Libc(koffi) : undefined;
  } catch {
    return undefined;
  }
}

function isUsable(koffi: Koffi): boolean {
  return koffi.sizeof("void *") === 8 && typeof koffi.node?.poll === "function";
}
