/** A server on a Unix socket of its own, as a temporary path to connect to. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestListener extends AsyncDisposable {
  readonly path: string;
}

export async function listen(accept: (socket: Socket) => void): Promise<TestListener> {
  const folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  const path = join(folder, "socket");
  const server = createServer(accept);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}
