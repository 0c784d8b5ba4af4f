// A hosted guest that does what a test says, tests/assembly/raw.ts, and the structs of sendmsg(2) in
// its memory.

import type { Allow, Limits } from "wasi-sockets";
import { host } from "#host/instantiate";
import { marshal } from "#host/marshal";
import type { Platform } from "#host/platform/index";
import { beforeAll, beforeEach, expect, onTestFinished } from "vitest";
import { compileFile } from "./guest.js";
import * as system from "./system.js";

// prettier-ignore
type Import =
  | "socket" | "socketpair" | "close" | "send" | "recv" | "sendmsg" | "recvmsg" | "sendmmsg" | "recvmmsg"
  | "bind" | "getsockname" | "sendto" | "recvfrom"
  | "poll" | "epoll_create1" | "epoll_ctl" | "epoll_wait" | "getnameinfo" | "if_indextoname" | "gethostname";
type Raw = Record<Import, (...args: number[]) => number> & { memory: WebAssembly.Memory };

const { AF, MSG, SOCK, cmsghdr, iovec, msghdr, sockaddr_in } = marshal;

const PAGES = 2;
/** Where the guest's memory ends. */
export const END = PAGES * 65536;
/** What fills it. */
export const PATTERN = 0xa5;
/** Good places in it, a kilobyte each. */
export const [HEADER, NAME, VECTORS, BUFFER, CONTROL, LIST, OUT] = [
  0x1000, 0x1400, 0x1800, 0x1c00, 0x2000, 0x2400, 0x2800,
];

let module: WebAssembly.Module;
/** The guest of the running test. */
export let guest: Raw;
export let memory: Buffer;
/** Two datagram sockets of it that are connected to each other; five bytes wait at the right one. */
export let left: number;
export let right: number;

/** Gives each test of a file a guest that is allowed everything. */
export function useGuest(): void {
  beforeAll(async () => {
    const wasm = await compileFile("raw", ["--initialMemory", String(PAGES)]);
    module = await WebAssembly.compile(wasm);
  });
  beforeEach(async () => {
    await start(true);
  });
}

/** Gives the running test another guest, on another platform perhaps. */
export async function start(
  allow: Allow | true,
  limits: Partial<Limits> = {},
  platform?: Platform,
): Promise<void> {
  const instance = await host<Raw>(module, { allow, descriptors: 16, ...limits }, platform);
  onTestFinished(() => {
    instance.dispose();
  });
  guest = instance.exports;
  memory = Buffer.from(guest.memory.buffer).fill(PATTERN);
  expect(guest.socketpair(AF.UNIX, SOCK.DGRAM | SOCK.NONBLOCK, 0, OUT)).toBe(0);
  [left, right] = [memory.readInt32LE(OUT), memory.readInt32LE(OUT + 4)];
  expect(guest.send(left, BUFFER, 5, 0)).toBe(5);
  header();
}

/** Writes a word. */
export function word(at: number, value: number): void {
  memory.writeUInt32LE(value >>> 0, at);
}

/** The fields of a struct msghdr. */
export type Header = Partial<Record<Exclude<keyof typeof msghdr, "sizeof">, number>>;

/** Writes a header, of one vector of five bytes where nothing else is said: its place. */
export function header(fields: Header = {}, at = HEADER): number {
  vector(BUFFER, 5);
  const honest = { msg_name: 0, msg_namelen: 0, msg_iov: VECTORS, msg_iovlen: 1 };
  const rest = { msg_control: 0, msg_controllen: 0, msg_flags: 0 };
  for (const [name, value] of Object.entries({ ...honest, ...rest, ...fields })) {
    word(at + msghdr[name as keyof Header], value);
  }
  return at;
}

/** Writes one of its vectors: the place of the header. */
export function vector(base: number, length: number, index = 0): number {
  word(VECTORS + index * iovec.sizeof + iovec.iov_base, base);
  word(VECTORS + index * iovec.sizeof + iovec.iov_len, length);
  return HEADER;
}

/** Writes a header with a control message of one number: its place. */
export function control(length: number, level: number, type: number, value: number): number {
  word(CONTROL + cmsghdr.cmsg_len, length);
  word(CONTROL + cmsghdr.cmsg_level, level);
  word(CONTROL + cmsghdr.cmsg_type, type);
  word(CONTROL + cmsghdr.sizeof, value);
  return header({ msg_control: CONTROL, msg_controllen: cmsghdr.sizeof + 4 });
}

/** Writes the address of a loopback port, as one of any family. */
export function loopback(at: number, port: number, family: number = AF.INET): void {
  memory.fill(0, at, at + sockaddr_in.sizeof).writeUInt16LE(family, at);
  memory.writeUInt16BE(port, at + sockaddr_in.sin_port);
  memory.set([127, 0, 0, 1], at + sockaddr_in.sin_addr);
}

/** How many descriptors this process has. */
export function descriptors(): number {
  return system.descriptors().length;
}

/** Expects a result, the guest's memory as it was, no descriptor opened, and the five bytes still there. */
export function expectNothing(call: () => number, result: number, what: string): void {
  const before = Buffer.from(memory);
  const open = descriptors();
  expect(call(), what).toBe(result);
  expect(memory.equals(before), `memory after ${what}`).toBe(true);
  expect(descriptors(), `descriptors after ${what}`).toBe(open);
  expect(guest.recv(right, OUT, 16, MSG.PEEK), `the message after ${what}`).toBe(5);
  before.copy(memory, OUT, OUT, OUT + 16);
}
