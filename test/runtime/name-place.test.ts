import { expect, test } from "vitest";
import { placeOfName } from "../../src/runtime/name-place.ts";

test.each([
  ["printer.local", "link"],
  ["Printer.LOCAL.", "link"],
  ["_http._tcp.local", "link"],
  ["local", "link"],
  ["name.onion", "link"],
  ["name.invalid", "link"],
  ["7.1.254.169.in-addr.arpa", "link"],
  ["printer", "either"],
  ["www.example.com", "elsewhere"],
  ["notlocal.localx", "elsewhere"],
  ["localhost", "elsewhere"],
  ["7.2.0.192.in-addr.arpa", "elsewhere"],
  ["bad..name", "elsewhere"],
])("%s is asked for: %s", (name, place) => {
  expect(placeOfName(name)).toBe(place);
});
