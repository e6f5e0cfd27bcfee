/**
 * A vitest reporter that counts: the last line of a run is `N passed, N failed, N skipped`. A file
 * that cannot be loaded, a failing hook and an unhandled error each count as one failure.
 */

export default class CountReporter {
  #counts = { passed: 0, failed: 0, skipped: 0 };

  onInit() {
    // Vitest still writes after its last hook.
    process.on("exit", () => {
      const { passed, failed, skipped } = this.#counts;
      process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }

  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") counts[state]++;
      }
    }
    this.#counts = counts;
  }
}
