import { describe, expect, it } from "vitest";
import { Browser } from "../../src/client/browser.ts";
import { Responder } from "../../src/client/responder.ts";
import type { BrowseEvent } from "../../src/runtime/services.ts";
import { ServedServices } from "../servers/fake-services.ts";

const WEB = { name: "Web", type: "_http._tcp", port: 80, txt: { path: "/" } };

const FOUND = {
  ...{ interface: "eth0", instance: "Web", type: "_http._tcp", domain: "local" },
  ...{ name: "Web._http._tcp.local", own: false },
};
const RESOLVED = {
  ...FOUND,
  ...{ host: "a.local", port: 80, priority: 0, weight: 0, addresses: ["192.0.2.1"] },
  ...{ txt: { path: "/" }, txtRecord: '"path=/"' },
};

function until(isSo: () => boolean): Promise<void> {
  return expect.poll(isSo, { interval: 5 }).toBe(true);
}

describe("the Responder", () => {
  it("publishes, tells the name it won, and withdraws at the end of its scope", async () => {
    await using served = await ServedServices.start();
    const { published } = served.services;
    {
      await using responder = new Responder({ socket: served.path });
      const web = await responder.publish(WEB);
      published[0]?.buffer.push({ event: "renamed", from: "Web", to: "Web (2)", rival: null });
      published[0]?.buffer.push({ event: "registered", name: "Web (2)", interface: "eth0" });
      expect(await web.established()).toBe("Web (2)");
      expect(web.name).toBe("Web (2)");
      expect(await web.established()).toBe("Web (2)");
      expect(published[0]?.isOpen).toBe(true);
    }
    expect(published[0]?.isOpen).toBe(false);
  });

  it("withdraws by the signal of one service, or of all", async () => {
    await using served = await ServedServices.start();
    const { published } = served.services;
    const [one, all] = [new AbortController(), new AbortController()];
    const responder = new Responder({ socket: served.path, signal: all.signal });
    const web = await responder.publish(WEB, { signal: one.signal });
    await responder.publishHost({ name: "nas.local", addresses: ["192.0.2.7"] });
    one.abort();
    await until(() => published[0]?.isOpen === false);
    await expect(web.established()).rejects.toMatchObject({ code: "ABORTED" });
    expect(published[1]?.isOpen).toBe(true);
    all.abort();
    await until(() => published[1]?.isOpen === false);
    await expect(responder.publish(WEB)).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("updates what it publishes", async () => {
    await using served = await ServedServices.start();
    await using responder = new Responder({ socket: served.path });
    const web = await responder.publish({
      name: "Web",
      services: [{ type: "_http._tcp", port: 1 }],
    });
    await web.update({ ...WEB, txt: { path: "/new" } });
    expect(served.services.published[0]?.group).toEqual({
      instance: "Web",
      services: [{ type: "_http._tcp", port: 80, txt: { path: "/new" } }],
    });
  });

  it("publishes anew, as last updated, when the daemon comes back", async () => {
    await using served = await ServedServices.start();
    await using responder = new Responder({ socket: served.path });
    const web = await responder.publish(WEB);
    await web.update({ ...WEB, port: 81 });
    await served.stop();
    await served.listen();
    await expect.poll(() => served.services.published.length, { timeout: 5000 }).toBe(2);
    const [, again] = served.services.published;
    expect(again?.group).toMatchObject({ services: [{ port: 81 }] });
    again?.buffer.push({ event: "registered", name: "Web", interface: "eth0" });
    expect(await web.established()).toBe("Web");
  });

  it("says that the daemon is not there when it was named", async () => {
    const responder = new Responder({ socket: "/nonexistent/control.sock" });
    await expect(responder.publish(WEB)).rejects.toMatchObject({ code: "NO_DAEMON" });
    await responder.close();
  });
});

describe("the Browser", () => {
  it("gives each reader what is known and then what happens", async () => {
    await using served = await ServedServices.start();
    await using browser = new Browser("_http._tcp", { socket: served.path, resolve: true });
    await until(() => served.services.browses.length === 1);
    const { buffer, query } = served.services.browses[0]!;
    expect(query).toEqual({ type: "_http._tcp", resolve: true });
    buffer.push({ event: "added", service: FOUND });
    buffer.push({ event: "resolved", service: RESOLVED });
    await until(() => browser.services[0]?.port === 80);
    const events: BrowseEvent["event"][] = [];
    for await (const { event } of browser) {
      events.push(event);
      if (event === "resolved") buffer.push({ event: "removed", service: FOUND });
      if (event === "removed") break;
    }
    expect(events).toEqual(["added", "resolved", "removed"]);
    expect(browser.services).toEqual([]);
  });

  it("begins anew when the daemon comes back, with nothing left of what it knew", async () => {
    await using served = await ServedServices.start();
    await using browser = new Browser("_http._tcp", { socket: served.path });
    const { browses } = served.services;
    await until(() => browses.length === 1);
    browses[0]?.buffer.push({ event: "added", service: FOUND });
    await until(() => browser.services.length === 1);
    await served.stop();
    await until(() => browser.services.length === 0);
    await served.listen();
    await expect.poll(() => browses.length, { timeout: 5000 }).toBe(2);
    browses[1]?.buffer.push({ event: "added", service: FOUND });
    await until(() => browser.services.length === 1);
  });

  it("ends its iterations when it is closed", async () => {
    await using served = await ServedServices.start();
    const browser = new Browser(undefined, { socket: served.path });
    const reading = (async () => {
      for await (const _ of browser);
    })();
    await until(() => served.services.browses.length === 1);
    await browser.close();
    await reading;
  });

  it("rejects its iterations with what is wrong", async () => {
    await using served = await ServedServices.start();
    await using browser = new Browser("nope", { socket: served.path });
    const read = async (): Promise<void> => {
      for await (const _ of browser);
    };
    await expect(read()).rejects.toMatchObject({ code: "INVALID_NAME" });
    await expect(read()).rejects.toMatchObject({ code: "INVALID_NAME" });
  });

  it("tells that nobody answers for an instance", async () => {
    await using served = await ServedServices.start();
    await using browser = new Browser(undefined, { socket: served.path });
    await expect(browser.resolve("X._http._tcp.local")).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
