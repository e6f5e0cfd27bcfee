import {
  existsSync,
  linkSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PathClaim } from "../../src/servers/path-claim.ts";

let folder: string;
let path: string;
let claim: PathClaim;
const others: Server[] = [];

/** What answers at the path: our word or another's. */
function answer(): Promise<string> {
  return text(connect(path)).catch(({ code }) => code);
}

async function startOther(word: string): Promise<Server> {
  const server = createServer((socket) => socket.end(word));
  others.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}

async function stopOther(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  path = join(folder, "deeper/socket");
  claim = new PathClaim({ path, onConnection: (socket) => socket.end("ours"), lookInterval: 10 });
});

afterEach(async () => {
  await claim.close();
  for (const server of others.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a free path is taken with its folder, and given up without a trace", async () => {
  await claim.open();
  expect(claim.state).toEqual({ state: "held" });
  expect(await answer()).toBe("ours");
  await claim.close();
  expect(existsSync(path)).toBe(false);
});

test("a path that somebody answers on is left alone until they go", async () => {
  await claim.open();
  await claim.close();
  const other = await startOther("theirs");
  await claim.open();
  expect(claim.state).toEqual({ state: "taken" });
  expect(await answer()).toBe("theirs");
  await stopOther(other);
  await vi.waitFor(() => expect(claim.state).toEqual({ state: "held" }));
  expect(await answer()).toBe("ours");
});

test("a socket whose owner is gone is replaced", async () => {
  await claim.open();
  await claim.close();
  const other = await startOther("theirs");
  const kept = `${path}.kept`;
  // The name of a listener that ends: what is left at the path answers nobody.
  linkSync(path, kept);
  await stopOther(other);
  renameSync(kept, path);
  expect(await answer()).toBe("ECONNREFUSED");
  await claim.open();
  expect(await answer()).toBe("ours");
});

test("another program that puts its own socket there has the path, also when we close", async () => {
  await claim.open();
  unlinkSync(path);
  await startOther("theirs");
  await vi.waitFor(() => expect(claim.state).toEqual({ state: "taken" }));
  await claim.close();
  expect(await answer()).toBe("theirs");
});

test("a path that somebody unlinks is taken again", async () => {
  await claim.open();
  unlinkSync(path);
  await vi.waitFor(async () => expect(await answer()).toBe("ours"), { timeout: 5_000 });
});

test("who unlinks our socket has time to bind another one", async () => {
  await claim.open();
  unlinkSync(path);
  await vi.waitFor(() => expect(claim.state).toEqual({ state: "taken" }));
  await claim.look();
  await startOther("theirs");
  await claim.look();
  expect(await answer()).toBe("theirs");
});

test("what is no socket is left alone", async () => {
  await claim.open();
  await claim.close();
  writeFileSync(path, "kept");
  await claim.open();
  expect(claim.state).toEqual({ state: "taken" });
});

test("a path that cannot be had is told once, with the reason", async () => {
  writeFileSync(join(folder, "deeper"), "a file");
  const onChange = vi.fn();
  const refused = new PathClaim({ path, onConnection: () => {}, lookInterval: 10, onChange });
  await refused.open();
  await refused.look();
  expect(onChange.mock.calls).toEqual([
    [{ state: "refused", error: expect.objectContaining({ code: "ENOTDIR" }) }],
  ]);
  await refused.close();
});
