/** A folder of its own for a test, gone after it. */

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ServicesConfiguration } from "../../src/config/configuration.ts";

export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "dotlocal-"));

  file(name: string): string {
    return join(this.path, name);
  }

  /** @param modified seconds since 1970 of its last change. Default: long ago. */
  write(name: string, text: string, modified = 1000): string {
    const path = this.file(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, modified, modified);
    return path;
  }

  remove(name: string): void {
    rmSync(this.file(name), { recursive: true });
  }

  /** Its subfolders `own`, `avahi`, `etc` and `run`, and its file `hosts`. */
  get services(): ServicesConfiguration {
    return {
      directories: [this.file("own")],
      avahi: [this.file("avahi")],
      avahiHosts: [this.file("hosts")],
      systemd: [this.file("etc"), this.file("run")],
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function web(name: string, port = 80): string {
  return `name: ${name}\ntype: _http._tcp\nport: ${port}\n`;
}

export function avahi(name: string, port = 80): string {
  const service = `<service><type>_http._tcp</type><port>${port}</port></service>`;
  return `<service-group><name>${name}</name>${service}</service-group>\n`;
}

export function systemd(name: string, port = 80): string {
  return `[Service]\nName=${name}\nType=_http._tcp\nPort=${port}\n`;
}
