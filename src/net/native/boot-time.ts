/** Boot time, suspends counted, exact and without reading a file. */

import { libc } from "./libc.ts";

/** <time.h>: counts the time the host was suspended. */
const CLOCK_BOOTTIME = 7;

/** A function that reads boot time in milliseconds; undefined where koffi is missing. */
export function readBootTime(): (() => number) | undefined {
  const native = libc();
  if (native === undefined) return undefined;
  const clockGettime = native.function("clock_gettime");
  const timespec = new BigInt64Array(new ArrayBuffer(16));
  const address = native.addressOf(timespec.buffer);
  return () => {
    clockGettime(CLOCK_BOOTTIME, address);
    return Number(timespec[0]!) * 1000 + Number(timespec[1]!) / 1_000_000;
  };
}
