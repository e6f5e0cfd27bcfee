/** Which reader a service definition file is for. */

import { describe, expect, it } from "vitest";
import { parseServiceFile, serviceFormatOf } from "../../src/config/service-file.ts";
import { describeGroup } from "./describe-group.ts";

describe("serviceFormatOf", () => {
  it.each([
    ["/etc/dotlocal/services/web.yaml", "dotlocal"],
    ["web.yml", "dotlocal"],
    ["web.json", "dotlocal"],
    ["/etc/avahi/services/ssh.service", "avahi"],
    ["/etc/systemd/dnssd/http.dnssd", "systemd"],
    ["README.md", undefined],
    ["web.yaml~", undefined],
    [".web.yaml", undefined],
    ["/a.yaml/file", undefined],
    ["web.constructor", undefined],
  ])("takes %s for %s", (file, format) => {
    expect(serviceFormatOf(file)).toBe(format);
  });
});

describe("parseServiceFile", () => {
  it.each([
    ["dotlocal", "{ name: Web, type: _http._tcp, port: 80 }"],
    [
      "avahi",
      "<service-group><name>Web</name><service><type>_http._tcp</type><port>80</port>" +
        "</service></service-group>",
    ],
    ["systemd", "[Service]\nName=Web\nType=_http._tcp\nPort=80\n"],
  ] as const)("reads the same service in the format of %s", (format, text) => {
    const { group } = parseServiceFile(text, "file", format);
    expect(describeGroup(group)).toEqual(["Web", "_http._tcp | 80"]);
    expect(group?.format).toBe(format);
  });
});
