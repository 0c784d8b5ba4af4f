// TCP against the peer, through a Node stream: stream.js port | node send | receive PORT AMOUNT SIZE. The streams
// are used alike, as node:net's are in most programs: "data", write() and "drain", with default options.

import { once } from "node:events";
import { connect } from "node:net";
import { argv } from "node:process";
import type { Duplex } from "node:stream";
import { open } from "wasi-sockets";
import { time, type Work } from "./work.js";

const HOST = "127.0.0.1";

type Dial = (port: number) => Promise<Duplex> | Duplex;

const net = await open();
const dials: Record<string, Dial> = {
  node: (port) => connect({ host: HOST, port }),
  port: (port) => {
    const fd = net.socket("inet", "stream", "tcp");
    net.connect(fd, { family: "inet", address: HOST, port });
    return net.fdToPort(fd);
  },
};
const dial = dials[argv[2]!]!;

/** Sends amount bytes, size at a time, until the peer has said how many arrived. */
const send: Work = async (port, amount, size) => {
  const stream = await dial(port);
  const closed = once(stream, "close");
  const answer: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => answer.push(bytes));
  const buffer = Buffer.alloc(size, "x");
  for (let left = amount; left > 0; left -= size) {
    const more = stream.write(left < size ? buffer.subarray(0, left) : buffer);
    if (!more) await once(stream, "drain");
  }
  stream.end();
  await closed;
  return Number(Buffer.concat(answer).readBigUInt64LE());
};

/** Asks the peer for amount bytes and receives them in whatever pieces they come. */
const receive: Work = async (port, amount) => {
  const stream = await dial(port);
  const wanted = Buffer.alloc(8);
  wanted.writeBigUInt64LE(BigInt(amount));
  let moved = 0;
  stream.on("data", (bytes: Buffer) => (moved += bytes.length));
  stream.on("end", () => stream.end());
  stream.write(wanted);
  await once(stream, "close");
  return moved;
};

const works: Record<string, Work> = { send, receive };
await time(works[argv[3]!]!);
