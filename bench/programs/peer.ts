// The other end of every stream row where there is no C compiler, as ../c/peer.c: peer.js echo | sink | count |
// source | dial // prints its port and serves until it is killed; with "unix-" in front, the number of its path.

import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { argv, pid } from "node:process";
import { nameOf } from "./unix.js";

const CHUNK = Buffer.alloc(65536);

/** Sends everything back. */
function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** Takes everything, then says how many bytes there were. */
function sink(socket: Socket): void {
  let total = 0n;
  socket.on("data", (bytes: Buffer) => (total += BigInt(bytes.length)));
  socket.on("end", () => {
    const answer = Buffer.alloc(8);
    answer.writeBigUInt64LE(total);
    socket.end(answer);
  });
}

/** Is told how many bytes come, takes them, and says that there were so many. */
function count(socket: Socket): void {
  let wanted: bigint | undefined;
  let total = 0n;
  socket.on("data", (bytes: Buffer) => {
    total += BigInt(bytes.length);
    if (wanted === undefined) {
      wanted = bytes.readBigUInt64LE();
      total -= 8n;
    }
    if (total < wanted) return;
    const answer = Buffer.alloc(8);
    answer.writeBigUInt64LE(total);
    socket.end(answer);
  });
}

/** Reads how many bytes are wanted, then sends them. */
function source(socket: Socket): void {
  socket.once("data", (wanted: Buffer) => {
    let left = Number(wanted.readBigUInt64LE());
    const pour = (): void => {
      while (left > 0) {
        const bytes = CHUNK.subarray(0, left);
        left -= bytes.length;
        if (!socket.write(bytes)) return;
      }
      socket.end();
    };
    socket.on("drain", pour);
    pour();
  });
}

/** Is told a port and a number: connects there as often, and waits for the end of each. */
function dial(socket: Socket): void {
  socket.once("data", (wanted: Buffer) => {
    const port = Number(wanted.readBigUInt64LE());
    let left = Number(wanted.readBigUInt64LE(8));
    const next = (): void => {
      if (left-- > 0) connect(port, "127.0.0.1").on("close", next).resume();
    };
    next();
  });
}

const peers: Record<string, (socket: Socket) => void> = {
  echo,
  sink,
  count,
  source,
  dial,
  crowd: echo,
};
const [, local, kind] = /^(unix-)?(.*)$/.exec(argv[2]!)!;
const serve = peers[kind!]!;
const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy()); // a client that has gone is not the peer's failure
  serve(socket);
});
const where =
  local === undefined ? { host: "127.0.0.1", port: 0, backlog: 4096 } : { path: nameOf(pid) };
server.listen(where, () => {
  console.log(local === undefined ? (server.address() as AddressInfo).port : pid);
});
process.once("SIGTERM", () => server.close()).once("SIGTERM", () => process.exit()); // which removes the path
