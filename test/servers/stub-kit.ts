/** A stub on loopback with answers of the test's own, and clients that send raw octets to it. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket as TcpSocket } from "node:net";
import type { Endpoint } from "../../src/core/datagram.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type {
  CachedReply,
  QuestionAnswerer,
  StubAnswer,
  StubQuestion,
} from "../../src/servers/stub/question-answerer.ts";
import { StubListener, type StubListenerOptions } from "../../src/servers/stub/stub-listener.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordClass, RecordType, ResponseCode } from "../../src/wire/constants.ts";
import { type Edns, ednsRecord } from "../../src/wire/edns.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { parseRecord } from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";

export const LOOPBACK = { address: "127.0.0.0" as IpAddress, prefixLength: 8 };
export const LOOPBACK_6 = { address: "::1" as IpAddress, prefixLength: 128 };

export function endpoint(address: string, port: number): Endpoint {
  return { address: address as IpAddress, port };
}

export function record(text: string): ResourceRecord {
  const parsed = parseRecord(text);
  if (!parsed.ok) throw new Error(`${text}: ${JSON.stringify(parsed.error)}`);
  return parsed.value;
}

export function answer(parts: Partial<StubAnswer> = {}): StubAnswer {
  return {
    flags: Flag.RA,
    responseCode: ResponseCode.NOERROR,
    answers: [],
    authorities: [],
    additionals: [],
    extendedErrors: [],
    ...parts,
  };
}

export function addressAnswer(name: string, address = "192.0.2.1"): StubAnswer {
  return answer({ answers: [record(`${name}. 300 IN A ${address}`)] });
}

interface Waiting {
  readonly question: StubQuestion;
  resolve(answer: StubAnswer): void;
}

/**
 * Knows `node-1.example`, and whatever it is given. Names that begin with `slow` wait until they are
 * answered by the test.
 */
export class FakeAnswerer implements QuestionAnswerer {
  readonly questions: StubQuestion[] = [];
  readonly answers = new Map<string, StubAnswer | Error>();
  /** Whole replies for `replyFromCache`, by name. */
  readonly cached = new Map<string, Uint8Array>();
  waiting: Waiting[] = [];
  aborted = 0;
  epoch = 0;
  /** Milliseconds for which a cached reply may be given again. */
  validFor = 0;
  repeated = 0;

  replyFromCache(query: Uint8Array): CachedReply | undefined {
    const parsed = parseMessage(query, "dns");
    const [question] = parsed.ok ? parsed.value.questions : [];
    const known = question && this.cached.get(question.name.toString());
    if (known === undefined) return undefined;
    const octets = known.slice();
    octets.set(query.subarray(0, 2));
    const questionEnd = 12 + question!.name.octets.length + 4;
    return { octets, questionEnd, validFor: this.validFor };
  }

  countRepeated(count: number): void {
    this.repeated += count;
  }

  async answer(question: StubQuestion, signal?: AbortSignal): Promise<StubAnswer> {
    this.questions.push(question);
    const name = question.name.toString();
    if (name.startsWith("slow")) return this.#wait(question, signal);
    const known = this.answers.get(name);
    if (known instanceof Error) throw known;
    if (known !== undefined) return known;
    if (name === "node-1.example") return addressAnswer(name);
    return answer({ responseCode: ResponseCode.NXDOMAIN });
  }

  #wait(question: StubQuestion, signal: AbortSignal | undefined): Promise<StubAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ question, resolve });
      signal?.addEventListener("abort", () => {
        this.aborted++;
        reject(new DotlocalError("ABORTED", "aborted"));
      });
    });
  }
}

export class TestStub implements AsyncDisposable {
  readonly answerer: FakeAnswerer;
  readonly listener: StubListener;
  readonly faults: unknown[];
  readonly address: string;

  private constructor(
    address: string,
    answerer: FakeAnswerer,
    options: Partial<StubListenerOptions>,
  ) {
    this.address = address;
    this.answerer = answerer;
    this.faults = [];
    this.listener = new StubListener({
      answerer,
      onFault: (error) => this.faults.push(error),
      ...options,
    });
  }

  static async start(
    options: Partial<StubListenerOptions> & { address?: string; allow?: object[] } = {},
  ): Promise<TestStub> {
    const { address = "127.0.0.153", allow = [LOOPBACK, LOOPBACK_6], ...rest } = options;
    const stub = new TestStub(address, new FakeAnswerer(), rest);
    await stub.listener.apply({
      listen: [endpoint(address, await freePort(address))],
      allow: allow as (typeof LOOPBACK)[],
    });
    return stub;
  }

  get port(): number {
    return this.listener.places[0]!.port;
  }

  /** A reply by UDP, read. */
  async ask(octets: Uint8Array): Promise<Message> {
    await using client = await UdpClient.open(this);
    client.send(octets);
    return message(await client.next());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
  }
}

/** A port that is free by UDP and TCP alike, or was a moment ago. */
async function freePort(address: string): Promise<number> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.bind(0, address);
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export class UdpClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #stub: { address: string; port: number };
  readonly #received: Uint8Array[] = [];
  #waiting: ((octets: Uint8Array) => void) | undefined;

  private constructor(socket: Socket, stub: { address: string; port: number }) {
    this.#socket = socket;
    this.#stub = stub;
    socket.on("message", (octets, { address }) => {
      if (address !== stub.address) return;
      if (this.#waiting === undefined) this.#received.push(octets);
      else this.#waiting(octets);
      this.#waiting = undefined;
    });
  }

  static async open(stub: { address: string; port: number }, from?: string): Promise<UdpClient> {
    const socket = createSocket(stub.address.includes(":") ? "udp6" : "udp4");
    socket.bind(0, from);
    await once(socket, "listening");
    return new UdpClient(socket, stub);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(octets: Uint8Array): void {
    this.#socket.send(octets, this.#stub.port, this.#stub.address);
  }

  next(): Promise<Uint8Array> {
    const first = this.#received.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

export class TcpClient implements Disposable {
  readonly socket: TcpSocket;
  /** Resolves once the stub has closed its side, or the connection is lost. */
  readonly ended: Promise<void>;
  #unread = Buffer.alloc(0);
  #onData: (() => void) | undefined;

  private constructor(socket: TcpSocket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => {
      socket.once("end", () => resolve());
      socket.once("close", () => resolve());
    });
    socket.on("error", () => {});
    socket.on("data", (octets) => {
      this.#unread = Buffer.concat([this.#unread, octets]);
      this.#onData?.();
    });
  }

  static async open(stub: { address: string; port: number }): Promise<TcpClient> {
    const socket = connect({ host: stub.address, port: stub.port, allowHalfOpen: true });
    const client = new TcpClient(socket);
    await once(socket, "connect");
    return client;
  }

  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages.map(framed)));
  }

  async next(): Promise<Message> {
    for (;;) {
      if (this.#unread.length >= 2) {
        const end = 2 + this.#unread.readUInt16BE(0);
        if (this.#unread.length >= end) {
          const octets = this.#unread.subarray(2, end);
          this.#unread = this.#unread.subarray(end);
          return message(octets);
        }
      }
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export function framed(octets: Uint8Array): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(octets.length);
  return Buffer.concat([size, octets]);
}

export function message(octets: Uint8Array): Message {
  const parsed = parseMessage(octets, "dns");
  if (!parsed.ok) throw new Error(`no message: ${JSON.stringify(parsed.error)}`);
  return parsed.value;
}

export function query(
  name: string,
  parts: Partial<Omit<Message, "additionals">> & {
    type?: number;
    class?: number;
    edns?: Partial<Edns>;
  } = {},
): Uint8Array {
  const { type = RecordType.A, class: questionClass = RecordClass.IN, edns, ...rest } = parts;
  const question = { name: Name.parse(name), type, class: questionClass, unicastResponse: false };
  return composeMessage(
    {
      id: 0x1234,
      flags: Flag.RD,
      questions: [question],
      answers: [],
      authorities: [],
      additionals: edns === undefined ? [] : [ednsRecord({ payloadSize: 1232, ...edns })],
      ...rest,
    },
    "dns",
  );
}

/** The octets of a text in hexadecimal; spaces do not count. */
export function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}

export function codeOf({ flags }: Message): number {
  return flags & Flag.RCODE;
}
