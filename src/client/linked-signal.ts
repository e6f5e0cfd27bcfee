/** A signal of one's own that another one aborts too. */

export interface LinkedSignal {
  readonly signal: AbortSignal;
  abort(): void;
}

export function linkedSignal(other: AbortSignal | undefined): LinkedSignal {
  const controller = new AbortController();
  const abort = (): void => {
    other?.removeEventListener("abort", abort);
    controller.abort(other?.reason);
  };
  if (other?.aborted) abort();
  else other?.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, abort };
}
