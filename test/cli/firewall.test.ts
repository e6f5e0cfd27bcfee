import { describe, expect, it } from "vitest";
import { firewallFindings } from "../../src/cli/diagnosis/firewall.ts";

function verdicts(rules: { nft?: string; iptables?: string; isRefused?: boolean }): string[] {
  const { nft, iptables, isRefused = false } = rules;
  return firewallFindings({ nft, iptables, isRefused }).map(({ severity, what }) =>
    `${severity} ${/port (\d+)/.exec(what)?.[1] ?? ""}`.trim(),
  );
}

function nft(policy: string, ...rules: string[]): string {
  const head = `type filter hook input priority filter; policy ${policy};`;
  return `table inet filter {\n\tchain input {\n\t\t${[head, ...rules].join("\n\t\t")}\n\t}\n}\n`;
}

describe("firewall rules", () => {
  it.each<[string, Parameters<typeof verdicts>[0], string[]]>([
    ["no tool and no rules", {}, ["ok"]],
    ["rules nobody may see", { isRefused: true }, ["note"]],
    ["a policy that accepts", { nft: nft("accept") }, ["ok"]],
    ["a rule that drops", { nft: nft("accept", "udp dport 5353 drop") }, ["problem 5353"]],
    [
      "a rule that rejects a set",
      { nft: nft("accept", "udp dport { 53, 5355 } reject") },
      ["problem 5355"],
    ],
    [
      "a range that is dropped",
      { nft: nft("accept", "udp dport 5000-6000 drop") },
      ["problem 5353", "problem 5355"],
    ],
    [
      "a policy that drops",
      { nft: nft("drop", "tcp dport 22 accept") },
      ["warning 5353", "warning 5355"],
    ],
    [
      "a policy with rules for both",
      { nft: nft("drop", "udp dport { mdns, 5355 } accept") },
      ["ok"],
    ],
    [
      "a comment that speaks of dropping",
      { nft: nft("accept", 'udp dport 5353 accept comment "drop"') },
      ["ok"],
    ],
    [
      "iptables that drop",
      { iptables: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p udp -m udp --dport 5353 -j DROP\n" },
      ["problem 5353"],
    ],
    [
      "iptables that drop TCP alone",
      { iptables: ":INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 5353 -j DROP\n" },
      ["ok"],
    ],
    [
      "iptables that drop all but one port",
      { iptables: ":INPUT DROP [0:0]\n-A INPUT -p udp -m multiport --dports 53,5353 -j ACCEPT\n" },
      ["warning 5355"],
    ],
  ])("%s", (_what, rules, expected) => {
    expect(verdicts(rules)).toEqual(expected);
  });

  it("are quoted in the finding, with a remedy for the port", () => {
    const [finding] = firewallFindings({
      nft: nft("accept", "udp dport 5353 drop"),
      ...{ iptables: undefined, isRefused: false },
    });
    expect(finding!.what).toBe("a rule stops mDNS (UDP port 5353): udp dport 5353 drop");
    expect(finding!.remedy).toContain("ufw allow 5353/udp");
  });
});
