// TCP against the peer, with node:net.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Work } from "./work.js";

const HOST = "127.0.0.1";

/** Sends size bytes and waits for their echo, amount times. */
export const pingpong: Work = async (port, amount, size) => {
  const message = Buffer.alloc(size, "x");
  let moved = 0;
  const socket = connect({ host: HOST, port, noDelay: true });
  socket.on("connect", () => socket.write(message));
  socket.on("data", (bytes) => {
    moved += bytes.length;
    if (moved === amount * size) socket.end();
    else if (moved % size === 0) socket.write(message);
  });
  await once(socket, "close");
  return moved;
};

async function pour(socket: Socket, amount: number, size: number): Promise<void> {
  const buffer = Buffer.alloc(size, "x");
  for (let left = amount; left > 0; left -= size) {
    const more = socket.write(left < size ? buffer.subarray(0, left) : buffer);
    if (!more) await once(socket, "drain");
  }
  socket.end();
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
export const send: Work = async (port, amount, size) => {
  const socket = connect({ host: HOST, port });
  const closed = once(socket, "close");
  const answer: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => answer.push(bytes));
  await pour(socket, amount, size);
  await closed;
  return Number(Buffer.concat(answer).readBigUInt64LE());
};

/** Asks the peer for amount bytes and receives at most size at a time. */
export const receive: Work = async (port, amount, size) => {
  const wanted = Buffer.alloc(8);
  wanted.writeBigUInt64LE(BigInt(amount));
  let moved = 0;
  const onread = {
    buffer: Buffer.alloc(size, "x"), // one buffer for all: the fastest way that node:net has
    callback: (count: number): boolean => {
      moved += count;
      return true;
    },
  };
  const socket = connect({ host: HOST, port, onread });
  socket.write(wanted);
  await once(socket, "close");
  return moved;
};
