/**
 * A vitest reporter that counts: the last line of a run is `N passed, N failed, N skipped`. A file
 * that cannot be loaded, a failing hook and an unhandled error each count as one failure. What passed
 * only when it was tried again is named before that, with what it failed of.
 */

export default class CountReporter {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #triedAgain = [];

  onInit() {
    // Vitest still writes after its last hook.
    process.on("exit", () => {
      for (const line of this.#triedAgain) process.stdout.write(`${line}\n`);
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
        const { state, errors } = test.result();
        if (state !== "pending") counts[state]++;
        if (test.diagnostic()?.flaky) this.#triedAgain.push(triedAgain(module, test, errors));
      }
    }
    this.#counts = counts;
  }
}

function triedAgain({ relativeModuleId }, { fullName }, errors) {
  const [reason] = (errors?.[0]?.message ?? "").split("\n", 1);
  return `passed only when tried again: ${relativeModuleId}: ${fullName}: ${reason}`;
}
