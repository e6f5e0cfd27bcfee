import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { BrowseEvent, PublicationEvent } from "../../src/runtime/services.ts";
import { ServedServices } from "./fake-services.ts";

const GROUP = { instance: "Web", services: [{ type: "_http._tcp", port: 80, txt: ["a=1", "b"] }] };

const SERVICE = {
  ...{ interface: "eth0", instance: "Web", type: "_http._tcp", domain: "local" },
  ...{ name: "Web._http._tcp.local", own: false },
};

async function first<Event>(events: AsyncIterable<Event>): Promise<Event | undefined> {
  for await (const event of events) return event;
  return undefined;
}

/** Waits until what the other side does is seen. */
function until(isSo: () => boolean): Promise<void> {
  return expect.poll(isSo, { interval: 5 }).toBe(true);
}

describe("browsing through the control socket", () => {
  it("streams events, and stops asking when the client hangs up", async () => {
    await using served = await ServedServices.start();
    const controller = new AbortController();
    const events: BrowseEvent[] = [];
    const browsing = (async () => {
      const query = { type: "_http._tcp", resolve: true };
      for await (const event of served.daemon.browse(query, controller.signal)) events.push(event);
    })();
    await until(() => served.services.browses.length === 1);
    const [browse] = served.services.browses;
    expect(browse?.query).toEqual({ type: "_http._tcp", resolve: true });
    browse?.buffer.push({ event: "added", service: SERVICE });
    await until(() => events.length === 1);
    controller.abort();
    await browsing;
    expect(events).toEqual([{ event: "added", service: SERVICE }]);
    expect(await first(browse!.buffer)).toBeUndefined();
  });

  it("waits for a client that is slow with 100,000 services, and gives it all of them", async () => {
    await using served = await ServedServices.start();
    const controller = new AbortController();
    const events = served.daemon.browse({ type: "_http._tcp" }, controller.signal);
    const beginning = events.next();
    await until(() => served.services.browses.length === 1);
    for (let index = 0; index < 100_000; index++) {
      const service = { ...SERVICE, instance: `A web server of long name ${index}` };
      served.services.browses[0]!.buffer.push({ event: "added", service });
    }
    await beginning;
    await setTimeout(200);
    let instance: string | undefined;
    let count = 1;
    while (count < 100_000) {
      instance = (await events.next()).value?.service.instance;
      count++;
    }
    expect(instance).toBe("A web server of long name 99999");
    controller.abort();
  });

  it("tells what is wrong with a type before the stream begins", async () => {
    await using served = await ServedServices.start();
    await expect(first(served.daemon.browse({ type: "nope" }))).rejects.toMatchObject({
      code: "INVALID_NAME",
      message: "expected a type",
    });
  });

  it("is told when the daemon ends", async () => {
    const served = await ServedServices.start();
    const browsing = first(served.daemon.browse({}));
    await until(() => served.services.browses.length === 1);
    await served[Symbol.asyncDispose]();
    await expect(browsing).rejects.toMatchObject({ code: "SYSTEM" });
  });
});

describe("publishing through the control socket", () => {
  it("lasts as long as the connection", async () => {
    await using served = await ServedServices.start();
    const controller = new AbortController();
    const publication = await served.daemon.publish(GROUP, controller.signal);
    const [published] = served.services.published;
    expect(published?.group).toEqual(GROUP);
    expect(publication.name).toBe("Web");
    controller.abort();
    await until(() => published?.isOpen === false);
    expect(await served.daemon.call({ method: "GET", path: "/v1/registrations" })).toEqual([]);
  });

  it("tells what becomes of the name, and takes updates", async () => {
    await using served = await ServedServices.start();
    const publication = await served.daemon.publish(GROUP);
    const [published] = served.services.published;
    const renamed = { event: "renamed", from: "Web", to: "Web (2)", rival: "192.0.2.9" } as const;
    published?.buffer.push(renamed);
    expect(await first<PublicationEvent>(publication.events)).toEqual(renamed);
  });

  it("takes updates, and closes in order", async () => {
    await using served = await ServedServices.start();
    const publication = await served.daemon.publish(GROUP);
    const [published] = served.services.published;
    const changed = { instance: "Web", services: [{ type: "_http._tcp", port: 81 }] };
    await publication.update(changed);
    expect(published?.group).toEqual(changed);
    await publication.close();
    expect(published?.isOpen).toBe(false);
    expect(await first(publication.events)).toBeUndefined();
  });

  it("publishes hosts too", async () => {
    await using served = await ServedServices.start();
    const host = { name: "nas.local", addresses: ["192.0.2.7"], reverse: false };
    await using _closing = {
      publication: await served.daemon.publishHost(host),
      [Symbol.asyncDispose]() {
        return this.publication.close();
      },
    };
    expect(served.services.published[0]?.group).toEqual(host);
  });

  it("lasts beyond the connection when asked to, until it is deleted", async () => {
    await using served = await ServedServices.start();
    const made = await served.daemon.call<{ id: string }>({
      ...{ method: "POST", path: "/v1/registrations?lasting=true", body: GROUP },
    });
    const path = `/v1/registrations/${made.id}`;
    const [published] = served.services.published;
    published?.buffer.push({ event: "registered", name: "Web", interface: "eth0" });
    expect(await served.daemon.call({ method: "GET", path })).toEqual({
      ...{ id: made.id, name: "Web", lasting: true },
      last: { event: "registered", name: "Web", interface: "eth0" },
    });
    expect(published?.isOpen).toBe(true);
    await served.daemon.call({ method: "DELETE", path });
    expect(published?.isOpen).toBe(false);
    await expect(served.daemon.call({ method: "GET", path })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("is refused to those who may not", async () => {
    await using served = await ServedServices.start(false);
    await expect(served.daemon.publish(GROUP)).rejects.toMatchObject({ code: "NOT_PERMITTED" });
    expect(served.services.published).toEqual([]);
  });

  it.each([
    ["nothing", undefined],
    ["no services", { instance: "Web", services: [] }],
    ["a port that is none", { instance: "Web", services: [{ type: "_http._tcp", port: 65_536 }] }],
    ["an unknown key", { ...GROUP, colour: "red" }],
    ["no addresses", { name: "nas.local", addresses: [] }],
    [
      "hexadecimal of half an octet",
      { instance: "W", services: [{ type: "_a._tcp", port: 1, txt: { k: { hex: "0" } } }] },
    ],
  ])("is refused with %s", async (_what, body) => {
    await using served = await ServedServices.start();
    const call = served.daemon.call({ method: "POST", path: "/v1/registrations", body });
    await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(served.services.published).toEqual([]);
  });

  it("is bounded", async () => {
    await using served = await ServedServices.start();
    const make = (): Promise<unknown> =>
      served.daemon.call({
        ...{ method: "POST", path: "/v1/registrations?lasting=true", body: GROUP },
      });
    for (let count = 0; count < 1024; count += 64) {
      await Promise.all(Array.from({ length: 64 }, make));
    }
    await expect(make()).rejects.toMatchObject({ code: "LIMIT_REACHED" });
  });
});
