/** How long something takes, in milliseconds. */

export async function timed<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly time: number }> {
  const startedAt = performance.now();
  const result = await run();
  return { result, time: performance.now() - startedAt };
}
