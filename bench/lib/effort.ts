/**
 * How thorough a benchmark is: `npm run bench -- --quick` asks for so few rounds that all benchmarks
 * together take some minutes, and their figures for a first impression only.
 */

export const quick = process.argv.includes("--quick");

/** Rounds that are full as a rule and many enough for a median, or as few as say something. */
export function rounds(full: number): number {
  return quick ? Math.max(1, Math.ceil(full / 4)) : full;
}
