/**
 * The sockets of other responders that this daemon answers on in their place, so that the programs
 * of the host need no change: Avahi's for libnss-mdns (`compat.avahi`), systemd-resolved's for
 * libnss-resolve (`compat.resolved`).
 *
 * `auto` leaves the path to the other responder while it is there, without a word; `on` says so.
 */

import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Configuration } from "../config/configuration.ts";
import type { Link } from "../core/link.ts";
import type { Directory } from "../runtime/directory.ts";
import { AVAHI_SOCKET } from "../servers/avahi/constants.ts";
import { HandedOverPath } from "../servers/handed-over-path.ts";
import { type ClaimState, PathClaim } from "../servers/path-claim.ts";
import { RESOLVED_SOCKET } from "../servers/resolved/constants.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import { type ClientServer, LazyServer } from "./lazy-server.ts";
import type { Logger } from "./log.ts";

type Compat = Configuration["compat"];

export interface CompatSocketsOptions {
  readonly directory: Directory;
  readonly links: () => readonly Link[];
  readonly log: Logger;
  /** What systemd opened: a place of ours where this process may open none itself. */
  readonly inherited: Pick<InheritedSockets, keyof Compat>;
}

/** The program that a socket is of. */
interface Original {
  readonly owner: string;
  /** The user that it runs as. */
  readonly account: string;
  /** Who uses the socket. */
  readonly users: string;
  /** How /etc/nsswitch.conf names them. */
  readonly module: RegExp;
}

const AVAHI: Original = {
  owner: "avahi-daemon",
  account: "avahi",
  users: "libnss-mdns",
  module: /\bmdns/,
};
const RESOLVED: Original = {
  owner: "systemd-resolved",
  account: "systemd-resolve",
  users: "libnss-resolve",
  module: /\bresolve\b/,
};

/** One of the sockets. */
interface Offer extends Original {
  readonly key: keyof Compat;
  readonly claim: PathClaim | HandedOverPath;
  readonly server: { close(): void };
}

export class CompatSockets {
  readonly #log: Logger;
  readonly #inherited: CompatSocketsOptions["inherited"];
  readonly #offers: readonly Offer[];
  #compat: Compat = { avahi: "off", resolved: "off" };

  constructor({ directory, links, log, inherited }: CompatSocketsOptions) {
    this.#log = log;
    this.#inherited = inherited;
    const onFault = (error: unknown): void =>
      log.error({ err: error }, "a fault while answering a client");
    const indexOf = (name: string) => links().find((link) => link.name === name)?.id;
    const nameOf = (index: number) => links().find(({ id }) => id === index)?.name;
    const avahi = async (): Promise<ClientServer> => {
      const { AvahiServer } = await import("../servers/avahi/avahi-server.ts");
      return new AvahiServer({ directory, indexOf: (name) => indexOf(name) ?? 0, onFault });
    };
    const resolved = async (): Promise<ClientServer> => {
      const { openResolvedServer } = await import("../servers/resolved/resolved-server.ts");
      return openResolvedServer({ directory, interfaces: { indexOf, nameOf } }, onFault);
    };
    this.#offers = [
      this.#offer("avahi", AVAHI, AVAHI_SOCKET, new LazyServer(avahi, onFault)),
      this.#offer("resolved", RESOLVED, RESOLVED_SOCKET, new LazyServer(resolved, onFault)),
    ];
  }

  /** What is not offered although it was asked for, each with its remedy. */
  get warnings(): readonly string[] {
    return this.#offers.flatMap((offer) => {
      const warning = this.#warningOf(offer, offer.claim.state);
      return warning === undefined ? [] : [warning];
    });
  }

  /** Opens and closes what the configuration says. */
  async apply(compat: Compat): Promise<void> {
    this.#compat = compat;
    await Promise.all(
      this.#offers.map(({ key, claim, server }) => {
        if (compat[key] !== "off") return claim.open();
        server.close();
        return claim.close();
      }),
    );
  }

  async close(): Promise<void> {
    await this.apply({ avahi: "off", resolved: "off" });
  }

  #offer(key: keyof Compat, original: Original, path: string, server: ClientServer): Offer {
    const descriptor = this.#inherited[key];
    const options = {
      path,
      onConnection: (socket: Socket) => server.accept(socket),
      onChange: (state: ClaimState) => this.#tell(offer, state),
    };
    const claim =
      descriptor === undefined
        ? new PathClaim({ ...options, folderOwner: original.account })
        : new HandedOverPath({ ...options, descriptor });
    const offer = { ...original, key, claim, server };
    return offer;
  }

  #tell(offer: Offer, state: ClaimState): void {
    const { owner, users, claim } = offer;
    const warning = this.#warningOf(offer, state);
    if (warning !== undefined) this.#log.warn(warning);
    else if (state.state === "held") this.#log.info(`answering ${users} on ${claim.path}`);
    else if (state.state === "taken") this.#log.info(`${claim.path} is left to ${owner}`);
  }

  /** `auto` is silent where nothing on this host would ask. */
  #warningOf({ key, owner, users, module, claim }: Offer, state: ClaimState): string | undefined {
    if (state.state === "taken" && this.#compat[key] === "on") {
      return `${users} is answered by ${owner}, which holds ${claim.path}; stop it`;
    }
    if (state.state !== "refused") return undefined;
    if (this.#compat[key] === "auto" && !module.test(hostSources())) return undefined;
    return (
      `${users} is not answered: ${state.error.message}; enable dotlocal-${key}.socket, ` +
      `start as root, or set compat.${key} to off`
    );
  }
}

/** The `hosts:` line of /etc/nsswitch.conf; "" without one. */
function hostSources(): string {
  try {
    const text = readFileSync("/etc/nsswitch.conf", "utf8");
    return /^hosts:(.*)$/m.exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}
