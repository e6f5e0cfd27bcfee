import { expect, test } from "vitest";
import { placeSockets } from "../../src/daemon/inherited-sockets.ts";
import type { InheritedSocket } from "../../src/net/listen-fds.ts";

function socket(descriptor: number, name: string, rest: Partial<InheritedSocket> = {}) {
  return {
    descriptor,
    name,
    kind: undefined,
    family: undefined,
    address: undefined,
    port: undefined,
    ...rest,
  };
}

test("sockets are placed by the name that their unit gives them", () => {
  const dns = socket(6, "stub", { kind: "datagram", family: "ipv4", port: 53 });
  expect(
    placeSockets([socket(3, "control"), socket(4, "avahi"), socket(5, "resolved"), dns]),
  ).toEqual({ control: 3, avahi: 4, resolved: 5, stub: [dns], unknown: [] });
});

test("sockets without a name of ours are placed by what they are", () => {
  const udp = socket(4, "dotlocal-dns.socket", { kind: "datagram", family: "ipv6", port: 53 });
  expect(placeSockets([socket(3, "unknown", { family: "unix" }), udp])).toMatchObject({
    control: 3,
    stub: [udp],
  });
});

test("a socket that there is no place for is told by its name", () => {
  expect(placeSockets([socket(3, "printer.socket")]).unknown).toEqual(["printer.socket"]);
});
