/** Exchanges by HTTP/2 (RFC 8484), on loopback. */

import { once } from "node:events";
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Credentials, TestAuthority } from "./certificates.ts";
import { Client, message, shown, target } from "./exchange-kit.ts";

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

let authority: TestAuthority;
let credentials: Credentials;
beforeAll(() => {
  authority = new TestAuthority();
  credentials = authority.issue("DNS:dns.example");
});
afterAll(() => authority.remove());

interface Served {
  readonly server: Http2SecureServer;
  readonly port: number;
  readonly headers: IncomingHttpHeaders[];
  readonly sessions: ServerHttp2Session[];
}

async function serve(
  answer: (stream: ServerHttp2Stream, body: Buffer) => void = echo,
): Promise<Served> {
  const server = createSecureServer(credentials);
  const served = {
    server,
    port: 0,
    headers: [] as IncomingHttpHeaders[],
    sessions: [] as ServerHttp2Session[],
  };
  server.on("session", (session) => {
    served.sessions.push(session);
    session.on("error", () => {});
    closing.push(() => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    served.headers.push(headers);
    const parts: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => answer(stream, Buffer.concat(parts)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  served.port = (server.address() as { port: number }).port;
  return served;
}

const DNS_MESSAGE = { ":status": 200, "content-type": "application/dns-message" };

function echo(stream: ServerHttp2Stream, body: Buffer): void {
  stream.respond(DNS_MESSAGE);
  stream.end(body);
}

function client(caFile: string | undefined = authority.caFile): Client {
  const made = new Client(caFile === undefined ? {} : { caFile });
  closing.push(() => made.close());
  return made;
}

const to = (port: number, serverName = "dns.example", path = "/dns-query") =>
  target("https", port, { serverName, path });

test("RFC 8484 §4.1: a question is POSTed as application/dns-message", async () => {
  const served = await serve();
  expect(await client().exchange(to(served.port), message(0, "hello"))).toBe("hello");
  expect(served.headers[0]).toMatchObject({
    ":method": "POST",
    ":path": "/dns-query",
    ":authority": `dns.example:${served.port}`,
    "content-type": "application/dns-message",
    accept: "application/dns-message",
  });
});

test("questions go over one session at the same time", async () => {
  const held: (() => void)[] = [];
  const served = await serve((stream, body) => {
    held.push(() => echo(stream, body));
    if (held.length === 3) for (const answer of held.reverse()) answer();
  });
  const made = client();
  const asked = ["a", "b", "c"].map((text) => made.ask(to(served.port), message(0, text)));
  const answers = await Promise.all(asked.map(async (id) => shown(await made.event(id))));
  expect(answers).toEqual(["a", "b", "c"]);
  expect(served.sessions).toHaveLength(1);
});

test("RFC 8484 §5.1: the age of a response is told", async () => {
  const served = await serve((stream, body) => {
    stream.respond({ ...DNS_MESSAGE, age: "250" });
    stream.end(body);
  });
  const made = client();
  expect(await made.event(made.ask(to(served.port), message(0)))).toMatchObject({ age: 250 });
});

test.each([
  ["another status", { ":status": 503, "content-type": "application/dns-message" }],
  ["another media type", { ":status": 200, "content-type": "text/html" }],
  ["a redirection", { ":status": 302, location: "https://elsewhere.example/" }],
])("%s is no answer", async (_, headers) => {
  const served = await serve((stream, body) => {
    stream.respond(headers);
    stream.end(body);
  });
  expect(await client().exchange(to(served.port), message(0))).toBe("ended: PROTOCOL");
});

test("a response larger than a message is not taken in", async () => {
  const served = await serve((stream) => {
    stream.respond(DNS_MESSAGE);
    stream.end(Buffer.alloc(200_000));
  });
  expect(await client().exchange(to(served.port), message(0))).toBe("ended: PROTOCOL");
});

test("a certificate for another name is refused", async () => {
  const served = await serve();
  const other = to(served.port, "other.example");
  expect(await client().exchange(other, message(0))).toBe("ended: CERTIFICATE");
  expect(served.headers).toEqual([]);
});

test("a certificate of an authority that is not trusted is refused", async () => {
  const served = await serve();
  const made = new Client();
  closing.push(() => made.close());
  expect(await made.exchange(to(served.port), message(0))).toBe("ended: CERTIFICATE");
});

test("a session that the server ends is made anew", async () => {
  const served = await serve();
  const made = client();
  expect(await made.exchange(to(served.port), message(0, "one"))).toBe("one");
  const session = served.sessions[0]!;
  const ended = once(session, "close");
  session.destroy();
  await ended;
  const outcome = await made.exchange(to(served.port), message(0, "two"));
  expect(["two", "ended: CLOSED", "ended: ECONNRESET"]).toContain(outcome);
  expect(await made.exchange(to(served.port), message(0, "three"))).toBe("three");
});

test("a server that does not listen is told", async () => {
  const served = await serve();
  served.server.close();
  await once(served.server, "close");
  expect(await client().exchange(to(served.port), message(0))).toBe("ended: ECONNREFUSED");
});
