/** What the manual says beside the commands' own help: a term, and what it means. */

import { SYSTEM_CONTROL_SOCKET, SYSTEM_STATE_DIRECTORY } from "../../config/default-paths.ts";
import {
  EXIT_DONE,
  EXIT_FAULT,
  EXIT_NOT_ALLOWED,
  EXIT_NOT_FOUND,
  EXIT_USAGE,
} from "../../core/errors.ts";
import { SYSTEM_CONFIGURATION_FILE } from "../../runtime/configuration-source.ts";

type Fact = readonly [term: string, meaning: string];

export const EXIT_STATUSES: readonly Fact[] = [
  [String(EXIT_DONE), "Done or found; also Ctrl-C on `publish`."],
  [
    String(EXIT_NOT_FOUND),
    "Not found before the time-out, also when one of several names was not.",
  ],
  [String(EXIT_USAGE), "Usage or invalid input; a wrong file is told with line and column."],
  [
    String(EXIT_NOT_ALLOWED),
    "The host does not allow it: no usable link, no permission, a port that is held. " +
      "`diagnose`: a problem was found.",
  ],
  [String(EXIT_FAULT), "A fault of dotlocal."],
];

export const ENVIRONMENT: readonly Fact[] = [
  ["DOTLOCAL_CONFIG", "The configuration file, where --config names none."],
  ["DOTLOCAL_SOCKET", "The control socket that commands use, where --socket names none."],
  ["DOTLOCAL_TRANSPORT", "`portable`: does without the optional native module."],
  ["NO_COLOR", "No colours."],
  [
    "RUNTIME_DIRECTORY, STATE_DIRECTORY, NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_FDS",
    "As systemd sets them for the daemon.",
  ],
];

export const SIGNALS: readonly Fact[] = [
  ["SIGTERM, SIGINT", "Says goodbye for everything published and ends, within a second."],
  [
    "SIGHUP",
    "Reads the configuration and the service definitions again. An invalid configuration is refused " +
      "with its place in the file, and the old one stays. `dotlocal reload` does the same and says " +
      "what came of it.",
  ],
];

export const FILES: readonly Fact[] = [
  [SYSTEM_CONFIGURATION_FILE, "The configuration, see `dotlocal.yaml`(5)."],
  ["/etc/dotlocal/services/", "Service definitions, which are followed as they change."],
  [SYSTEM_CONTROL_SOCKET, "The control socket."],
  [SYSTEM_STATE_DIRECTORY, "Names that were taken, so that they come back after a restart."],
];

export const UNITS: readonly Fact[] = [
  ["dotlocal.service", "The daemon, as its own user."],
  ["dotlocal.socket", "The control socket."],
  [
    "dotlocal-dns.socket",
    "Port 53 of the DNS stub; with it the daemon needs no capability. Disabled by default.",
  ],
  [
    "dotlocal-avahi.socket",
    "The socket that libnss-mdns asks, in avahi-daemon's place. Disabled by default; the two exclude " +
      "each other.",
  ],
  [
    "dotlocal-resolved.socket",
    "The socket that libnss-resolve asks, in systemd-resolved's place. Disabled by default; the two " +
      "exclude each other.",
  ],
];
