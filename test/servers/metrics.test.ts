import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { daemonMetrics } from "../../src/servers/metrics/daemon-metrics.ts";
import { exposition } from "../../src/servers/metrics/exposition.ts";
import { MetricsServer } from "../../src/servers/metrics/metrics-server.ts";
import { FakeAdministered } from "./fake-daemon.ts";

const LOOPBACK = { address: "127.0.0.1" as IpAddress, port: 0 };

describe("Prometheus' text", () => {
  it("has help, type and a line a sample, with labels escaped", () => {
    const samples = [{ value: 1 }, { labels: { name: 'a "b"\\\n', link: "eth0" }, value: 2.5 }];
    expect(exposition([{ name: "x_total", help: "Of\nx.", type: "counter", samples }])).toBe(
      "# HELP x_total Of\\nx.\n# TYPE x_total counter\n" +
        'x_total 1\nx_total{name="a \\"b\\"\\\\\\n",link="eth0"} 2.5\n',
    );
  });

  it("leaves out what has no samples", () => {
    expect(exposition([{ name: "x", help: "", type: "gauge", samples: [] }])).toBe("");
  });
});

describe("the daemon's metrics", () => {
  const text = exposition(daemonMetrics(new FakeAdministered().status()));

  it("tell its version, load, names and resolver", () => {
    expect(text).toMatch(/^dotlocal_info\{version="1\.0\.0"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^dotlocal_host_name\{link="eth0",name="[^"]+\.local",state="\w+",/m);
    expect(text).toMatch(/^dotlocal_mdns_cache_records\{link="eth0"\} 0$/m);
    expect(text).toMatch(/^dotlocal_dns_cache_answers 0$/m);
  });

  it("are well formed: names, labels and numbers, each family once", () => {
    const families = [...text.matchAll(/^# TYPE (\S+) (counter|gauge)$/gm)].map(([, name]) => name);
    expect(new Set(families).size).toBe(families.length);
    for (const line of text.trimEnd().split("\n")) {
      if (line.startsWith("#")) continue;
      expect(line).toMatch(/^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? -?\d+(\.\d+)?(e-?\d+)?$/);
      expect(families).toContain(/^[a-z_]+/.exec(line)![0]);
    }
  });
});

describe("the metrics server", () => {
  it("serves /metrics and nothing else", async () => {
    const daemon = new FakeAdministered();
    const server = new MetricsServer(LOOPBACK, () => daemonMetrics(daemon.status()));
    const port = await server.listen();
    const url = `http://127.0.0.1:${port}`;
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain("dotlocal_info");
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
    await server.close();
  });

  it("says so when the port is taken", async () => {
    const first = new MetricsServer(LOOPBACK, () => []);
    const port = await first.listen();
    const second = new MetricsServer({ ...LOOPBACK, port }, () => []);
    await expect(second.listen()).rejects.toMatchObject({ code: "IN_USE" });
    await first.close();
  });
});
