// The TCP ping-pong with the host of WASI 0.2 on Node, by the functions that a component would call:
// preview2.js SHIM WORK PORT AMOUNT SIZE, where SHIM is the file to import it from.

import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";
import { report, time, type Work } from "./work.js";

interface Pollable {
  block(): void;
}

interface OutputStream {
  blockingWriteAndFlush(bytes: Uint8Array): void;
}

interface InputStream {
  blockingRead(length: bigint): Uint8Array;
}

interface TcpSocket {
  startConnect(network: unknown, address: unknown): void;
  finishConnect(): [InputStream, OutputStream];
  subscribe(): Pollable;
  shutdown(how: "send" | "both"): void;
}

interface Shim {
  readonly sockets: {
    readonly instanceNetwork: { instanceNetwork(): unknown };
    readonly tcpCreateSocket: { createTcpSocket(family: "ipv4"): TcpSocket };
  };
}

const [, , path, work] = argv as [string, string, string, string];
const started = performance.now() / 1000;
const { sockets } = (await import(pathToFileURL(path).href)) as Shim;

/** What blocking-write-and-flush takes at most, wasi:io/streams. */
const WRITE_MAX = 4096;

function dial(port: number): { socket: TcpSocket; input: InputStream; output: OutputStream } {
  const socket = sockets.tcpCreateSocket.createTcpSocket("ipv4");
  const address = { tag: "ipv4", val: { address: [127, 0, 0, 1], port } };
  socket.startConnect(sockets.instanceNetwork.instanceNetwork(), address);
  for (;;) {
    try {
      const [input, output] = socket.finishConnect();
      return { socket, input, output };
    } catch (error) {
      const code = (error as { payload?: unknown }).payload ?? error;
      if (code !== "would-block") throw error as Error;
      socket.subscribe().block();
    }
  }
}

function write(output: OutputStream, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += WRITE_MAX) {
    output.blockingWriteAndFlush(bytes.subarray(at, at + WRITE_MAX));
  }
}

/** Sends size bytes and waits for their echo, amount times. */
const pingpong: Work = (port, amount, size) => {
  const { socket, input, output } = dial(port);
  const message = new Uint8Array(size).fill(0x78);
  let moved = 0;
  for (let round = 0; round < amount; round++) {
    write(output, message);
    for (let left = size; left > 0;) {
      const { length } = input.blockingRead(BigInt(left));
      left -= length;
      moved += length;
    }
  }
  socket.shutdown("both");
  return moved;
};

/** Makes a socket: what that and loading the host took. */
function socket(): void {
  sockets.tcpCreateSocket.createTcpSocket("ipv4");
  report(performance.now() / 1000 - started, 1);
}

if (work === "socket") socket();
else await time(pingpong);
exit(); // its thread would go on
