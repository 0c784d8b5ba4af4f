// The TCP ping-pong with the host of WASI 0.3 on Node, by the functions that a component would call:
// preview3.js SHIM WORK PORT AMOUNT SIZE, where SHIM is the file to import it from.

import { argv, exit } from "node:process";
import { pathToFileURL } from "node:url";
import { time, type Work } from "./work.js";

interface StreamReader {
  read(options?: { count: number }): Promise<Uint8Array | null>;
}

interface StreamWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface TcpSocket {
  connect(address: unknown): Promise<void>;
  send(data: StreamReader): Promise<void>;
  receive(): [StreamReader, unknown];
}

interface Shim {
  readonly sockets: { readonly types: { TcpSocket: { create(family: "ipv4"): TcpSocket } } };
  readonly stream: { stream(): { tx: StreamWriter; rx: StreamReader } };
}

const [, , path] = argv as [string, string, string];
const { sockets, stream: streams } = (await import(pathToFileURL(path).href)) as Shim;

/** Sends size bytes and waits for their echo, amount times. */
const pingpong: Work = async (port, amount, size) => {
  const socket = sockets.types.TcpSocket.create("ipv4");
  await socket.connect({ tag: "ipv4", val: { address: [127, 0, 0, 1], port } });
  const { tx, rx } = streams.stream();
  const sent = socket.send(rx);
  const [input] = socket.receive();
  const message = new Uint8Array(size).fill(0x78);
  let moved = 0;
  for (let round = 0; round < amount; round++) {
    await tx.write(message);
    for (let left = size; left > 0;) {
      const bytes = await input.read({ count: left });
      if (bytes === null) return moved;
      left -= bytes.length;
      moved += bytes.length;
    }
  }
  await tx.close();
  await sent;
  return moved;
};

await time(pingpong);
exit(); // its threads would go on
