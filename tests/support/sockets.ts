// What tests of the TypeScript API share: sockets of this process, their bytes, their errors.

import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { constants } from "node:os";
import {
  open,
  waker,
  type Address,
  type Inet6Address,
  type InetAddress,
  type UnixAddress,
} from "wasi-sockets";
import { Net } from "#host/api/net";
import { marshal } from "#host/marshal";
import type { Platform } from "#host/platform/index";
import { expect } from "vitest";
import { descriptors, linux } from "./system.js";
import { watch } from "./watchdog.js";

const HOSTS = { inet: "127.0.0.1", inet6: "::1" } as const;

/** How many bytes a peer saw, and their hash. */
export interface Digest {
  readonly count: number;
  readonly sha256: string;
}

/** The loopback address of a family, with a port that the kernel chooses. */
export function loopback(family: "inet" | "inet6"): InetAddress | Inet6Address {
  return { family, address: HOSTS[family], port: 0 };
}

/** The address of a path; of an abstract name, where it begins with a NUL. */
export function unix(path: string): UnixAddress {
  return { family: "unix", path };
}

/** A socket that listens, and its address. */
export function listening<Place extends Address>(
  net: Pick<Net, "socket" | "bind" | "listen" | "getsockname">,
  at: Place,
): { listener: number; address: Place } {
  const listener = net.socket(at.family, "stream");
  net.bind(listener, at);
  net.listen(listener, 8);
  return { listener, address: net.getsockname(listener) as Place };
}

/** Two TCP sockets of this process that are connected to each other. */
export function connected(
  net: Net,
  family: "inet" | "inet6" = "inet",
): [client: number, server: number] {
  const { listener, address } = listening(net, loopback(family));
  const client = net.socket(family, "stream");
  net.connect(client, address);
  const server = net.accept(listener);
  net.close(listener);
  return [client, server];
}

/** Everything that a stream still has to give. */
export function receiveAll(net: Net, fd: number): Buffer {
  const chunk = new Uint8Array(65536);
  const chunks: Buffer[] = [];
  for (;;) {
    const count = net.recv(fd, chunk);
    if (count < 0) throw new Error(`recv: ${String(net.errno?.code)}`);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
}

/** The count and the hash of bytes. */
export function digest(bytes: Uint8Array): Digest {
  return { count: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Error numbers by name, which a guest knows as Linux numbers them: there Node is the second opinion. */
export const errnos = (linux ? constants.errno : marshal.Errno) as unknown as Readonly<
  Record<string, number>
>;

/** The error number of a name. */
export function errnoOf(code: string): number {
  const number: number | undefined = errnos[code];
  if (number === undefined) throw new Error(`node:os has no ${code}`);
  return number;
}

/**
 * Expects a call to throw a SocketError, and net.errno to say the same.
 *
 * @param rest what else the error must hold: syscall, address, port
 */
export function expectError(net: Net, call: () => unknown, code: string, rest: object = {}): void {
  const errno = errnoOf(code);
  expect(call).toThrow(
    expect.objectContaining({ name: "SocketError", code, errno, ...rest }) as Error,
  );
  expectErrno(net, code);
}

/** Expects net.errno to hold an error. */
export function expectErrno(net: Net, code: string): void {
  expect(net.errno).toMatchObject({
    code,
    errno: errnoOf(code),
  });
}

/** Sockets of which one wait can be forbidden. */
export interface Hurried extends Disposable {
  readonly net: Net;
  /** Makes the next call that would wait give EINTR instead. */
  hurry(): void;
}

/** Opens sockets for a test of what a call does not wait for: it fails rather than hangs. */
export async function openHurried(): Promise<Hurried> {
  const wake = await waker();
  const net = await open({ wake: wake.descriptor });
  return {
    net,
    hurry() {
      wake.wake();
    },
    [Symbol.dispose]() {
      net.dispose();
      wake.dispose();
    },
  };
}

/** Opens sockets on which no call blocks for longer than some seconds: it is ended with EINTR. */
export async function openBounded(platform?: Platform): Promise<{ net: Net } & Disposable> {
  const wake = await waker();
  const net = new Net({ wake: wake.descriptor }, platform);
  const forget = await watch(wake.descriptor);
  return {
    net,
    [Symbol.dispose]() {
      forget();
      net.dispose();
      wake.dispose();
    },
  };
}

/** The real descriptors of this process that are sockets; all of them where only Linux's /proc could tell. */
export function nativeSockets(): number[] {
  const all = descriptors().map(Number);
  return linux ? all.filter(isSocket) : all;
}

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
  } catch {
    return false; // the descriptor by which the directory was read
  }
}

/** What a call opens, and the real descriptor behind it. */
export function openedNatively<Result>(call: () => Result): { result: Result; native: number } {
  const before = new Set(nativeSockets());
  const result = call();
  const opened = nativeSockets().filter((fd) => !before.has(fd));
  if (opened.length !== 1) throw new Error(`${opened.length} descriptors were opened`);
  return { result, native: opened[0]! };
}

/** What can be called by its name. */
export type Method = Exclude<keyof Net, "errno" | symbol>;

/** Calls a function of the API, also with what its types forbid. */
export function invoke(net: Net, method: Method, ...args: unknown[]): unknown {
  const functions = net as unknown as Record<Method, (...args: unknown[]) => unknown>;
  return functions[method](...args);
}
