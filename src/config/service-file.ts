/** Which reader a service definition file is for, by the ending of its name. */

import { parseAvahiServices } from "./avahi-services.ts";
import type { ServiceFormat } from "./service-definition.ts";
import type { ServiceFileOutcome } from "./service-reading.ts";
import { parseSystemdServices } from "./systemd-services.ts";
import { parseYamlServices } from "./yaml-services.ts";

const FORMAT_OF_ENDING: Readonly<Record<string, ServiceFormat>> = {
  yaml: "dotlocal",
  yml: "dotlocal",
  json: "dotlocal",
  service: "avahi",
  dnssd: "systemd",
};

/** undefined for a name that no format has: editors' backups, README files. */
export function serviceFormatOf(fileName: string): ServiceFormat | undefined {
  const base = fileName.slice(fileName.lastIndexOf("/") + 1);
  const ending = /^[^.].*\.([^.]+)$/.exec(base)?.[1] ?? "";
  return Object.hasOwn(FORMAT_OF_ENDING, ending) ? FORMAT_OF_ENDING[ending] : undefined;
}

/** Reads one file of a format, without drop-ins. */
export function parseServiceFile(
  text: string,
  fileName: string,
  format: ServiceFormat,
): ServiceFileOutcome {
  switch (format) {
    case "dotlocal":
      return parseYamlServices(text, fileName);
    case "avahi":
      return parseAvahiServices(text, fileName);
    case "systemd":
      return parseSystemdServices({ file: fileName, text });
  }
}
