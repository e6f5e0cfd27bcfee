/**
 * What the system's files say of names: the name servers and search list of resolv.conf and its
 * like, the names of /etc/hosts. Followed as they change.
 */

import { statSync } from "node:fs";
import type { Endpoint } from "../core/datagram.ts";
import { HostsTable } from "../host/hosts-table.ts";
import { ResolverFilesWatch } from "../net/resolv-conf-watch.ts";
import {
  type Discovery,
  discoverUpstreams,
  type ResolverFiles,
  readText,
  SYSTEM_RESOLVER_FILES,
} from "../net/upstream-discovery.ts";

const HOSTS_FILE = "/etc/hosts";

/** Octets beyond which the hosts file is not read. */
const HOSTS_SIZE_MAX = 4_194_304;

export interface SystemResolverOptions {
  /** Where our stub listens, now: servers there are left out. */
  readonly stub: () => readonly Endpoint[];
  /** The text of the original that is kept while resolv.conf is ours. */
  readonly original?: () => string | undefined;
  readonly onChange: () => void;
  readonly files?: ResolverFiles;
  readonly hostsFile?: string;
}

export class SystemResolver {
  readonly #options: SystemResolverOptions;
  readonly #files: ResolverFiles;
  readonly #hostsFile: string;
  readonly #watch: ResolverFilesWatch;
  #discovery: Discovery;
  #hosts: { readonly text: string | undefined; readonly table: HostsTable };

  constructor(options: SystemResolverOptions) {
    const { files = SYSTEM_RESOLVER_FILES, hostsFile = HOSTS_FILE } = options;
    this.#options = options;
    this.#files = files;
    this.#hostsFile = hostsFile;
    this.#discovery = this.#discover();
    this.#hosts = { text: undefined, table: HostsTable.EMPTY };
    this.#readHosts();
    const paths = [files.resolvConf, ...files.lists, hostsFile];
    this.#watch = new ResolverFilesWatch(paths, () => {
      this.refresh();
      options.onChange();
    });
  }

  get discovery(): Discovery {
    return this.#discovery;
  }

  get hosts(): HostsTable {
    return this.#hosts.table;
  }

  /** Reads all of it again. */
  refresh(): void {
    this.#discovery = this.#discover();
    this.#readHosts();
  }

  close(): void {
    this.#watch.close();
  }

  #discover(): Discovery {
    const { stub, original } = this.#options;
    const { LOCALDOMAIN, RES_OPTIONS } = process.env;
    return discoverUpstreams({
      files: this.#files,
      stub: stub(),
      original: original?.(),
      environment: { LOCALDOMAIN, RES_OPTIONS },
    });
  }

  #readHosts(): void {
    const text = sizeOf(this.#hostsFile) > HOSTS_SIZE_MAX ? undefined : readText(this.#hostsFile);
    if (text === this.#hosts.text) return;
    this.#hosts = { text, table: HostsTable.parse(text ?? "") };
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
