/**
 * TLS to name servers (RFC 7858, RFC 8310 §8.1): the server must show a certificate for its name, or
 * for its address where no name is known, from an authority of the system, of a given file, or of the
 * file that NODE_EXTRA_CA_CERTS names, which adds to Node's own authorities as well.
 */

import { readFileSync } from "node:fs";
import type { ConnectionOptions, SecureContext, TLSSocket } from "node:tls";
import { DotlocalError } from "../../core/errors.ts";
import type { ExchangeServer } from "../../core/exchange.ts";
import { codeOf, hostOf } from "./channel.ts";

/** Where systems keep their certificate authorities, in one file. */
const SYSTEM_CA_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Loaded when first wanted: most never speak TLS. */
function tls() {
  return process.getBuiltinModule("node:tls");
}

/** The authorities that are trusted; made once, since reading them takes a while. */
export class TrustedAuthorities {
  readonly #file: string | undefined;
  #context: SecureContext | undefined;

  /** `file` in PEM, in addition to the system's; default: the one NODE_EXTRA_CA_CERTS names. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Throws UNREADABLE_FILE when the given file cannot be read. */
  get context(): SecureContext {
    this.#context ??= tls().createSecureContext({
      ca: [...systemAuthorities(), ...this.#given()],
      minVersion: "TLSv1.2",
    });
    return this.#context;
  }

  #given(): readonly string[] {
    if (this.#file === undefined) return extraAuthorities();
    try {
      return [readFileSync(this.#file, "utf8")];
    } catch (cause) {
      throw new DotlocalError("UNREADABLE_FILE", `cannot read ${this.#file}`, { cause });
    }
  }
}

/** Where the file cannot be read, Node itself has warned of it. */
function extraAuthorities(): readonly string[] {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  if (file === undefined || file === "") return [];
  try {
    return [readFileSync(file, "utf8")];
  } catch {
    return [];
  }
}

function systemAuthorities(): readonly string[] {
  for (const file of SYSTEM_CA_FILES) {
    try {
      return [readFileSync(file, "utf8")];
    } catch {
      // The next may be there; else those that came with Node.
    }
  }
  return tls().rootCertificates;
}

/** Connects; `session` resumes an earlier one. */
export function connectSecurely(
  server: ExchangeServer,
  authorities: TrustedAuthorities,
  parts: Pick<ConnectionOptions, "ALPNProtocols" | "session">,
): TLSSocket {
  const { serverName, address } = server;
  const { connect, checkServerIdentity } = tls();
  return connect({
    host: hostOf(server),
    port: server.port,
    secureContext: authorities.context,
    rejectUnauthorized: true,
    // An address is no server name (RFC 6066 §3), and its certificate names the address.
    ...(serverName === undefined ? {} : { servername: serverName }),
    checkServerIdentity: (_, certificate) =>
      checkServerIdentity(serverName ?? address, certificate),
    ...parts,
  });
}

const CERTIFICATE_CODES =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME|HOSTNAME_MISMATCH|INVALID_CA/;
const PROTOCOL_CODES = /^(ERR_SSL|ERR_TLS|ERR_HTTP2|EPROTO|HPE_)/;

/** What an exchange is told of a connection's error. */
export function failureCode(error: Error): string {
  const code = codeOf(error);
  if (CERTIFICATE_CODES.test(code)) return "CERTIFICATE";
  return PROTOCOL_CODES.test(code) ? "PROTOCOL" : code;
}
