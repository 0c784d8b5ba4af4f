// Socket options for AssemblyScript programs: a guest and TypeScript have one socket between them, and what
// either sets the other reads.

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import {
  instantiate,
  open,
  type InetAddress,
  type Net,
  type OptionValue,
  type UnixAddress,
} from "wasi-sockets";
import { marshal } from "#host/marshal";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { compileGuest, textOf } from "./support/guest.js";
import { nodeServer } from "./support/peers.js";
import { testWith } from "./support/programs.js";
import { errnoOf, loopback, unix } from "./support/sockets.js";

const { AF, SO, SOCK, SOL, TCP, tcp_info } = marshal;
const FIELDS = Object.keys(tcp_info).filter((name) => name !== "sizeof");

type Exports = Record<string, (...args: number[]) => number> & { memory: WebAssembly.Memory };

let module: WebAssembly.Module;
beforeAll(async () => {
  const source = await readFile(new URL("assembly/option.ts", import.meta.url), "utf8");
  const info = `
    /** Every field of struct tcp_info by its name. */
    export function info(): string {
      const info = tcpInfo(fd);
      if (info == null) return failed();
      let text = "";
      ${FIELDS.map((name) => `text += "${name} " + info.${name}.toString() + "\\n";`).join("\n")}
      return text;
    }`;
  module = await WebAssembly.compile(await compileGuest(source + info));
});

let names = 0;

/** A name that nobody else has, and the number by which the guest knows it. */
function freeName(): { id: number; at: UnixAddress } {
  const id = process.pid * 100 + names++;
  return { id, at: unix(`\0wasi-sockets-option-${id}`.padEnd(108, "\0")) };
}

/** A guest with a socket, and TypeScript with the same one once it is shared. */
class Pair {
  readonly #name = freeName();
  readonly #listener: number;
  /** The socket in TypeScript. */
  fd = -1;

  constructor(
    readonly guest: Exports,
    readonly net: Net,
  ) {
    this.#listener = net.socket("unix", "stream");
    net.bind(this.#listener, this.#name.at);
    net.listen(this.#listener, 1);
  }

  share(): void {
    this.call("share", this.#name.id);
    const room = { data: [new Uint8Array(1)], control: 64 };
    const message = this.net.recvmsg(this.net.accept(this.#listener), room);
    this.fd = message!.control.flatMap((part) => ("fds" in part ? part.fds : []))[0]!;
  }

  /** Calls what gives 0 or an error number. */
  call(name: string, ...args: number[]): void {
    expect(this.guest[name]!(...args), name).toBe(0);
  }

  text(name: string, ...args: number[]): string {
    return textOf(this.guest.memory, this.guest[name]!(...args));
  }
}

async function start(): Promise<Pair> {
  const net = await open();
  const guest = await instantiate<Exports>(module, { allow: true });
  onTestFinished(() => {
    guest.dispose();
    net.dispose();
  });
  return new Pair(guest.exports, net);
}

async function shared(domain: number = AF.INET, type: number = SOCK.STREAM): Promise<Pair> {
  const pair = await start();
  pair.call("open", domain, type);
  pair.share();
  return pair;
}

describe("what the guest sets, TypeScript reads", () => {
  const timeval = (milliseconds: number) => ({
    seconds: Math.floor(milliseconds / 1000),
    microseconds: (milliseconds % 1000) * 1000,
  });
  test.each<[string, number[], "socket" | "ip" | "tcp", string, OptionValue]>([
    ["linger", [1, 7], "socket", "linger", { on: true, seconds: 7 }],
    ["linger", [0, 0], "socket", "linger", { on: false, seconds: 0 }],
    ["timeout", [SO.RCVTIMEO, 1500], "socket", "rcvtimeo", timeval(1500)],
    ["timeout", [SO.SNDTIMEO, 2000], "socket", "sndtimeo", timeval(2000)],
    ["timeout", [SO.SNDTIMEO, 0], "socket", "sndtimeo", timeval(0)],
    ["ttl", [9], "ip", "ttl", 9],
    ["congestion", [1], "tcp", "congestion", "reno"],
    ["device", [1], "socket", "bindtodevice", "lo"],
    ["device", [0], "socket", "bindtodevice", ""],
  ])("%s %j", async (name, args, level, option, value) => {
    const { guest, net, fd } = await shared();
    expect(guest[name]!(...args)).toBe(0);
    expect(net.getsockopt(fd, level, option)).toEqual(value);
  });
});

describe("what TypeScript sets, the guest reads", () => {
  test.each<[string, number[], "socket" | "ip" | "tcp", string, OptionValue, string]>([
    ["lingers", [], "socket", "linger", { on: true, seconds: 7 }, "true 7"],
    ["lingers", [], "socket", "linger", { on: false, seconds: 0 }, "false 0"],
    ["timesOut", [SO.RCVTIMEO], "socket", "rcvtimeo", 1500, "1500"],
    ["timesOut", [SO.SNDTIMEO], "socket", "sndtimeo", 86_400_000_000, "86400000000"],
    ["timesOut", [SO.SNDTIMEO], "socket", "sndtimeo", 0, "0"],
    ["text", [SOL.TCP, TCP.CONGESTION], "tcp", "congestion", "reno", "'reno'"],
    ["text", [SOL.SOCKET, SO.BINDTODEVICE], "socket", "bindtodevice", "lo", "'lo'"],
    ["text", [SOL.SOCKET, SO.BINDTODEVICE], "socket", "bindtodevice", "", "''"],
    ["bytes", [SOL.SOCKET, SO.PRIORITY, 64], "socket", "priority", 6, "06000000"],
    // A value is cut where there is less room than it has bytes.
    ["bytes", [SOL.SOCKET, SO.PRIORITY, 2], "socket", "priority", 6, "0600"],
    ["bytes", [SOL.SOCKET, SO.PRIORITY, 0], "socket", "priority", 6, ""],
  ])("%s %j of %s %s", async (name, args, level, option, value, expected) => {
    const pair = await shared();
    pair.net.setsockopt(pair.fd, level, option, value);
    expect(pair.text(name, ...args)).toBe(expected);
  });
});

test("getTimeout rounds up, so that a limit is never none", async () => {
  const pair = await shared();
  pair.net.setsockopt(pair.fd, "socket", "rcvtimeo", { seconds: 0, microseconds: 1 });
  const { seconds, microseconds } = pair.net.getsockopt(pair.fd, "socket", "rcvtimeo") as {
    seconds: number;
    microseconds: number;
  };
  expect(seconds).toBe(0);
  expect(microseconds).toBeGreaterThan(0); // a tick of the kernel's clock
  expect(pair.text("timesOut", SO.RCVTIMEO)).toBe(String(Math.ceil(microseconds / 1000)));
});

test("getsockoptBytes gives the bytes that TypeScript reads", async () => {
  const pair = await shared();
  const cookie = pair.net.getsockopt(pair.fd, "socket", "cookie") as Uint8Array;
  expect(cookie).toHaveLength(8);
  const hex = Buffer.from(cookie).toString("hex");
  expect(pair.text("bytes", SOL.SOCKET, SO.COOKIE, 64)).toBe(hex);
});

test("getsockopt of -1 is told from a failure by errno", async () => {
  const pair = await shared(AF.UNIX);
  expect(pair.text("minusOne")).toBe(`-1 0 -1 ${errnoOf("ENOPROTOOPT")}`);
});

test("what is refused is its errno", async () => {
  const pair = await start();
  const none = -1;
  expect(pair.text("lingers")).toBe(`errno ${errnoOf("EBADF")}`);
  expect(pair.text("timesOut", SO.RCVTIMEO)).toBe(`errno ${errnoOf("EBADF")}`);
  expect(pair.text("peer")).toBe(`errno ${errnoOf("EBADF")}`);
  expect(pair.text("info")).toBe(`errno ${errnoOf("EBADF")}`);
  pair.call("open", AF.INET, SOCK.STREAM);
  expect(pair.guest["congestion"]!(0)).toBe(errnoOf("ENOENT"));
  expect(pair.text("text", SOL.TCP, none)).toBe(`errno ${errnoOf("ENOPROTOOPT")}`);
  expect(pair.text("bytes", SOL.SOCKET, SO.COOKIE, 4)).toBe(`errno ${errnoOf("EINVAL")}`);
  pair.call("open", AF.UNIX, SOCK.STREAM);
  expect(pair.guest["informed"]!()).toBe(errnoOf("EOPNOTSUPP"));
});

test("peerCredentials names the process that listens, and TypeScript agrees", async () => {
  const { id, at } = freeName();
  await using peer = await nodeServer(at, "silent");
  const pair = await start();
  pair.call("open", AF.UNIX, SOCK.STREAM);
  expect(pair.text("peer")).toMatch(/^0 /);
  pair.call("connectToName", id);
  pair.share();
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  expect(pair.text("peer")).toBe(`${peer.pid} ${uid} ${gid}`);
  expect(pair.net.getsockopt(pair.fd, "socket", "peercred")).toEqual({ pid: peer.pid, uid, gid });
});

/** A guest and TypeScript on a connection whose peer echoed some bytes, and its port. */
async function connection() {
  const peer = await nodeServer(loopback("inet"), "echo");
  onTestFinished(() => peer[Symbol.asyncDispose]());
  const pair = await start();
  const { port } = peer.address as InetAddress;
  pair.call("open", AF.INET, SOCK.STREAM);
  pair.call("connectTo", port);
  pair.share();
  pair.net.send(pair.fd, new Uint8Array(1234));
  expect(pair.net.recv(pair.fd, new Uint8Array(1234), "waitall")).toBe(1234);
  const info = () =>
    Object.fromEntries(
      Array.from(pair.text("info").matchAll(/tcpi_(\w+) (\d+)/g), ([, name, value]) => [
        name!,
        Number(value),
      ]),
    );
  return { pair, port, info };
}

test("tcpInfo has every field that TypeScript reads, each with its value", async () => {
  const { pair, info } = await connection();
  const read = () => pair.net.getsockopt(pair.fd, "tcp", "info") as Record<string, number>;
  const [before, guest, after] = [read(), info(), read()];
  expect(Object.keys(guest)).toHaveLength(FIELDS.length);
  for (const [name, value] of Object.entries(before)) {
    // All but the times since something happened stand still: nothing is sent.
    expect(guest[name], name).toBeGreaterThanOrEqual(value);
    expect(guest[name], name).toBeLessThanOrEqual(after[name]!);
  }
  expect(guest).toMatchObject({ bytes_received: 1234, bytes_sent: 1234, bytes_acked: 1235 });
});

testWith("ss")("tcpInfo says what ss says", async () => {
  const { port, info } = await connection();
  const line = execFileSync("ss", ["-tinHO", "dport", "=", `:${port}`], { encoding: "utf8" });
  const said = (name: string) => Number(new RegExp(` ${name}:(\\d+)`).exec(line)?.[1]);
  // prettier-ignore
  const names = {
    snd_mss: "mss", rcv_mss: "rcvmss", advmss: "advmss", pmtu: "pmtu", snd_cwnd: "cwnd", segs_out: "segs_out",
    segs_in: "segs_in", bytes_sent: "bytes_sent", bytes_acked: "bytes_acked", bytes_received: "bytes_received",
    rcv_space: "rcv_space",
  };
  const guest = info();
  for (const [field, name] of Object.entries(names)) expect(guest[field], name).toBe(said(name));
  expect(guest["rto"]).toBe(said("rto") * 1000);
});
