import { expect, test } from "vitest";
import { Host } from "./lan.ts";
import { describeEndToEnd } from "./requirements.ts";

describeEndToEnd("processes on a host", {}, () => {
  test("a program gives its output and its status", async () => {
    await using host = await Host.create("alpha");
    const result = await host.run("sh", ["-c", "cat; echo oops >&2; exit 7"], { input: "text" });
    expect(result).toEqual({ stdout: "text", stderr: "oops\n", status: 7 });
  });

  test("a program that takes too long is ended", async () => {
    await using host = await Host.create("alpha");
    await expect(host.run("sleep", ["1000"], { timeout: 100 })).rejects.toThrow(
      "[alpha] sleep 1000 took more than 100 ms",
    );
  });

  test("a long-running program is watched line by line and stopped with SIGTERM", async () => {
    await using host = await Host.create("alpha");
    const program = host.spawn("sh", [
      "-c",
      "trap 'echo bye; exit 3' TERM; echo number 42; while :; do sleep 0.01; done",
    ]);
    expect((await program.line(/number (\d+)/))[1]).toBe("42");
    expect(program.isRunning).toBe(true);
    expect(await program.stop()).toBe(3);
    expect(program.stdout).toBe("number 42\nbye\n");
  });

  test("waiting for a line that never comes tells what was printed", async () => {
    await using host = await Host.create("alpha");
    const program = host.spawn("sh", ["-c", "echo no >&2; sleep 1000"]);
    await program.line(/no/);
    await expect(program.line(/yes/, 50)).rejects.toThrow(/printed no \/yes\/ within 50 ms\nno/);
    await program.kill();
    await expect(program.line(/yes/)).rejects.toThrow("ended");
  });

  test("a program that ends fails those who wait for a line of it", async () => {
    await using host = await Host.create("alpha");
    await expect(host.spawn("sh", ["-c", "exit 5"]).line(/ready/)).rejects.toThrow(
      "ended with status 5 before /ready/",
    );
  });
});
