/** The names that a name may stand for. */

import { describe, expect, test } from "vitest";
import {
  type SearchOutcome,
  searchCandidates,
  searchResult,
} from "../../src/unicast/search-list.ts";
import { Name } from "../../src/wire/name.ts";

function candidates(
  text: string,
  { domains = ["a.example", "b.example"], ndots = 1, asksSingleLabel = false } = {},
): string[] {
  const settings = { domains: domains.map((one) => Name.parse(one)), ndots, asksSingleLabel };
  return searchCandidates(Name.parse(text), text.endsWith("."), settings).map(String);
}

describe("candidates", () => {
  test.each([
    ["nas", {}, ["nas.a.example", "nas.b.example"]],
    ["nas", { asksSingleLabel: true }, ["nas.a.example", "nas.b.example", "nas"]],
    ["nas", { domains: [] }, []],
    ["nas", { domains: [], asksSingleLabel: true }, ["nas"]],
    ["nas", { ndots: 0, asksSingleLabel: true }, ["nas", "nas.a.example", "nas.b.example"]],
    ["www.corp", {}, ["www.corp", "www.corp.a.example", "www.corp.b.example"]],
    ["www.corp", { ndots: 2 }, ["www.corp.a.example", "www.corp.b.example", "www.corp"]],
    ["nas.", {}, ["nas"]],
    ["www.corp.", { ndots: 5 }, ["www.corp"]],
    ["www.corp", { domains: ["."] }, ["www.corp"]],
    ["nas", { domains: ["a.example", "A.example"] }, ["nas.a.example"]],
  ])("%s with %j", (name, settings, expected) => {
    expect(candidates(name, settings)).toEqual(expected);
  });

  test("a domain that makes the name too long is left out", () => {
    const long = Array.from({ length: 3 }, () => "x".repeat(63)).join(".");
    expect(candidates(`${"y".repeat(62)}`, { domains: [long, "a.example"] })).toEqual([
      `${"y".repeat(62)}.a.example`,
    ]);
  });
});

test.each<[SearchOutcome[], SearchOutcome]>([
  [["no-name", "found"], "found"],
  [["no-name", "no-data", "no-name"], "no-data"],
  [["no-name", "failed", "no-name"], "failed"],
  [["failed", "no-data"], "no-data"],
  [["no-name", "no-name"], "no-name"],
  [[], "no-name"],
])("of the outcomes %j the search tells %s", (outcomes, expected) => {
  expect(searchResult(outcomes)).toBe(expected);
});
