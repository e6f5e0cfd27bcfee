/**
 * An engine in this process that publishes no more of the host than it must: what commands and library
 * users without a daemon work with.
 */

import { DotlocalError } from "../core/errors.ts";
import type { HostSettings } from "../host/types.ts";
import { loadConfiguration } from "../runtime/configuration-source.ts";
import { EngineOnSockets } from "../runtime/engine-on-sockets.ts";
import { HostDirectory } from "../runtime/host-directory.ts";
import { hostSettings } from "../runtime/host-settings.ts";
import { interfaceSelector } from "../runtime/interface-choice.ts";
import { readSystemFacts } from "../runtime/system-facts.ts";
import { SystemResolver } from "../runtime/system-resolver.ts";

export interface StandaloneOptions {
  readonly configurationFile?: string | undefined;
  readonly interfaces?: readonly string[] | undefined;
  readonly ipv4Only?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
  /**
   * What it is to publish when told to: services, which need this host's name and addresses beside
   * them, or only further hosts. undefined: nothing.
   */
  readonly publishes?: "services" | "hosts" | undefined;
  /** The engine alone does not keep the process alive. */
  readonly unref?: boolean | undefined;
}

/** @throws DotlocalError NO_LINK when no interface can be used, or of the configuration. */
export async function openStandalone(options: StandaloneOptions = {}): Promise<HostDirectory> {
  const { configurationFile, interfaces, ipv4Only, ipv6Only, publishes, unref = false } = options;
  const { configuration } = await loadConfiguration(configurationFile, {
    interfaces,
    ipv4Only,
    ipv6Only,
  });
  const facts = readSystemFacts();
  const system = new SystemResolver({
    stub: () => [],
    onChange: () => sockets.applySettings(settingsNow()),
  });
  const settingsNow = () =>
    settingsFor(askingByLlmnr(hostSettings(configuration, facts, system)), publishes);
  let directory: HostDirectory | undefined;
  const sockets = new EngineOnSockets({
    settings: settingsNow(),
    select: interfaceSelector(configuration),
    unref,
    onEvent: (event) => directory?.handleEvent(event),
  });
  if (sockets.links.length === 0) {
    system.close();
    await sockets.close();
    throw new DotlocalError(
      "NO_LINK",
      "no usable link: none is up with an address, or interfaces.allow and deny leave none " +
        "(name one with -i)",
    );
  }
  directory = new HostDirectory(sockets, () => system.close());
  return directory;
}

/** What lasts for a command answers nobody by LLMNR and watches for nobody. */
function askingByLlmnr(settings: HostSettings): HostSettings {
  const llmnrMode = settings.llmnrMode === "full" ? "resolve" : settings.llmnrMode;
  return { ...settings, llmnrMode, llmnrGuard: false };
}

/** Another responder of this host that has its name keeps it, its addresses included. */
function settingsFor(
  settings: HostSettings,
  publishes: StandaloneOptions["publishes"],
): HostSettings {
  if (publishes === undefined) return { ...settings, mdnsMode: "resolve" };
  const { addresses, reverse } = settings.publish;
  const isNeeded = publishes === "services";
  return {
    ...settings,
    publish: {
      ...{ addresses: addresses && isNeeded, reverse: reverse && isNeeded },
      ...{ hinfo: false, workstation: false },
    },
    browseDomains: [],
    aliases: [],
  };
}
