// Suspended guests that do what a test says: tests/assembly/raw.ts, each import of which is an export that
// returns a promise.

import { setTimeout as timer } from "node:timers/promises";
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { InstantiateOptions, Suspended, UnixAddress } from "wasi-sockets";
import { host } from "#host/instantiate";
import { marshal } from "#host/marshal";
import type { Platform } from "#host/platform/index";
import { expect, onTestFinished } from "vitest";
import { compileFile } from "./guest.js";

const { AF, IPPROTO, SOCK, iovec, msghdr, sockaddr_in } = marshal;

/** Places in a guest's memory: what is small, and what takes all the rest. */
export const [NAME, LENGTH, HEADER, VECTORS, LIST, BYTES] = [
  0x1000, 0x1100, 0x1200, 0x1400, 0x1800, 0x10000,
];
/** How many bytes are more than the buffers of any connection hold: 24 MiB. */
export const MUCH = 24 * 1024 * 1024;
const PAGES = 1 + MUCH / 65536;

type Call = (...args: number[]) => number;
type Raw = Record<string, Call> & { memory: WebAssembly.Memory };

let compiled: Promise<WebAssembly.Module> | undefined;

/** A guest, its calls and its memory. */
export class RawGuest {
  readonly #instance: Awaited<ReturnType<typeof start>>;

  constructor(instance: Awaited<ReturnType<typeof start>>) {
    this.#instance = instance;
  }

  /** Makes a call by its name. */
  call(name: string, ...args: number[]): Promise<number> {
    return this.#instance.exports[name]!(...args);
  }

  /** Its memory as it is now. */
  get memory(): Buffer {
    return Buffer.from(this.#instance.exports.memory.buffer);
  }

  /** Has its memory grow by so many pages. */
  grow(pages: number): void {
    this.#instance.exports.memory.grow(pages);
  }

  dispose(): void {
    this.#instance.dispose();
  }

  /** Puts an address of 127.0.0.1 at NAME: its length. */
  inet(port: number): number {
    this.memory.fill(0, NAME, NAME + sockaddr_in.sizeof);
    this.memory.writeUInt16LE(AF.INET, NAME + sockaddr_in.sin_family);
    this.memory.writeUInt16BE(port, NAME + sockaddr_in.sin_port);
    this.memory.writeUInt32BE(0x7f000001, NAME + sockaddr_in.sin_addr);
    return sockaddr_in.sizeof;
  }

  /** Puts a Unix address at NAME: its length. */
  unix({ path }: UnixAddress): number {
    this.memory.writeUInt16LE(AF.UNIX, NAME);
    return 2 + this.memory.write(path, NAME + 2, "latin1");
  }

  /** Puts a message of one vector into a header: where the header is. */
  message(bytes: number, size: number, at: number = HEADER, vector: number = VECTORS): number {
    this.memory.fill(0, at, at + msghdr.sizeof);
    this.memory.writeUInt32LE(vector, at + msghdr.msg_iov);
    this.memory.writeUInt32LE(1, at + msghdr.msg_iovlen);
    this.memory.writeUInt32LE(bytes, vector + iovec.iov_base);
    this.memory.writeUInt32LE(size, vector + iovec.iov_len);
    return at;
  }

  /** A TCP connection to a port: its descriptor. */
  async connect(port: number): Promise<number> {
    const fd = await this.call("socket", AF.INET, SOCK.STREAM, IPPROTO.TCP);
    expect(await this.call("connect", fd, NAME, this.inet(port))).toBe(0);
    return fd;
  }

  /** A socket that is bound to 127.0.0.1: its descriptor and its port. */
  async bound(type: number): Promise<[fd: number, port: number]> {
    const fd = await this.call("socket", AF.INET, type, 0);
    expect(await this.call("bind", fd, NAME, this.inet(0))).toBe(0);
    this.memory.writeUInt32LE(sockaddr_in.sizeof, LENGTH);
    expect(await this.call("getsockname", fd, NAME, LENGTH)).toBe(0);
    return [fd, this.memory.readUInt16BE(NAME + sockaddr_in.sin_port)];
  }

  /** Two connected Unix sockets. */
  async pair(type: number): Promise<[number, number]> {
    expect(await this.call("socketpair", AF.UNIX, type, 0, LIST)).toBe(0);
    return [this.memory.readInt32LE(LIST), this.memory.readInt32LE(LIST + 4)];
  }
}

function start(
  module: WebAssembly.Module,
  options: Partial<InstantiateOptions>,
  platform?: Platform,
) {
  return host<Suspended<Raw>>(module, { allow: true, ...options, wait: "suspend" }, platform);
}

/** Gives the running test a guest that is allowed everything. */
export async function rawGuest(
  options: Partial<InstantiateOptions> = {},
  platform?: Platform,
): Promise<RawGuest> {
  compiled ??= compileFile("raw", ["--initialMemory", String(PAGES)]).then((wasm) =>
    WebAssembly.compile(wasm),
  );
  const guest = new RawGuest(await start(await compiled, options, platform));
  onTestFinished(() => {
    guest.dispose();
  });
  return guest;
}

/** A node:net server of this very thread, and what it does with a connection, which begins paused. */
export async function serverHere(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket.on("error", () => undefined));
    serve(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as { port: number }).port;
}

/** A guest with a connection to a node:net server of this thread, and the other end. */
export async function connection(
  options: Partial<InstantiateOptions> = {},
  platform?: Platform,
): Promise<{ guest: RawGuest; fd: number; peer: Socket }> {
  let accept!: (socket: Socket) => void;
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const port = await serverHere(accept);
  const guest = await rawGuest(options, platform);
  return { guest, fd: await guest.connect(port), peer: await accepted };
}

/**
 * Expects a call to be suspended until something lets it go on, while a timer, another guest and this thread do.
 *
 * @returns what the call gave
 */
export async function whileSuspended(
  call: Promise<number>,
  release: () => unknown,
): Promise<number> {
  const events: string[] = [];
  const ended = call.finally(() => events.push("the call"));
  await timer(1);
  events.push("a timer");
  const other = await rawGuest();
  const fd = await other.connect(await serverHere((socket) => socket.pipe(socket)));
  other.memory.write("other", BYTES);
  expect(await other.call("send", fd, BYTES, 5, 0)).toBe(5);
  expect(await other.call("recv", fd, BYTES + 5, 5, 0)).toBe(5);
  events.push("another guest");
  await release();
  const result = await ended;
  expect(events).toEqual(["a timer", "another guest", "the call"]);
  return result;
}
