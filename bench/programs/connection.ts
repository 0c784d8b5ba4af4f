// Connections that are made and closed, with node:net.

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { Work } from "./work.js";

const host = "127.0.0.1";
const BACKLOG = 4096;

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, "connect");
  return socket;
}

/** Connects and closes, amount times: how often; the peer has accepted all of them by then. */
export const connects: Work = async (port, amount) => {
  let made = 0;
  for (; made < amount - 1; made++) (await dial(port)).destroy();
  const last = await dial(port);
  last.end().resume();
  await once(last, "close");
  return made + 1;
};

/** Accepts and closes what the peer connects, amount times: how often. */
export const accepts: Work = async (port, amount) => {
  let made = 0;
  const server = createServer((socket) => {
    socket.destroy();
    if (++made === amount) server.close();
  });
  server.listen({ host, port: 0, backlog: BACKLOG });
  await once(server, "listening");
  const peer = await dial(port);
  const wanted = Buffer.alloc(16);
  wanted.writeBigUInt64LE(BigInt((server.address() as AddressInfo).port));
  wanted.writeBigUInt64LE(BigInt(amount), 8);
  peer.write(wanted);
  await once(server, "close");
  peer.destroy();
  return made;
};
