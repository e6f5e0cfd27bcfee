/**
 * Hosts on a wire: a `Lan` is a bridge in a namespace of its own, a `Host` a namespace with an
 * interface on one or more of them. Nothing touches the real machine's interfaces.
 *
 * IPv6 link-local addresses are there at once (duplicate address detection is off). The bridge does
 * no multicast snooping: every port gets every multicast packet, as on a plain switch.
 */

import { setTimeout } from "node:timers/promises";
import { Namespace } from "./namespace.ts";

/** Milliseconds. */
const LINK_LOCAL_TIMEOUT = 5_000;
const CARRIER_TIMEOUT = 5_000;

export interface LinkOptions {
  /** With prefix length, e.g. `192.0.2.7/24`, `2001:db8::7/64`. Default: the LAN's next address. */
  readonly addresses?: readonly string[];
  /** Default `eth0`, `eth1`, ... */
  readonly name?: string;
}

export interface HostOptions extends LinkOptions {
  /** Written to the host's own `/etc/resolv.conf`. Default: empty, so that nothing is asked. */
  readonly resolvConf?: string;
}

export interface LanOptions {
  /** The first three octets of the addresses it gives out. Default `192.0.2` (RFC 5737 §3). */
  readonly prefix?: string;
}

export class Lan implements AsyncDisposable {
  /** The bridge's namespace: capture here on interface `BRIDGE` to see the whole wire. */
  readonly namespace: Namespace;
  readonly #prefix: string;
  readonly #hosts: Host[] = [];
  #lastAddress = 0;
  #lastPort = 0;

  private constructor(namespace: Namespace, prefix: string) {
    this.namespace = namespace;
    this.#prefix = prefix;
  }

  static readonly BRIDGE = "br0";

  static async create(options: LanOptions = {}): Promise<Lan> {
    const namespace = await Namespace.create("lan");
    // The bridge is a wire: it has no addresses and sends nothing itself.
    await namespace.output("sysctl", ["-q", "-w", "net.ipv6.conf.default.disable_ipv6=1"]);
    await namespace.ip(
      `link add ${Lan.BRIDGE} address ${hardwareAddress()} type bridge mcast_snooping 0`,
      `link set ${Lan.BRIDGE} up`,
    );
    return new Lan(namespace, options.prefix ?? "192.0.2");
  }

  /** A new host with one link, `eth0`, on this LAN. Its operating system's host name is `name`. */
  async host(name: string, options: HostOptions = {}): Promise<Host> {
    const host = await Host.create(name, options.resolvConf ?? "");
    this.#hosts.push(host);
    await host.connect(this, options);
    return host;
  }

  /** Ends the hosts made by `host`, then the wire. */
  async dispose(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.dispose()));
    await this.namespace.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  nextAddress(): string {
    this.#lastAddress++;
    return `${this.#prefix}.${this.#lastAddress}/24`;
  }

  nextPort(): string {
    this.#lastPort++;
    return `port${this.#lastPort}`;
  }
}

export class Host implements AsyncDisposable {
  readonly name: string;
  readonly namespace: Namespace;
  readonly #links: HostLink[] = [];

  private constructor(name: string, namespace: Namespace) {
    this.name = name;
    this.namespace = namespace;
  }

  /** A host without any link but loopback. */
  static async create(name: string, resolvConf = ""): Promise<Host> {
    const namespace = await Namespace.create(name);
    namespace.writeFile("/etc/resolv.conf", resolvConf);
    return new Host(name, namespace);
  }

  get links(): readonly HostLink[] {
    return this.#links;
  }

  /** The link made first. */
  get link(): HostLink {
    const first = this.#links[0];
    if (first === undefined) throw new Error(`${this.name} has no link`);
    return first;
  }

  /** Its first IPv4 address on its first link, without prefix length. */
  get address(): string {
    return this.link.address;
  }

  /** Another link, on this or another LAN. */
  async connect(lan: Lan, options: LinkOptions = {}): Promise<HostLink> {
    const name = options.name ?? `eth${this.#links.length}`;
    const addresses = options.addresses ?? [lan.nextAddress()];
    const link = await HostLink.create(this, lan, name, addresses);
    this.#links.push(link);
    return link;
  }

  readonly run = (...args: Parameters<Namespace["run"]>) => this.namespace.run(...args);
  readonly output = (...args: Parameters<Namespace["output"]>) => this.namespace.output(...args);
  readonly spawn = (...args: Parameters<Namespace["spawn"]>) => this.namespace.spawn(...args);
  readonly writeFile = (path: string, text: string) => this.namespace.writeFile(path, text);
  readonly readFile = (path: string) => this.namespace.readFile(path);

  /** Pulls the plug: every process on it ends without a goodbye. */
  async dispose(): Promise<void> {
    await this.namespace.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

export class HostLink {
  readonly host: Host;
  /** The interface's name on the host. */
  readonly name: string;
  readonly index: number;
  readonly hardwareAddress: string;
  /** The `fe80::` address made from the hardware address. */
  readonly linkLocalAddress: string;
  #lan: Lan;
  /** The bridge port at the other end of the cable. */
  #port: string;
  #addresses: readonly string[];

  private constructor(host: Host, lan: Lan, port: string, description: LinkDescription) {
    this.host = host;
    this.#lan = lan;
    this.#port = port;
    this.name = description.name;
    this.index = description.index;
    this.hardwareAddress = description.hardwareAddress;
    this.linkLocalAddress = description.linkLocalAddress;
    this.#addresses = description.addresses;
  }

  static async create(
    host: Host,
    lan: Lan,
    name: string,
    addresses: readonly string[],
  ): Promise<HostLink> {
    const port = lan.nextPort();
    const peer = `peer name ${name} address ${hardwareAddress()} netns ${host.namespace.pid}`;
    await lan.namespace.ip(
      `link add ${port} type veth ${peer}`,
      `link set ${port} master ${Lan.BRIDGE} up`,
    );
    await host.namespace.ip(
      ...addresses.map((address) => `address add ${address} dev ${name} nodad`),
      `link set ${name} up`,
    );
    return new HostLink(host, lan, port, await describeLink(host, name, addresses));
  }

  /** Its IPv4 and IPv6 addresses as they were given, with prefix length; not the link-local one. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Its first IPv4 address, without prefix length. */
  get address(): string {
    const first = this.#addresses.find((address) => address.includes("."));
    if (first === undefined) throw new Error(`${this.name} has no IPv4 address`);
    return first.replace(/\/.*/, "");
  }

  async addAddress(address: string): Promise<void> {
    await this.host.namespace.ip(`address add ${address} dev ${this.name} nodad`);
    this.#addresses = [...this.#addresses, address];
  }

  async removeAddress(address: string): Promise<void> {
    await this.host.namespace.ip(`address del ${address} dev ${this.name}`);
    this.#addresses = this.#addresses.filter((other) => other !== address);
  }

  /** The interface is switched on by its host. */
  async up(): Promise<void> {
    await this.host.namespace.ip(`link set ${this.name} up`);
    await this.#carrier();
  }

  /** The interface is switched off by its host: IPv6 addresses go, IPv4 ones stay. */
  async down(): Promise<void> {
    await this.host.namespace.ip(`link set ${this.name} down`);
  }

  /** The cable is pulled: the host sees that there is no carrier. */
  async unplug(): Promise<void> {
    await this.#lan.namespace.ip(`link set ${this.#port} down`);
  }

  async plugIn(): Promise<void> {
    await this.#lan.namespace.ip(`link set ${this.#port} up`);
    await this.#carrier();
  }

  /** Nothing passes in either direction any more, which the host cannot see. */
  async partition(): Promise<void> {
    await this.#lan.namespace.ip(`link set ${this.#port} nomaster`);
  }

  async rejoin(): Promise<void> {
    await this.#lan.namespace.ip(`link set ${this.#port} master ${Lan.BRIDGE}`);
  }

  /** Multicast from the others no longer reaches this link, unicast does: as on a bad Wi-Fi. */
  async receiveMulticast(received: boolean): Promise<void> {
    const flood = received ? "on" : "off";
    await this.#lan.namespace.ip(`link set ${this.#port} type bridge_slave mcast_flood ${flood}`);
  }

  /** The cable goes from one switch to another; the host's interface stays the same. */
  async moveTo(lan: Lan): Promise<void> {
    const port = lan.nextPort();
    await this.unplug();
    const destination = `netns ${lan.namespace.pid} name ${port}`;
    await this.#lan.namespace.ip(
      `link set ${this.#port} nomaster`,
      `link set ${this.#port} ${destination}`,
    );
    this.#lan = lan;
    this.#port = port;
    await this.rejoin();
    await this.plugIn();
  }

  /** The kernel notices a carrier a moment later. */
  async #carrier(): Promise<void> {
    const state = `/sys/class/net/${this.name}/operstate`;
    const deadline = Date.now() + CARRIER_TIMEOUT;
    while ((await this.host.output("cat", [state])).trim() !== "up") {
      if (Date.now() > deadline) throw new Error(`${this.name} gets no carrier`);
      await setTimeout(20);
    }
  }
}

interface LinkDescription {
  readonly name: string;
  readonly index: number;
  readonly hardwareAddress: string;
  readonly linkLocalAddress: string;
  readonly addresses: readonly string[];
}

/** The kernel adds the link-local address a moment after the interface is up. */
async function describeLink(
  host: Host,
  name: string,
  addresses: readonly string[],
): Promise<LinkDescription> {
  const deadline = Date.now() + LINK_LOCAL_TIMEOUT;
  for (;;) {
    const shown = JSON.parse(await host.output("ip", ["-json", "address", "show", "dev", name]));
    const { ifindex: index, address: hardwareAddress, addr_info } = shown[0] as InterfaceInfo;
    const linkLocalAddress = addr_info.find(({ local }) => local.startsWith("fe80:"))?.local;
    if (linkLocalAddress !== undefined) {
      return { name, index, hardwareAddress, linkLocalAddress, addresses };
    }
    if (Date.now() > deadline) throw new Error(`${name} gets no link-local address`);
    await setTimeout(20);
  }
}

/** The part of `ip -json address` that is read. */
interface InterfaceInfo {
  readonly ifindex: number;
  readonly address: string;
  readonly addr_info: readonly { readonly local: string }[];
}

let hardwareAddresses = 0;

/** Locally administered, unique in this process, so that runs look alike. */
function hardwareAddress(): string {
  hardwareAddresses++;
  const tail = hardwareAddresses.toString(16).padStart(6, "0");
  return `02:00:00:${tail.match(/../g)!.join(":")}`;
}
