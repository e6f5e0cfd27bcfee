/** Files in the format of Avahi's hosts. */

import { describe, expect, it } from "vitest";
import { parseAvahiHosts } from "../../src/config/avahi-hosts.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";

function parse(text: string) {
  const { entries, diagnostics } = parseAvahiHosts(text, "hosts");
  return {
    entries: entries.map(
      ({ address, name, reverse, line }) =>
        `${line} ${address} ${name}${reverse ? " reverse" : ""}`,
    ),
    messages: diagnostics.map(formatDiagnostic),
  };
}

describe("parseAvahiHosts", () => {
  it("reads an address and a name a line", () => {
    const text = "# static hosts\n\n192.0.2.1 nas.local\n\t2001:DB8::1\tnas.local # the same\n";
    expect(parse(text)).toEqual({
      entries: ["3 192.0.2.1 nas.local reverse", "4 2001:db8::1 nas.local reverse"],
      messages: [],
    });
  });

  it("takes several names of an address; it points back to the first", () => {
    const text = "192.0.2.1 nas.local files.local\n192.0.2.1 backup.local\r\n";
    expect(parse(text)).toEqual({
      entries: [
        "1 192.0.2.1 nas.local reverse",
        "1 192.0.2.1 files.local",
        "2 192.0.2.1 backup.local",
      ],
      messages: [],
    });
  });

  it("takes several addresses of a name", () => {
    expect(parse("192.0.2.1 a.local\n192.0.2.2 a.local").entries).toEqual([
      "1 192.0.2.1 a.local reverse",
      "2 192.0.2.2 a.local reverse",
    ]);
  });

  it("reports every wrong line and keeps the others", () => {
    const text = [
      "nas.local 192.0.2.1",
      "192.0.2.1",
      "  192.0.2.2 a..b ok.local",
      "192.0.2.3 nas",
      "fe80::1%eth0 link.local",
      "192.0.2.9 good.local",
    ];
    expect(parse(text.join("\n"))).toEqual({
      entries: ["3 192.0.2.2 ok.local reverse", "6 192.0.2.9 good.local reverse"],
      messages: [
        'hosts:1:1: expected an IP address, not "nas.local"',
        'hosts:2:1: expected a host name after "192.0.2.1"',
        'hosts:3:13: expected a host name, not "a..b": a label is empty',
        'hosts:4:11: expected a full host name, not "nas" (write nas.local)',
        'hosts:5:1: expected an IP address, not "fe80::1%eth0"',
      ],
    });
  });

  it("warns of a line that says the same again", () => {
    expect(parse("192.0.2.1 a.local\n192.0.2.1 A.local\n")).toEqual({
      entries: ["1 192.0.2.1 a.local reverse"],
      messages: ["hosts:2:11: warning: A.local has the address 192.0.2.1 already"],
    });
  });
});
