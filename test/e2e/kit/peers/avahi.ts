/** Avahi on a host of its own: its daemon, and its command-line tools beside it. */

import type { Host } from "../lan.ts";
import type { RunningProcess, RunResult } from "../process.ts";
import { startDbus } from "./dbus.ts";

export interface AvahiOptions {
  /** The label it publishes. Default: the host's own name. */
  readonly hostName?: string;
  /** The text of avahi-daemon.conf. Default: IPv4 and IPv6, everything published. */
  readonly configuration?: string;
  /** Static services: file names (without `.service`) to the XML inside `<service-group>`. */
  readonly services?: Readonly<Record<string, string>>;
}

export class Avahi implements AsyncDisposable {
  readonly host: Host;
  readonly process: RunningProcess;
  /** The host name it has established, with `.local`. */
  readonly fullHostName: string;

  private constructor(host: Host, process: RunningProcess, fullHostName: string) {
    this.host = host;
    this.process = process;
    this.fullHostName = fullHostName;
  }

  /** Resolves once it has probed for its host name and established it and its services. */
  static async start(host: Host, options: AvahiOptions = {}): Promise<Avahi> {
    const hostName = options.hostName ?? host.name;
    host.writeFile(
      "/etc/avahi/avahi-daemon.conf",
      options.configuration ?? defaultConfiguration(hostName),
    );
    for (const [name, body] of Object.entries(options.services ?? {})) {
      host.writeFile(`/etc/avahi/services/${name}.service`, serviceGroup(body));
    }
    await startDbus(host);
    // Without --no-chroot and --no-drop-root it would need files in a root directory of its own.
    const daemon = host.spawn("avahi-daemon", ["--no-chroot", "--no-drop-root", "--no-rlimits"]);
    const [, fullHostName] = await daemon.line(/startup complete. Host name is (\S+?)\. /);
    for (const name of Object.keys(options.services ?? {})) {
      await daemon.line(new RegExp(`/${name}\\.service\\) successfully established`));
    }
    return new Avahi(host, daemon, fullHostName!);
  }

  /** `avahi-resolve`, e.g. `resolve("-n", "printer.local")`. */
  resolve(...args: readonly string[]): Promise<RunResult> {
    return this.host.run("avahi-resolve", args);
  }

  /** `avahi-browse` that ends when it has seen what there is: parsable lines, resolved. */
  async browse(type: string): Promise<readonly string[]> {
    const args = ["--parsable", "--resolve", "--terminate", "--no-db-lookup", type];
    return (await this.host.output("avahi-browse", args)).split("\n").filter(Boolean);
  }

  /** `avahi-publish` until it is stopped; resolves once what it publishes is established. */
  async publish(...args: readonly string[]): Promise<RunningProcess> {
    const publisher = this.host.spawn("avahi-publish", args);
    await publisher.line(/Established under name/);
    return publisher;
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function defaultConfiguration(hostName: string): string {
  return [
    "[server]",
    `host-name=${hostName}`,
    "use-ipv4=yes",
    "use-ipv6=yes",
    "ratelimit-interval-usec=1000000",
    "ratelimit-burst=1000",
    "[publish]",
    "publish-hinfo=no",
    "publish-workstation=no",
    "publish-aaaa-on-ipv4=yes",
    "publish-a-on-ipv6=yes",
    "",
  ].join("\n");
}

function serviceGroup(body: string): string {
  return [
    '<?xml version="1.0" standalone="no"?>',
    '<!DOCTYPE service-group SYSTEM "avahi-service.dtd">',
    `<service-group>${body}</service-group>`,
    "",
  ].join("\n");
}
