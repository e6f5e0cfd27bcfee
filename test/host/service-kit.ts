/** Services of one host under a test's control, written short. */

import type { Link } from "../../src/core/link.ts";
import { PLAIN_SERVICE, type ServiceGroupSpec, type ServiceSpec } from "../../src/dnssd/service.ts";
import { txtEntry } from "../../src/dnssd/txt.ts";
import type { DnssdEvent, ServiceId } from "../../src/dnssd/types.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, record } from "./host-kit.ts";

export const LOCAL = Name.of("local");

export function service(more: Partial<ServiceSpec> = {}): ServiceSpec {
  return { ...PLAIN_SERVICE, type: "_http._tcp", domain: LOCAL, port: 80, ...more };
}

export function group(
  instance: string,
  ...services: readonly Partial<ServiceSpec>[]
): ServiceGroupSpec {
  return { instance, services: services.length === 0 ? [service()] : services.map(service) };
}

/** One TXT record of entries written `key=value` or `key`. */
export function txt(...texts: readonly string[]): ServiceSpec["txt"] {
  return [
    texts.map((text) => {
      const [key = "", value] = text.split(/=(.*)/s);
      return txtEntry(key, value);
    }),
  ];
}

export class ServiceKit extends HostKit {
  publish(spec: ServiceGroupSpec): ServiceId {
    const id = this.engine.publishService(spec, this.instant);
    this.drain();
    return id;
  }

  update(id: ServiceId, spec: ServiceGroupSpec): void {
    this.engine.updateService(id, spec, this.instant);
    this.drain();
  }

  withdraw(id: ServiceId): void {
    this.engine.withdrawService(id, this.instant);
    this.drain();
  }

  /** Another host holds a name: it answers whatever is asked about it with the record. */
  holds(text: string, milliseconds: number, link?: Link): void {
    const { name } = record(text);
    const end = this.now + milliseconds;
    let seen = this.sent.length;
    while (this.now < end) {
      this.advance(Math.min(10, end - this.now));
      const asked = this.sent
        .slice(seen)
        .some(({ message }) => message.questions.some((question) => question.name.equals(name)));
      seen = this.sent.length;
      if (asked) this.hear([text], link === undefined ? {} : { link });
    }
  }

  /** Records in the answer sections sent on a link since an instant, written plainly. */
  answered(since = 0, link?: Link): string[] {
    return this.answersSent(since, link).map((text) =>
      text
        .replace(" IN+flush ", " ")
        .replace(" IN ", " ")
        .replace(/\.(?= |$)/g, "")
        .replaceAll("\\032", " ")
        .replaceAll(/\\(?=[()])/g, ""),
    );
  }

  services<K extends DnssdEvent["kind"]>(kind: K): (DnssdEvent & { readonly kind: K })[] {
    return this.events("service")
      .map(({ event }) => event)
      .filter((event): event is DnssdEvent & { readonly kind: K } => event.kind === kind);
  }
}
