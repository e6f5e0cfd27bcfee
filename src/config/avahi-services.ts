/**
 * Reads Avahi's `*.service` files as Avahi itself does, which is not quite as their document type
 * says: children in any order, text verbatim, only `name` and a `type` for each service mandatory;
 * an unknown element or attribute makes the whole file invalid.
 *
 * Where Avahi would stop at the first problem, all are reported.
 */

import type { Result } from "../core/errors.ts";
import { Name } from "../wire/name.ts";
import { DiagnosticList, isTooLarge, type Position, quote } from "./diagnostic.ts";
import { readAvahiTemplate } from "./name-template.ts";
import { nearestOf } from "./nearest.ts";
import { parseDomain, parseHostName, parsePort } from "./network-values.ts";
import { parseBase64, parseHex, utf8 } from "./octets.ts";
import type { NameTemplate, ServiceDefinition, TxtEntry } from "./service-definition.ts";
import {
  SERVICE_DEFAULTS,
  type ServiceFileOutcome,
  serviceFileOutcome,
} from "./service-reading.ts";
import {
  checkName,
  checkSubtype,
  checkTxtRecord,
  checkType,
  type PlacedTxtEntry,
  splitTxtEntry,
} from "./service-rules.ts";
import { readXml, type XmlElement, type XmlHandler } from "./xml-elements.ts";

/** Reads the text of a `*.service` file. */
export function parseAvahiServices(text: string, fileName: string): ServiceFileOutcome {
  const diagnostics = new DiagnosticList(fileName);
  if (isTooLarge(text, diagnostics)) return serviceFileOutcome(undefined, diagnostics);
  const reader = new AvahiReader(diagnostics);
  readXml(text, reader, diagnostics);
  const { name, services, line } = reader;
  const source = { file: fileName, line };
  return serviceFileOutcome({ name, services, format: "avahi", source }, diagnostics);
}

/** The elements that may occur in each, and the one attribute that each may carry. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  "": ["service-group"],
  "service-group": ["name", "service"],
  service: ["type", "subtype", "domain-name", "host-name", "port", "txt-record"],
};

const ATTRIBUTES: Readonly<Record<string, string>> = {
  name: "replace-wildcards",
  service: "protocol",
  "txt-record": "value-format",
};

const PROTOCOLS = ["any", "ipv4", "ipv6"] as const;

type Protocol = (typeof PROTOCOLS)[number];

/** An element that holds text, with the text so far. */
interface TextElement {
  readonly element: XmlElement;
  text: string;
}

/** A service while its element is open. */
interface OpenService {
  readonly position: Position;
  readonly protocol: Protocol;
  readonly texts: TextElement[];
}

class AvahiReader implements XmlHandler {
  readonly services: ServiceDefinition[] = [];
  name: NameTemplate = [];
  line = 1;
  readonly #diagnostics: DiagnosticList;
  /** Names of the open elements; `skipped` counts those below one that is unknown. */
  readonly #open: string[] = [];
  #skipped = 0;
  #group: XmlElement | undefined;
  #service: OpenService | undefined;
  #serviceCount = 0;
  readonly #names: TextElement[] = [];
  #text: TextElement | undefined;

  constructor(diagnostics: DiagnosticList) {
    this.#diagnostics = diagnostics;
  }

  open(element: XmlElement): void {
    const parent = this.#open.at(-1) ?? "";
    if (this.#skipped > 0 || !this.#isExpected(element, parent)) {
      this.#skipped++;
      return;
    }
    this.#open.push(element.name);
    this.#checkAttributes(element);
    if (element.name === "service-group") this.#openGroup(element);
    else if (element.name === "service") this.#openService(element);
    else this.#openText(element);
  }

  text(text: string): void {
    if (this.#text !== undefined && this.#skipped === 0) this.#text.text += text;
  }

  close(): void {
    if (this.#skipped > 0) {
      this.#skipped--;
      return;
    }
    const name = this.#open.pop();
    this.#text = undefined;
    if (name === "service") this.#closeService();
    else if (name === "service-group") this.#closeGroup();
  }

  #isExpected({ name, position }: XmlElement, parent: string): boolean {
    const expected = CHILDREN[parent] ?? [];
    if (expected.includes(name)) return true;
    const where = parent === "" ? "as the root" : `in <${parent}>`;
    const nearest = nearestOf(name, expected);
    const hint =
      nearest !== undefined
        ? `did you mean <${nearest}>?`
        : expected.length === 0
          ? "only text may stand there"
          : `valid there: ${expected.map((child) => `<${child}>`).join(", ")}`;
    this.#diagnostics.error(position, `unexpected element <${name}> ${where}`, hint);
    return false;
  }

  #checkAttributes({ name, attributes, position }: XmlElement): void {
    const allowed = ATTRIBUTES[name];
    for (const attribute of Object.keys(attributes)) {
      if (attribute === allowed) continue;
      const hint = allowed === undefined ? "it takes none" : `it takes only ${allowed}`;
      this.#diagnostics.error(position, `unexpected attribute ${attribute} of <${name}>`, hint);
    }
  }

  #openGroup(element: XmlElement): void {
    this.#group = element;
    this.line = element.position.line;
  }

  #openService(element: XmlElement): void {
    const protocol = element.attributes["protocol"] ?? "any";
    const known = PROTOCOLS.find((candidate) => candidate === protocol);
    if (known === undefined) {
      const message = `protocol: expected any, ipv4 or ipv6, not ${quote(protocol)}`;
      this.#diagnostics.error(element.position, message);
    }
    this.#service = { position: element.position, protocol: known ?? "any", texts: [] };
    this.#serviceCount++;
  }

  #openText(element: XmlElement): void {
    this.#text = { element, text: "" };
    if (element.name === "name") this.#names.push(this.#text);
    else this.#service?.texts.push(this.#text);
  }

  #closeGroup(): void {
    const group = this.#group!;
    if (this.#names.every(({ text }) => text === "")) {
      this.#diagnostics.error(group.position, "the service group has no <name>");
    } else {
      this.name = this.#readGroupName();
    }
    if (this.#serviceCount === 0) {
      this.#diagnostics.error(group.position, "the service group has no <service>");
    }
  }

  /** Several `<name>` elements are joined; the last one's attribute counts. */
  #readGroupName(): NameTemplate {
    const { element } = this.#names.at(-1)!;
    const text = this.#join(this.#names);
    const wildcards = element.attributes["replace-wildcards"];
    const template = wildcards === "yes" ? readAvahiTemplate(text) : [text];
    if (wildcards !== undefined && wildcards !== "yes" && wildcards !== "no") {
      const message = `replace-wildcards: only "yes" replaces them, not ${quote(wildcards)}`;
      this.#diagnostics.warn(element.position, message);
    } else if (wildcards === undefined && text.includes("%h")) {
      const message = "%h stays as it is in this name";
      this.#diagnostics.warn(element.position, message, 'add replace-wildcards="yes" to <name>');
    }
    checkName(template, element.position, this.#diagnostics, "warning");
    return template;
  }

  #closeService(): void {
    const { position, protocol, texts } = this.#service!;
    this.#service = undefined;
    const of = (name: string) => texts.filter(({ element }) => element.name === name);
    const type = this.#join(of("type"));
    if (type === "") this.#diagnostics.error(position, "the service has no <type>");
    else checkType(type, of("type").at(-1)!.element.position, this.#diagnostics);
    const txt = of("txt-record").map((record) => this.#readTxt(record));
    checkTxtRecord(txt, this.#diagnostics);
    this.services.push({
      ...SERVICE_DEFAULTS,
      type,
      subtypes: of("subtype").flatMap((subtype) => this.#readSubtype(subtype, type)),
      port: this.#readPort(of("port").at(-1)),
      txt: txt.map(({ entry }) => entry),
      host: this.#readName(of("host-name"), parseHostName),
      domain: this.#readName(of("domain-name"), parseDomain) ?? Name.LOCAL,
      protocol,
      line: position.line,
    });
  }

  #join(elements: readonly TextElement[]): string {
    const second = elements[1];
    if (second !== undefined) {
      const { name, position } = second.element;
      this.#diagnostics.warn(position, `a second <${name}>; the texts of all of them are joined`);
    }
    return elements.map(({ text }) => text).join("");
  }

  /** Spelt in full, `_printer._sub._http._tcp`; what Avahi would leave out is left out. */
  #readSubtype({ element, text }: TextElement, type: string): string[] {
    const { position } = element;
    const [, subtype = "", base = ""] = /^(.+?)\._sub\.(.+)$/i.exec(text) ?? [];
    if (base.toLowerCase() !== type.toLowerCase() || subtype.includes(".")) {
      const expected = `expected a subtype of ${quote(type)} such as _printer._sub._http._tcp`;
      const message = `${expected}, not ${quote(text)}`;
      this.#diagnostics.warn(position, message, "it is left out");
      return [];
    }
    checkSubtype(subtype, position, this.#diagnostics);
    return [subtype];
  }

  /** None is port 0, which Avahi accepts. */
  #readPort(port: TextElement | undefined): number {
    if (port === undefined || port.text === "") return 0;
    const number = parsePort(port.text.trim(), 0);
    if (number === undefined) {
      const message = `expected a port from 0 to 65535, not ${quote(port.text)}`;
      this.#diagnostics.error(port.element.position, message);
    }
    return number ?? 0;
  }

  #readName(
    elements: readonly TextElement[],
    parse: (text: string) => Result<Name, string>,
  ): Name | undefined {
    const text = this.#join(elements);
    if (text === "") return undefined;
    const name = parse(text);
    if (name.ok) return name.value;
    this.#diagnostics.error(elements.at(-1)!.element.position, name.error);
    return undefined;
  }

  #readTxt({ element, text }: TextElement): PlacedTxtEntry {
    const { position, attributes } = element;
    const entry = splitTxtEntry(utf8(text));
    const format = attributes["value-format"] ?? "text";
    if (format === "text") return { entry, position };
    if (format !== "binary-hex" && format !== "binary-base64") {
      const expected = "expected text, binary-hex or binary-base64";
      this.#diagnostics.error(position, `value-format: ${expected}, not ${quote(format)}`);
      return { entry, position };
    }
    return { entry: this.#decode(entry, text, format, position), position };
  }

  #decode(
    entry: TxtEntry,
    text: string,
    format: "binary-hex" | "binary-base64",
    position: Position,
  ): TxtEntry {
    if (entry.value === undefined) return entry;
    const encoded = text.slice(text.indexOf("=") + 1);
    const value = format === "binary-hex" ? parseHex(encoded) : parseBase64(encoded);
    if (value !== undefined) return { key: entry.key, value };
    const expected =
      format === "binary-hex" ? "two hexadecimal digits an octet" : "base64 with its padding";
    this.#diagnostics.error(position, `expected ${expected} after "=", not ${quote(encoded)}`);
    return entry;
  }
}
