/**
 * The daemon: the engine on sockets, the control API in front of it, and its life from start to
 * goodbye.
 *
 * It goes on with what it can: a part that the host does not allow (a control socket without
 * permission, say) is left out and named in one line with the remedy.
 */

import type { Configuration } from "../config/configuration.ts";
import { controlSocketPath, stateDirectoryPath } from "../config/default-paths.ts";
import type { Overrides } from "../config/overrides.ts";
import { isOwnAddress, type Link, type LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { VERSION } from "../core/version.ts";
import type { DnssdEvent } from "../dnssd/types.ts";
import type { HostEvent, HostSettings } from "../host/types.ts";
import { findHolders, type Holder } from "../net/port-holders.ts";
import { SystemRandom } from "../net/system-random.ts";
import { type LoadedConfiguration, loadConfiguration } from "../runtime/configuration-source.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import type { DefinitionsReport } from "../runtime/definition-status.ts";
import { EngineOnSockets } from "../runtime/engine-on-sockets.ts";
import { HostDirectory } from "../runtime/host-directory.ts";
import { readLastingFacts } from "../runtime/host-facts.ts";
import { hostSettings } from "../runtime/host-settings.ts";
import { interfaceSelector } from "../runtime/interface-choice.ts";
import { readPathFacts, readSystemFacts } from "../runtime/system-facts.ts";
import type { ControlServerOptions } from "../servers/control/control-server.ts";
import { CompatSockets } from "./compat-sockets.ts";
import { ControlAccess } from "./control-access.ts";
import { ControlEndpoint } from "./control-endpoint.ts";
import { logHostEvent, logServiceEvent } from "./event-log.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import { listenFailureSentence } from "./llmnr-port.ts";
import { localLookup } from "./local-lookup.ts";
import type { Logger } from "./log.ts";
import { MetricsEndpoint } from "./metrics-endpoint.ts";
import { NameMemory } from "./name-memory.ts";
import { NameResolution } from "./name-resolution.ts";
import { keysThatWaitForRestart } from "./restart-keys.ts";
import { type DefinitionsPort, ServiceDefinitions } from "./service-definitions.ts";
import type { ServiceReports } from "./service-reports.ts";
import { daemonStatus, holderNames, summaryLine } from "./status.ts";
import { StubServer } from "./stub-server.ts";
import { accountToBecome } from "./user-switch.ts";

export interface DaemonOptions {
  /** `--config`; undefined: looked up. */
  readonly configurationFile: string | undefined;
  /** `--socket`; undefined: as configured. */
  readonly controlSocket: string | undefined;
  readonly overrides: Overrides;
  /** What these two have given at the start; `reload` reads them again. */
  readonly loaded: LoadedConfiguration;
  readonly log: Logger;
  readonly reports: ServiceReports;
  /** What systemd opened for it. */
  readonly inherited: InheritedSockets;
  /** Since when the first links count as there. Default: now. */
  readonly startedAt?: Instant;
}

/** What a reload found, for whoever asked for it. */
export interface ReloadReport {
  readonly configurationFile: string | null;
  readonly definitions: DefinitionsReport;
}

/** After these, this host may be called something else. */
const NAMING_EVENTS: ReadonlySet<HostEvent["kind"]> = new Set([
  ...(["name-registered", "renamed", "name-reclaimed"] as const),
]);

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #log: Logger;
  readonly #memory: NameMemory;
  readonly #resolution: NameResolution;
  readonly #sockets: EngineOnSockets;
  readonly #directory: HostDirectory;
  readonly #definitions: ServiceDefinitions;
  readonly #compat: CompatSockets;
  readonly #metrics: MetricsEndpoint;
  readonly #stub: StubServer;
  readonly #leftOut: string[] = [];
  readonly #linkNames = new Map<LinkId, string>();
  #configuration: Configuration;
  #access: ControlAccess;
  #configurationFile: string | undefined;
  #control: ControlEndpoint | undefined;
  #controlSocket: string | undefined;
  #holders: readonly Holder[] = [];
  #closing: Promise<void> | undefined;

  private constructor(options: DaemonOptions) {
    this.#options = options;
    this.#log = options.log;
    const { loaded } = options;
    this.#configuration = loaded.configuration;
    this.#configurationFile = loaded.file;
    this.#access = new ControlAccess(loaded.configuration.control);
    const stateDirectory = stateDirectoryPath(this.#configuration, readPathFacts());
    this.#memory = new NameMemory(stateDirectory, (error) => {
      this.#leaveOut(`names are not kept over restarts: ${error.message}; set stateDirectory`);
    });
    this.#resolution = new NameResolution({
      ...{ stateDirectory, log: this.#log, resolver: this.#configuration.resolver },
      onChange: () => this.#sockets?.applySettings(this.#settings()),
    });
    this.#sockets = new EngineOnSockets({
      settings: this.#settings(),
      rememberedLabel: this.#memory.label,
      rememberedInstances: this.#memory.instances,
      select: interfaceSelector(this.#configuration),
      onEvent: (event) => this.#handleEvent(event),
      onLinkFailure: (link, family, error) => {
        this.#log.warn(`${link.name} cannot be used with ${family}: ${error.message}`);
      },
      onLinks: (links) => {
        this.#handleLinks(links);
        this.#definitions?.handleLinks();
        this.#stub?.handleLinks();
      },
      onListenFailure: (_link, _address, error) => {
        void listenFailureSentence(error).then((sentence) => this.#leaveOut(sentence));
      },
      onPortHolders: () => void this.#lookAtPortHolders(),
      onWake: () => this.#log.info("the host slept: claiming names anew"),
      startedAt: options.startedAt,
    });
    this.#directory = new HostDirectory(this.#sockets);
    this.#definitions = new ServiceDefinitions(this.#configuration.services, {
      port: this.#definitionsPort(),
      facts: readLastingFacts(),
      random: new SystemRandom(),
      lookup: localLookup(this.#directory),
      log: this.#log,
    });
    this.#compat = new CompatSockets({
      directory: this.#directory,
      links: () => this.#sockets.links,
      log: this.#log,
      inherited: options.inherited,
    });
    this.#metrics = new MetricsEndpoint({ status: () => this.status(), log: this.#log });
    this.#stub = new StubServer({
      answerer: this.#directory.questions,
      isOwnSocket: (source) => this.#sockets.driver.asksFrom(source),
      onChange: () => this.#manageResolvConf(),
      inherited: options.inherited.stub,
      log: this.#log,
    });
  }

  static async start(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options);
    daemon.#handleLinks(daemon.#sockets.links);
    daemon.#definitions.load();
    await daemon.#lookAtPortHolders();
    await daemon.#compat.apply(daemon.#configuration.compat);
    await daemon.#metrics.apply(daemon.#configuration.metrics.listen);
    await daemon.#stub.apply(daemon.#configuration.resolver.stub);
    await daemon.#openControl();
    return daemon;
  }

  /** One line for people. */
  summary(): string {
    const { driver, links } = this.#sockets;
    const names = links.map(({ id, name: linkName }) => ({
      name: driver.engine.hostName(id).toString(),
      linkName,
    }));
    return summaryLine(names, this.#definitions.report.published);
  }

  status(): DaemonStatus {
    return daemonStatus({
      version: VERSION,
      leftOut: [
        ...this.#leftOut,
        ...this.#stub.warnings,
        ...this.#resolution.warnings,
        ...this.#compat.warnings,
        ...this.#metrics.warnings,
      ],
      configurationFile: this.#configurationFile ?? null,
      controlSocket: this.#controlSocket ?? null,
      transport: this.#sockets.driver.transportKind,
      portHolders: this.#holders,
      isPortShared: this.#sockets.links.some((link) => link.sharesPort),
      stub: this.#stub.status,
      definitions: this.#definitions.status,
      host: this.#sockets.driver.run((engine, now) => engine.snapshot(now)),
    });
  }

  /**
   * Reads the configuration and the definitions again. What is not valid is told, and its last valid
   * version stays.
   * @throws DotlocalError INVALID_FILE or UNREADABLE_FILE, of the configuration.
   */
  async reload(): Promise<ReloadReport> {
    this.#options.reports.reloading();
    try {
      return await this.#reload();
    } finally {
      this.#options.reports.reloaded();
    }
  }

  async #reload(): Promise<ReloadReport> {
    try {
      await this.#reloadConfiguration();
    } finally {
      this.#definitions.load(this.#configuration.services);
    }
    await this.#compat.apply(this.#configuration.compat);
    await this.#metrics.apply(this.#configuration.metrics.listen);
    await this.#stub.apply(this.#configuration.resolver.stub);
    const definitions = this.#definitions.report;
    const { files, published, waiting, invalid } = definitions;
    this.#log.info(
      `definitions read again: ${files} files, ${published} published, ` +
        `${waiting} waiting, ${invalid} with errors`,
    );
    return { configurationFile: this.#configurationFile ?? null, definitions };
  }

  /** Says goodbye for everything published and closes; later calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #reloadConfiguration(): Promise<void> {
    const { configurationFile, overrides } = this.#options;
    const loaded = await loadConfiguration(configurationFile, overrides);
    const waiting = keysThatWaitForRestart(this.#configuration, loaded.configuration);
    this.#configuration = loaded.configuration;
    this.#configurationFile = loaded.file;
    this.#access = new ControlAccess(loaded.configuration.control);
    this.#log.level = loaded.configuration.log.level;
    this.#resolution.configure(loaded.configuration.resolver);
    this.#sockets.applySettings(this.#settings());
    this.#sockets.monitor.select = interfaceSelector(loaded.configuration);
    this.#log.info(`configuration read again from ${loaded.file ?? "the defaults"}`);
    if (waiting.length > 0) {
      this.#log.warn(`${waiting.join(", ")}: the change takes effect at the next start`);
    }
  }

  /** Where the stub is decides where resolv.conf may point. */
  #manageResolvConf(): void {
    if (this.#closing !== undefined) return;
    this.#resolution.manage({
      resolver: this.#configuration.resolver,
      stub: this.#stub.resolvConfAddress,
      losesRoot: accountToBecome(this.#configuration.user) !== undefined,
    });
  }

  #settings(): HostSettings {
    return hostSettings(this.#configuration, readSystemFacts(), this.#resolution);
  }

  async #close(): Promise<void> {
    this.#resolution.close();
    this.#definitions.close();
    const directory = this.#directory.close();
    await Promise.all([
      ...[directory, this.#control?.close(), this.#compat.close(), this.#stub.close()],
      this.#metrics.close(),
    ]);
  }

  async #openControl(): Promise<void> {
    const path =
      this.#options.controlSocket ?? controlSocketPath(this.#configuration, readPathFacts());
    const place = {
      path,
      mode: this.#access.socketMode,
      group: this.#access.socketGroup,
      descriptor: this.#options.inherited.control,
    };
    const onFault = (error: unknown): void =>
      this.#log.error({ err: error }, "a fault while answering a client");
    const endpoint = new ControlEndpoint({
      ...{ ...place, onFault },
      load: () => this.#loadControl({ ...place, onFault }),
    });
    try {
      await endpoint.listen();
      this.#control = endpoint;
      this.#controlSocket = path;
    } catch (error) {
      this.#leaveOut(
        `no control socket (status, reload): ${(error as Error).message}; name another with --socket`,
      );
    }
  }

  async #loadControl(place: Omit<ControlServerOptions, "routes" | "mayChange">) {
    const [{ ControlServer }, { controlRoutes }, { administration }] = await Promise.all([
      import("../servers/control/control-server.ts"),
      import("../servers/control/routes.ts"),
      import("./administration.ts"),
    ]);
    const daemon = administration({
      ...{ sockets: this.#sockets, log: this.#log },
      status: () => this.status(),
      reload: () => this.reload(),
    });
    return new ControlServer({
      ...place,
      mayChange: (socket) => this.#access.mayChange(socket),
      routes: controlRoutes(this.#directory, daemon),
    });
  }

  #handleEvent(event: HostEvent): void {
    this.#options.reports.changed();
    // The first events come while the directory is not made yet: none of them is a look-up's.
    this.#directory?.handleEvent(event);
    if (event.kind === "remember") this.#memory.rememberLabel(event.label);
    else if (event.kind === "service") this.#handleServiceEvent(event.event);
    else this.#handleHostEvent(event);
  }

  #handleServiceEvent(event: DnssdEvent): void {
    if (event.kind === "remember-instance") {
      this.#memory.rememberInstance(event.original, event.instance);
    } else {
      logServiceEvent(this.#log, event, (id) => this.#linkName(id));
    }
  }

  #handleHostEvent(event: HostEvent): void {
    if (NAMING_EVENTS.has(event.kind)) this.#definitions?.handleHostName();
    logHostEvent(this.#log, event, (id) => this.#linkName(id));
  }

  #linkName(id: LinkId): string {
    return this.#linkNames.get(id) ?? `link ${id}`;
  }

  #definitionsPort(): DefinitionsPort {
    const { driver } = this.#sockets;
    return {
      hostLabel: () => this.#hostLabel(),
      isOwnAddress: (address) => this.#sockets.links.some((link) => isOwnAddress(link, address)),
      serviceSnapshot: (id) => driver.engine.serviceSnapshot(id),
      publishService: (spec) => driver.run((engine, now) => engine.publishService(spec, now)),
      updateService: (id, spec) => driver.run((engine, now) => engine.updateService(id, spec, now)),
      withdrawService: (id) => driver.run((engine, now) => engine.withdrawService(id, now)),
      publishHost: (spec) => driver.run((engine, now) => engine.publishHost(spec, now)),
      withdrawPublication: (id) => driver.run((engine, now) => engine.withdrawPublication(id, now)),
    };
  }

  /** Where links differ in it, that of the first. */
  #hostLabel(): string {
    const { driver, links } = this.#sockets;
    const [first] = links;
    if (first !== undefined) return driver.engine.hostName(first.id).firstLabel;
    return driver.run((engine, now) => engine.snapshot(now).originalLabel);
  }

  #handleLinks(links: readonly Link[]): void {
    this.#options.reports.changed();
    const before = new Set(this.#linkNames.values());
    this.#linkNames.clear();
    for (const { id, name } of links) this.#linkNames.set(id, name);
    const after = new Set(this.#linkNames.values());
    for (const name of after) if (!before.has(name)) this.#log.info(`using ${name}`);
    for (const name of before) if (!after.has(name)) this.#log.info(`no longer using ${name}`);
    if (links.length === 0) {
      this.#log.warn("no usable link: waiting for one (interfaces.allow and deny choose them)");
    }
  }

  async #lookAtPortHolders(): Promise<void> {
    const before = holderNames(this.#holders);
    this.#holders = await findHolders(this.#sockets.portHolders.holders);
    if (this.#holders.length > 0 && holderNames(this.#holders) !== before) {
      this.#log.info(`${holderNames(this.#holders)} holds UDP port 5353 too: sharing it`);
    }
  }

  #leaveOut(sentence: string): void {
    if (this.#leftOut.includes(sentence)) return;
    this.#leftOut.push(sentence);
    this.#log.warn(sentence);
  }
}
