// What is done on a stream of node:net, TCP or Unix.

import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";

/** Sends size bytes and waits for their echo, amount times: how many came back. */
export async function exchange(to: NetConnectOpts, amount: number, size: number): Promise<number> {
  const message = Buffer.alloc(size, "x");
  let moved = 0;
  const socket = connect(to);
  socket.on("connect", () => socket.write(message));
  socket.on("data", (bytes) => {
    moved += bytes.length;
    if (moved === amount * size) socket.end();
    else if (moved % size === 0) socket.write(message);
  });
  await once(socket, "close");
  return moved;
}

async function write(socket: Socket, amount: number, size: number): Promise<void> {
  const buffer = Buffer.alloc(size, "x");
  for (let left = amount; left > 0; left -= size) {
    const more = socket.write(left < size ? buffer.subarray(0, left) : buffer);
    if (!more) await once(socket, "drain");
  }
  socket.end();
}

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
export async function pour(to: NetConnectOpts, amount: number, size: number): Promise<number> {
  const socket = connect(to);
  const closed = once(socket, "close");
  const answer: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => answer.push(bytes));
  await write(socket, amount, size);
  await closed;
  return Number(Buffer.concat(answer).readBigUInt64LE());
}

/** Asks the peer for amount bytes and receives at most size at a time: how many came. */
export async function drink(to: NetConnectOpts, amount: number, size: number): Promise<number> {
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
  const socket = connect({ ...to, onread });
  socket.write(wanted);
  await once(socket, "close");
  return moved;
}
