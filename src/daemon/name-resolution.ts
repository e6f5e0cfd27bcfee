/**
 * What the daemon has to do with the system's resolver files: it follows them, and, where it is told
 * to (`resolver.resolvConf: manage`), has resolv.conf point at its stub while it runs.
 */

import type { ResolverConfiguration } from "../config/configuration.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { HostsTable } from "../host/hosts-table.ts";
import { ResolvConfKeeper, recoverResolvConf } from "../net/resolv-conf-keeper.ts";
import { type Discovery, SYSTEM_RESOLVER_FILES } from "../net/upstream-discovery.ts";
import { stubEndpoints } from "../runtime/resolver-settings.ts";
import { SystemResolver } from "../runtime/system-resolver.ts";
import type { Logger } from "./log.ts";

export interface NameResolutionOptions {
  readonly stateDirectory: string;
  readonly resolver: ResolverConfiguration;
  readonly log: Logger;
  /** Servers, search list or the hosts file are others now. */
  readonly onChange: () => void;
}

/** Who is to be told where resolv.conf cannot be managed. */
export interface ManagePlan {
  readonly resolver: ResolverConfiguration;
  /** Where the stub answers on port 53; undefined: nowhere. */
  readonly stub: IpAddress | undefined;
  /** The daemon gives up root: it could not put the original back. */
  readonly losesRoot: boolean;
}

export class NameResolution {
  readonly #options: NameResolutionOptions;
  readonly #log: Logger;
  readonly #system: SystemResolver;
  readonly #restoreAtExit = (): void => this.#restore();
  #resolver: ResolverConfiguration;
  #keeper: ResolvConfKeeper | undefined;
  #managed: IpAddress | undefined;
  #warning: string | undefined;

  constructor(options: NameResolutionOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#resolver = options.resolver;
    this.#recover();
    this.#system = new SystemResolver({
      stub: () => stubEndpoints(this.#resolver),
      original: () => this.#keeper?.original,
      onChange: () => this.#handleFiles(),
    });
  }

  get discovery(): Discovery {
    return this.#system.discovery;
  }

  get hosts(): HostsTable {
    return this.#system.hosts;
  }

  /** What is not done although it was asked for, with its remedy. */
  get warnings(): readonly string[] {
    return this.#warning === undefined ? [] : [this.#warning];
  }

  /** The configuration is new: what it says of servers holds from now on. */
  configure(resolver: ResolverConfiguration): void {
    this.#resolver = resolver;
    this.#system.refresh();
  }

  /** Takes resolv.conf over, or gives it back. */
  manage(plan: ManagePlan): void {
    const refusal = refusalOf(plan);
    this.#warn(refusal);
    const stub =
      plan.resolver.resolvConf === "manage" && refusal === undefined ? plan.stub : undefined;
    if (stub === this.#managed) return;
    this.#restore();
    if (stub !== undefined) this.#takeOver(stub);
    this.#system.refresh();
    this.#options.onChange();
  }

  /** Puts the original of resolv.conf back. */
  close(): void {
    this.#system.close();
    this.#restore();
  }

  /** After a crash the original comes back, whatever is configured now. */
  #recover(): void {
    try {
      if (recoverResolvConf(this.#options.stateDirectory)) {
        this.#log.info(`${FILE} is the original again: the last run did not put it back`);
      }
    } catch (error) {
      this.#warn(`${(error as Error).message}: ${FILE} still points at a stub of an earlier run`);
    }
  }

  #takeOver(stub: IpAddress): void {
    const { stateDirectory } = this.#options;
    const keeper = new ResolvConfKeeper({ stateDirectory, stub });
    try {
      keeper.manage();
    } catch (error) {
      this.#warn(`${(error as Error).message}; start as root, or set resolver.resolvConf to leave`);
      return;
    }
    this.#keeper = keeper;
    this.#managed = stub;
    process.once("exit", this.#restoreAtExit);
    this.#log.info(`${FILE} points at ${stub} until the daemon stops`);
  }

  #restore(): void {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    this.#managed = undefined;
    process.off("exit", this.#restoreAtExit);
    try {
      keeper?.restore();
    } catch (error) {
      this.#log.error(`${FILE} still points at the stub: ${(error as Error).message}`);
    }
  }

  #handleFiles(): void {
    const change = this.#takeBack();
    if (change === "taken-back") {
      this.#log.info(`${FILE} was written by another program: its servers are asked from now on`);
    } else if (change === "left") {
      this.#keeper = undefined;
      this.#warn(`${FILE} is left to another program that keeps writing it`);
    }
    this.#system.refresh();
    this.#options.onChange();
  }

  #takeBack(): ReturnType<ResolvConfKeeper["handleChange"]> | undefined {
    try {
      return this.#keeper?.handleChange(performance.now());
    } catch (error) {
      this.#log.error((error as Error).message);
      return "left";
    }
  }

  #warn(warning: string | undefined): void {
    if (warning !== undefined && warning !== this.#warning) this.#log.warn(warning);
    this.#warning = warning;
  }
}

const FILE = SYSTEM_RESOLVER_FILES.resolvConf;

function refusalOf({ resolver, stub, losesRoot }: ManagePlan): string | undefined {
  if (resolver.resolvConf === "leave") return undefined;
  if (stub === undefined) {
    return `${FILE} is left as it is: the stub does not answer on port 53 of any address`;
  }
  if (!losesRoot) return undefined;
  return (
    `${FILE} is left as it is: once it is another user the daemon could not put it back; ` +
    "unset user, or set resolver.resolvConf to leave"
  );
}
