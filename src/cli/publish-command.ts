/** `dotlocal publish` and `publish-host`: published until interrupted. */

import { DotlocalError, EXIT_DONE } from "../core/errors.ts";
import type { Publication, PublicationEvent } from "../runtime/services.ts";
import { withDirectory } from "./directory-choice.ts";
import { interruption } from "./interruption.ts";
import type { LookupOptions } from "./options.ts";
import { escaped } from "./service-fields.ts";

export interface PublishOptions extends LookupOptions {
  readonly subtype?: readonly string[];
  readonly host?: string;
  readonly domain?: string;
  readonly priority?: number;
  readonly weight?: number;
}

export interface PublishHostOptions extends LookupOptions {
  /** false: `--no-reverse`. */
  readonly reverse?: boolean;
}

const PORT_MAX = 65_535;

export async function publishCommand(
  instance: string,
  type: string,
  port: string,
  txt: readonly string[],
  options: PublishOptions,
): Promise<number> {
  const { subtype, host, domain, priority, weight, interface: interfaces } = options;
  const service = {
    ...{ type, port: readPort(port), txt },
    ...(subtype === undefined ? {} : { subtypes: subtype }),
    ...(host === undefined ? {} : { host }),
    ...(domain === undefined ? {} : { domain }),
    ...(priority === undefined ? {} : { priority }),
    ...(weight === undefined ? {} : { weight }),
    ...(interfaces === undefined ? {} : { interfaces }),
  };
  const signal = interruption(options.timeout);
  await withDirectory(
    options,
    async (directory) => {
      const publication = await directory.publish({ instance, services: [service] });
      await follow(publication, signal, options);
    },
    "services",
  );
  return EXIT_DONE;
}

export async function publishHostCommand(
  name: string,
  addresses: readonly string[],
  options: PublishHostOptions,
): Promise<number> {
  const { reverse = true, interface: interfaces } = options;
  const host = {
    ...{ name: /\./.test(name) ? name : `${name}.local`, addresses, reverse },
    ...(interfaces === undefined ? {} : { interfaces }),
  };
  const signal = interruption(options.timeout);
  await withDirectory(
    options,
    async (directory) => follow(await directory.publishHost(host), signal, options),
    "hosts",
  );
  return EXIT_DONE;
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port;
  throw new DotlocalError("INVALID_ARGUMENT", `expected a port from 0 to ${PORT_MAX}: "${text}"`);
}

/** Tells what becomes of the name until the signal; then withdraws it. */
async function follow(
  publication: Publication,
  signal: AbortSignal,
  { json, verbose }: LookupOptions,
): Promise<void> {
  const close = (): void => void publication.close();
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  const won = new Set<string>();
  for await (const event of publication.events) {
    if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
    // A line a name, although each link wins it by itself.
    const isRepeated = event.event === "registered" && won.has(event.name) && !verbose;
    if (event.event === "registered") won.add(event.name);
    else won.clear();
    if (!isRepeated) process.stderr.write(`${sentence(event)}\n`);
  }
  await publication.close();
}

function sentence(event: PublicationEvent): string {
  switch (event.event) {
    case "registered":
      return `published: "${escaped(event.name)}" on ${event.interface}`;
    case "renamed": {
      const owner = event.rival ?? "another service of this host";
      return `"${escaped(event.from)}" belongs to ${owner}: it becomes "${escaped(event.to)}"`;
    }
    case "reclaimed":
      return `"${escaped(event.to)}" is free again: no longer "${escaped(event.from)}"`;
    case "conflicted":
      return `"${escaped(event.name)}" belongs to ${event.rival} on ${event.interface}: trying again`;
  }
}
