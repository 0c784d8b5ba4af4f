// TCP with the host of WASI 0.2 on Node, by the functions that a component would call:
// preview2.js SHIM WORK PORT AMOUNT SIZE, where SHIM is the file to import it from.

import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";
import { report, time, type Work } from "./work.js";

interface Pollable extends Disposable {
  block(): void;
}

interface OutputStream extends Disposable {
  checkWrite(): bigint;
  write(bytes: Uint8Array): void;
  blockingFlush(): void;
  blockingWriteAndFlush(bytes: Uint8Array): void;
  subscribe(): Pollable;
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

/**
 * Sends amount bytes, size at a time, until the peer has said how many arrived. The direction is ended by dropping its
 * stream: this host's shutdown destroys the connection, whatever it is told to shut.
 */
const send: Work = (port, amount, size) => {
  const { input, output } = dial(port);
  const buffer = new Uint8Array(size).fill(0x78);
  const pollable = output.subscribe();
  for (let left = amount; left > 0;) {
    const permit = Number(output.checkWrite());
    if (permit === 0) {
      pollable.block();
      continue;
    }
    const bytes = buffer.subarray(0, Math.min(permit, left));
    output.write(bytes);
    left -= bytes.length;
  }
  pollable[Symbol.dispose]();
  output.blockingFlush();
  output[Symbol.dispose]();
  const answer = new Uint8Array(8);
  for (let got = 0; got < answer.length;) {
    const bytes = input.blockingRead(BigInt(answer.length - got));
    answer.set(bytes, got);
    got += bytes.length;
  }
  return Number(new DataView(answer.buffer).getBigUint64(0, true));
};

/** Asks the peer for amount bytes and receives them in whatever pieces they come, at most size each. */
const receive: Work = (port, amount, size) => {
  const { socket, input, output } = dial(port);
  const wanted = new Uint8Array(8);
  new DataView(wanted.buffer).setBigUint64(0, BigInt(amount), true);
  write(output, wanted);
  let moved = 0;
  while (moved < amount) moved += input.blockingRead(BigInt(size)).length;
  socket.shutdown("both");
  return moved;
};

const works: Readonly<Record<string, Work>> = { pingpong, send, receive };

/** Makes a socket: what that and loading the host took. */
function socket(): void {
  sockets.tcpCreateSocket.createTcpSocket("ipv4");
  report(performance.now() / 1000 - started, 1);
}

if (work === "socket") socket();
else await time(works[work]!);
exit(); // its thread would go on
