// Many connections of one thread to an echo server, each sending once it has its answer:
// echoes.js guests WASM | node PORT AMOUNT CONNECTIONS, where AMOUNT is how many echoes there are in all.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { argv, exit, hrtime } from "node:process";
import { instantiate } from "wasi-sockets";
import { parameters, report } from "./work.js";

/** Bytes of a message. */
const MESSAGE = 64;

interface Exports {
  dial(port: number): void;
  echoes(rounds: number, size: number): number;
}

/** Does a number of echoes: how many bytes came back. */
type Client = (rounds: number) => Promise<number>;

/** Makes a connection. */
type Dial = (port: number) => Promise<Client>;

async function suspendedGuests(wasm: string): Promise<Dial> {
  const module = await WebAssembly.compile(await readFile(wasm));
  return async (port) => {
    const allow = { connect: [`tcp:127.0.0.1:${port}`] };
    const { exports } = await instantiate<Exports>(module, { allow, wait: "suspend" });
    await exports.dial(port);
    return (rounds) => exports.echoes(rounds, MESSAGE);
  };
}

function exchange(socket: Socket, rounds: number): Promise<number> {
  const message = Buffer.alloc(MESSAGE, "x");
  return new Promise((resolve, reject) => {
    let moved = 0;
    const receive = (bytes: Buffer): void => {
      moved += bytes.length;
      if (moved === rounds * MESSAGE) {
        socket.off("data", receive);
        resolve(moved);
      } else if (moved % MESSAGE === 0) socket.write(message);
    };
    socket.on("data", receive).on("error", reject);
    socket.write(message);
  });
}

async function nodeSocket(port: number): Promise<Client> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  return (rounds) => exchange(socket, rounds);
}

const { port, amount, size: connections } = parameters();
const dial: Dial = argv[2] === "guests" ? await suspendedGuests(argv[3]!) : nodeSocket;
const clients: Client[] = [];
for (let i = 0; i < connections; i++) clients.push(await dial(port));

async function everyone(rounds: number): Promise<number> {
  const moved = await Promise.all(clients.map((client) => client(rounds)));
  return moved.reduce((sum, bytes) => sum + bytes, 0);
}

const rounds = amount / connections;
await everyone(rounds); // to warm up
const start = hrtime.bigint();
const moved = await everyone(rounds);
report(Number(hrtime.bigint() - start) / 1e9, moved);
exit();
