/** A certificate authority of our own and certificates by it, made by openssl for one test run. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Credentials {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), "dotlocal-ca-"));
  readonly caFile = join(this.#folder, "ca.pem");

  constructor() {
    this.#openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority"],
    );
  }

  /** A certificate for these, e.g. `DNS:dns.example` or `IP:127.0.0.1`. */
  issue(...alternativeNames: readonly string[]): Credentials {
    writeFileSync(join(this.#folder, "ext"), `subjectAltName=${alternativeNames.join(",")}\n`);
    this.#openssl(
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=Test server"],
    );
    this.#openssl(
      ...["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "ext"],
    );
    return { key: this.#read("server.key"), cert: this.#read("server.pem") };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  #openssl(...parts: readonly string[]): void {
    execFileSync("openssl", [...parts], { cwd: this.#folder, stdio: "pipe" });
  }
}
