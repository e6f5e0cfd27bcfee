/**
 * An engine in this process that asks and publishes nothing of the host by itself: what commands and
 * library users without a daemon work with.
 */

import { DotlocalError } from "../core/errors.ts";
import { loadConfiguration } from "../runtime/configuration-source.ts";
import { EngineOnSockets } from "../runtime/engine-on-sockets.ts";
import { HostDirectory } from "../runtime/host-directory.ts";
import { hostSettings } from "../runtime/host-settings.ts";
import { interfaceSelector } from "../runtime/interface-choice.ts";
import { readSystemFacts } from "../runtime/system-facts.ts";

export interface StandaloneOptions {
  readonly configurationFile?: string | undefined;
  readonly interfaces?: readonly string[] | undefined;
  readonly ipv4Only?: boolean | undefined;
  readonly ipv6Only?: boolean | undefined;
}

/** @throws DotlocalError NO_LINK when no interface can be used, or of the configuration. */
export async function openStandalone(options: StandaloneOptions = {}): Promise<HostDirectory> {
  const { configurationFile, interfaces, ipv4Only, ipv6Only } = options;
  const { configuration } = loadConfiguration(configurationFile, {
    interfaces,
    ipv4Only,
    ipv6Only,
  });
  const settings = hostSettings(configuration, readSystemFacts());
  let directory: HostDirectory | undefined;
  const sockets = new EngineOnSockets({
    settings: { ...settings, mdnsMode: "resolve" },
    select: interfaceSelector(configuration),
    onEvent: (event) => directory?.handleEvent(event),
  });
  if (sockets.links.length === 0) {
    await sockets.close();
    throw new DotlocalError(
      "NO_LINK",
      "no usable link: none is up with an address, or interfaces.allow and deny leave none " +
        "(name one with -i)",
    );
  }
  directory = new HostDirectory(sockets);
  return directory;
}
