/**
 * The shape of `dotlocal.yaml`: the one source of what the reader accepts and of the JSON Schema
 * that editors use. Text with a form of its own (addresses, networks, names) is read by
 * `configuration-file.ts`.
 */

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { DURATION_EXPECTED, DURATION_PATTERN } from "./duration.ts";

/** RFC 6762 §8.3: a responder may send up to eight unsolicited responses. */
const ANNOUNCEMENTS_MAX = 8;

/** RFC 2181 §8: the largest ttl. */
const TTL_MAX = 2_147_483_647;

const CACHE_SIZE_MAX = 1_000_000;

const NDOTS_MAX = 15;

const ATTEMPTS_MAX = 10;

function choice<Values extends readonly string[]>(values: readonly [...Values], about: string) {
  const literals = values.map((value) => Type.Literal(value));
  return Type.Optional(Type.Unsafe<Values[number]>(Type.Union(literals, { description: about })));
}

function flag(about: string) {
  return Type.Optional(Type.Boolean({ description: about }));
}

function section<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

const text = (expected: string) => Type.String({ minLength: 1, expected });

function texts(expected: string, about: string) {
  return Type.Array(text(expected), { description: about });
}

function nullable(expected: string, about: string) {
  return Type.Optional(Type.Union([text(expected), Type.Null()], { description: about, expected }));
}

export const duration = Type.String({ pattern: DURATION_PATTERN, expected: DURATION_EXPECTED });

function durationOf(about: string) {
  return Type.Optional(
    Type.String({ pattern: DURATION_PATTERN, expected: DURATION_EXPECTED, description: about }),
  );
}

function ttl(about: string) {
  const expected = `a number of seconds from 0 to ${TTL_MAX}`;
  return Type.Optional(
    Type.Integer({ minimum: 0, maximum: TTL_MAX, expected, description: about }),
  );
}

function automaticOr<Schema extends TSchema>(schema: Schema, expected: string, about: string) {
  const alternatives = Type.Union([Type.Literal("auto"), schema], { expected, description: about });
  return Type.Optional(alternatives);
}

const modes = ["full", "resolve", "off"] as const;

const upstreams = texts("a name server", "Name servers to ask");

const mdns = section({
  mode: choice(modes, "Answer and ask, only ask, or neither"),
  publish: Type.Optional(
    section({
      addresses: flag("This host's addresses"),
      reverse: flag("Pointers from its addresses back to its name"),
      hinfo: flag("Its processor and operating system"),
      workstation: flag("A _workstation._tcp service an interface, as old browsers list"),
    }),
  ),
  announcements: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: ANNOUNCEMENTS_MAX,
      description: "How many times a new record is announced",
    }),
  ),
  lookupTimeout: durationOf("In all, for a name that nobody has"),
  reclaim: flag("After a rename, take the original name back when it is free"),
  sameNameOnAllLinks: flag("A rename on one link is a rename on all"),
  browseDomains: Type.Optional(
    texts("a domain name", "Published as domains to browse (b, lb and db._dns-sd._udp)"),
  ),
});

const llmnr = section({
  mode: choice(modes, "Answer and ask, only ask, or neither"),
  guard: flag("Watch for hosts that answer to every name"),
  guardInterval: durationOf("How often the watch asks for a name that nobody has"),
});

const stub = section({
  enabled: flag("Answer DNS queries of programs on this host"),
  listen: Type.Optional(texts("an address with an optional port", "Where to listen")),
  allow: Type.Optional(texts("a network", "Networks that may ask")),
});

const cache = section({
  size: Type.Optional(
    Type.Integer({ minimum: 0, maximum: CACHE_SIZE_MAX, description: "Record sets kept" }),
  ),
  maxTtl: ttl("No answer is kept for longer"),
  maxNegativeTtl: ttl("No negative answer is kept for longer"),
  staleTtl: ttl("How long an expired answer may be used while the servers are silent"),
  prefetch: flag("Ask again for names in use before they expire"),
});

const resolver = section({
  stub: Type.Optional(stub),
  resolvConf: choice(["leave", "manage"], "Whether /etc/resolv.conf points at the stub"),
  upstreams: automaticOr(upstreams, "auto or a list of name servers", "Name servers to ask"),
  search: automaticOr(
    texts("a domain name", "Domains"),
    "auto or a list of domains",
    "Domains to try after a short name",
  ),
  ndots: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: NDOTS_MAX,
      description: "A name with as many dots is tried as it is first",
    }),
  ),
  timeout: automaticOr(duration, `auto or ${DURATION_EXPECTED}`, "For one query to one server"),
  attempts: automaticOr(
    Type.Integer({ minimum: 1, maximum: ATTEMPTS_MAX }),
    `auto or a whole number from 1 to ${ATTEMPTS_MAX}`,
    "How many times the servers are gone through",
  ),
  routes: Type.Optional(
    Type.Record(Type.String(), upstreams, {
      description: "Name servers for a domain of their own",
    }),
  ),
  singleLabel: Type.Optional(
    Type.Array(
      Type.Unsafe<"search" | "mdns" | "llmnr">(
        Type.Union([Type.Literal("search"), Type.Literal("mdns"), Type.Literal("llmnr")]),
      ),
      { description: "Where a name of one label is looked for, in this order" },
    ),
  ),
  rotate: flag("Give the addresses of an answer in turn"),
  localUnicastFallback: choice(
    ["auto", "always", "never"],
    "Ask name servers for .local names that nobody on the link answers",
  ),
  cache: Type.Optional(cache),
});

const paths = (about: string) => Type.Optional(texts("a path", about));

const services = section({
  directories: paths("Directories of *.yaml and *.json service definitions"),
  avahi: paths("Directories of Avahi's *.service files"),
  avahiHosts: paths("Files in the format of /etc/avahi/hosts"),
  systemd: paths("Directories of systemd's *.dnssd files, the first has priority"),
});

const switches = ["auto", "on", "off"] as const;

const levels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export const configurationSchema = Type.Object(
  {
    hostname: nullable(
      "a label such as node-1",
      "This host's name, without a domain; default: the first label of the system's host name",
    ),
    aliases: Type.Optional(texts("a label such as nas", "Further names for this host")),
    user: nullable("a user name", "Started as root: switch to this user once the ports are bound"),
    interfaces: Type.Optional(
      section({
        allow: Type.Optional(texts("a glob such as eth*", "Interfaces to use")),
        deny: Type.Optional(texts("a glob such as veth*", "Interfaces not to use")),
      }),
    ),
    ipv4: flag("Use IPv4"),
    ipv6: flag("Use IPv6"),
    mdns: Type.Optional(mdns),
    llmnr: Type.Optional(llmnr),
    resolver: Type.Optional(resolver),
    services: Type.Optional(services),
    compat: Type.Optional(
      section({
        avahi: choice(switches, "Avahi's socket, for nss-mdns"),
        resolved: choice(switches, "systemd-resolved's varlink interface, for nss-resolve"),
      }),
    ),
    control: Type.Optional(
      section({
        socket: nullable("a path", "The control socket"),
        publish: choice(["group", "everyone"], "Who may publish and change"),
        group: Type.Optional(
          Type.String({
            ...{ minLength: 1, expected: "a group name" },
            description: "Whose members may publish and change",
          }),
        ),
      }),
    ),
    stateDirectory: nullable("a path", "Where what must outlive a restart is kept"),
    metrics: Type.Optional(
      section({
        listen: nullable(
          "an address and a port such as 127.0.0.1:9353",
          "Where Prometheus text is served at /metrics",
        ),
      }),
    ),
    log: Type.Optional(
      section({
        level: choice(levels, "The least severe level that is logged"),
        format: choice(["auto", "pretty", "json"], "auto: pretty on a terminal"),
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "dotlocal.yaml",
    expected: "keys such as hostname or mdns",
  },
);

export type RawConfiguration = Static<typeof configurationSchema>;
