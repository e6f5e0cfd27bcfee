import { expect, test } from "vitest";
import { Name } from "../../../../src/wire/name.ts";
import { Capture } from "../capture.ts";
import { Lan } from "../lan.ts";
import { describeEndToEnd } from "../requirements.ts";
import { Avahi } from "./avahi.ts";
import { startLlmnrd } from "./llmnrd.ts";
import { getent } from "./nss.ts";
import { Resolved } from "./resolved.ts";
import { startBonjourService, startCiao, startPythonZeroconf } from "./scripted-peer.ts";

describeEndToEnd("Avahi as a peer", { needs: ["avahi-daemon", "avahi-utils", "tcpdump"] }, () => {
  test("publishes its host name and services, and finds another's", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const capture = await Capture.start(lan);
    const first = await Avahi.start(a, {
      services: {
        web: "<name>Web</name><service><type>_http._tcp</type><port>8080</port></service>",
      },
    });
    const second = await Avahi.start(b);
    expect(first.fullHostName).toBe("alpha.local");
    expect((await second.resolve("-4", "-n", "alpha.local")).stdout).toBe(
      `alpha.local\t${a.address}\n`,
    );
    const found = await second.browse("_http._tcp");
    expect(found.some((line) => line.startsWith("=;eth0;IPv4;Web;_http._tcp;local;alpha"))).toBe(
      true,
    );
    await first.publish("-a", "--no-reverse", "nas.local", "192.0.2.99");
    expect((await second.resolve("-4", "-n", "nas.local")).stdout).toContain("192.0.2.99");
    const announced = await capture.until(
      ({ message, source }) =>
        source.address === a.address &&
        message.answers.some(({ data }) => data.kind === "SRV" && data.port === 8080),
    );
    expect(announced.hopLimit).toBe(255);
  });
});

describeEndToEnd(
  "systemd-resolved as a peer",
  { needs: ["systemd-resolved", "avahi-daemon", "avahi-utils", "tcpdump", "llmnrd"] },
  () => {
    test("publishes its host name and a service, and finds another's", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      const avahi = await Avahi.start(b);
      const resolved = await Resolved.start(a, {
        services: { web: "[Service]\nName=Web\nType=_http._tcp\nPort=8080\n" },
      });
      expect((await resolved.control("query", "-4", "beta.local")).stdout).toContain(b.address);
      expect((await avahi.resolve("-4", "-n", "alpha.local")).stdout).toContain(a.address);
      const found = await avahi.browse("_http._tcp");
      expect(found.some((line) => line.startsWith("=;eth0;IPv4;Web;_http._tcp;local;alpha"))).toBe(
        true,
      );
    });
  },
);

describeEndToEnd("llmnrd as a peer", { needs: ["llmnrd", "systemd-resolved", "tcpdump"] }, () => {
  test("answers over IPv4 and IPv6", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await startLlmnrd(a);
    const resolved = await Resolved.start(b);
    const capture = await Capture.start(lan);
    // systemd-resolved asks for A over IPv4 and for AAAA over IPv6.
    expect((await resolved.control("query", "-4", "alpha")).stdout).toContain(a.address);
    expect((await resolved.control("query", "-6", "alpha")).stdout).toContain(
      a.link.linkLocalAddress,
    );
    const answers = await capture.packets(
      ({ source, message }) =>
        source.port === 5355 && message.answers.some(({ name }) => name.equals(Name.of("alpha"))),
    );
    const sources = answers.map(({ source }) => source.address);
    expect(sources).toEqual(expect.arrayContaining([a.address, a.link.linkLocalAddress]));
  });
});

describeEndToEnd(
  "the C library's look-ups",
  { needs: ["libnss-mdns", "libnss-resolve", "avahi-daemon", "systemd-resolved"] },
  () => {
    test("reach Avahi through nss-mdns and systemd-resolved through nss-resolve", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await Promise.all([Avahi.start(a), Resolved.start(b)]);
      const lookup = ["ahostsv4", "beta.local"] as const;
      expect((await getent(a, "files dns", ...lookup)).status).toBe(2);
      expect((await getent(a, "files mdns4", ...lookup)).stdout).toContain(b.address);
      expect((await getent(b, "resolve", "ahostsv4", "alpha.local")).stdout).toContain(a.address);
    });
  },
);

const libraries = [
  { title: "python-zeroconf", need: "python3-zeroconf", start: startPythonZeroconf },
  { title: "ciao", need: "ciao", start: startCiao },
  { title: "bonjour-service", need: "bonjour-service", start: startBonjourService },
] as const;

for (const { title, need, start } of libraries) {
  describeEndToEnd(`${title} as a peer`, { needs: [need, "avahi-daemon", "avahi-utils"] }, () => {
    test("publishes a service with its host name, and takes it back", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      const avahi = await Avahi.start(b);
      const peer = await start(a);
      const registered = await peer.register({
        ...{ name: "Web", type: "_http._tcp", port: 8080 },
        properties: { path: "/x" },
      });
      expect(registered.name).toMatch(/^Web\._http\._tcp\.local\.?$/);
      const found = (await avahi.browse("_http._tcp")).filter((line) => line.startsWith("="));
      expect(found).toContain(
        `=;eth0;IPv4;Web;_http._tcp;local;alpha.local;${a.address};8080;"path=/x"`,
      );
      await peer.close();
      await expect.poll(() => avahi.browse("_http._tcp"), { timeout: 5000 }).toEqual([]);
    });
  });
}

describeEndToEnd(
  "libraries that browse",
  { needs: ["python3-zeroconf", "bonjour-service"] },
  () => {
    test("see each other's services come and go", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      const zeroconf = await startPythonZeroconf(a);
      const bonjour = await startBonjourService(b);
      zeroconf.browse("_http._tcp");
      bonjour.browse("_ipp._tcp");
      await bonjour.register({ name: "Web", type: "_http._tcp", port: 8080 });
      await zeroconf.register({ name: "Laser", type: "_ipp._tcp", port: 631 });
      expect(await zeroconf.event(({ event }) => event === "added")).toMatchObject({
        name: "Web._http._tcp.local.",
        port: 8080,
      });
      expect(await bonjour.event(({ event }) => event === "added")).toMatchObject({
        name: "Laser._ipp._tcp.local",
        port: 631,
      });
      await bonjour.close();
      await zeroconf.event(({ event }) => event === "removed");
    });
  },
);
