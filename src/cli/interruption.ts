/** Ctrl-C and SIGTERM as an abort signal: commands that run on end in order, with status 0. */

export function interruption(timeout: number | undefined): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.once("SIGHUP", stop);
  if (timeout !== undefined) setTimeout(stop, timeout).unref();
  return controller.signal;
}
