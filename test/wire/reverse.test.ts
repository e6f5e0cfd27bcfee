import { expect, test } from "vitest";
import { parseIpAddress } from "../../src/core/ip-address.ts";
import { Name } from "../../src/wire/name.ts";
import { addressOfReverseName, reverseName } from "../../src/wire/reverse.ts";

test.each([
  ["192.0.2.10", "10.2.0.192.in-addr.arpa"],
  ["255.0.0.1", "1.0.0.255.in-addr.arpa"],
  [
    "2001:db8::567:89ab",
    "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
  ],
])("RFC 1035 §3.5, RFC 3596 §2.5: the name of %s and back", (text, name) => {
  const address = parseIpAddress(text)!;
  expect(reverseName(address).toString()).toBe(name);
  expect(addressOfReverseName(Name.parse(name.toUpperCase()))).toBe(address);
});

test.each([
  "2.0.192.in-addr.arpa",
  "1.10.2.0.192.in-addr.arpa",
  "256.2.0.192.in-addr.arpa",
  "01.2.0.192.in-addr.arpa",
  "x.2.0.192.in-addr.arpa",
  "10.2.0.192.in-addr.example",
  "8.b.d.0.1.0.0.2.ip6.arpa",
  `${"0.".repeat(31)}g.ip6.arpa`,
  `${"0.".repeat(31)}00.ip6.arpa`,
])("%s is the name of no address", (name) => {
  expect(addressOfReverseName(Name.parse(name))).toBeUndefined();
});
