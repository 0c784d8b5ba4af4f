// UDP between two sockets of one process, with node:dgram.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Work } from "./work.js";

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function join(socket: Socket, other: Socket): Promise<void> {
  socket.connect(other.address().port, "127.0.0.1");
  await once(socket, "connect");
}

/** Sends a datagram of size bytes from one socket and receives it from the other, amount times. */
export const datagrams: Work = async (_port, amount, size) => {
  const from = await bound();
  const to = await bound();
  await join(from, to);
  await join(to, from);
  const message = Buffer.alloc(size, "x");
  let moved = 0;
  to.on("message", (bytes) => {
    moved += bytes.length;
    if (moved < amount * size) from.send(message);
    else to.close();
  });
  from.send(message);
  await once(to, "close");
  from.close();
  return moved;
};
