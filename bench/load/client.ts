// The peers of the guest, node:net's, in a process of their own: client.js WORK PORT COUNT. It writes a line when it
// has done what it should, and goes on when its input has a line.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { argv, exit, stdin, stdout } from "node:process";
import { createInterface } from "node:readline";

/** How many connections are being made at once. */
const ABREAST = 64;
/** How much a slow reader sends, more than all buffers on its way hold. */
const FLOOD = 16 << 20;
const MESSAGE = 32;

const port = Number(argv[3]);
const count = Number(argv[4]);
const lines = createInterface(stdin)[Symbol.asyncIterator]();

let errors = 0;
const note = (error: Error): void => {
  errors++;
  console.error(error.message);
};

function report(result: object): void {
  stdout.write(`${JSON.stringify({ ...result, errors })}\n`);
}

/** Does so many works, some at once. */
async function abreast(works: number, work: (index: number) => Promise<void>): Promise<number> {
  const from = performance.now();
  let next = 0;
  const one = async () => {
    while (next < works) await work(next++).catch(note);
  };
  await Promise.all(Array.from({ length: ABREAST }, one));
  return (performance.now() - from) / 1000;
}

async function dial(): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.on("error", note);
  return socket;
}

/** The bytes of a connection, which are no other's. */
function message(index: number): Buffer {
  return Buffer.alloc(MESSAGE, `${index}/`);
}

/** Sends a message: whether the very same comes back. */
async function exchange(socket: Socket, index: number): Promise<boolean> {
  const chunks: Buffer[] = [];
  let length = 0;
  socket.write(message(index));
  while (length < MESSAGE) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks).equals(message(index));
}

const works: Record<string, () => Promise<void>> = {
  /** Connections that are all open at once: each is answered once they are. */
  async hold() {
    const sockets: Socket[] = [];
    const seconds = await abreast(count, async () => void sockets.push(await dial()));
    report({ connected: sockets.length, seconds });
    await lines.next();
    let answered = 0;
    const answering = await abreast(sockets.length, async (index) => {
      if (await exchange(sockets[index]!, index)) answered++;
    });
    for (const socket of sockets) socket.destroy();
    report({ answered, seconds: answering });
  },

  /** Connections one after the other, of one message each. */
  async short() {
    let answered = 0;
    const seconds = await abreast(count, async (index) => {
      const socket = await dial();
      if (await exchange(socket, index)) answered++;
      socket.end();
      await once(socket, "close");
    });
    report({ answered, seconds });
  },

  /** Connections that send and do not read; others beside them; and then they read after all. */
  async slow() {
    const bytes = Buffer.from(
      Array.from({ length: 1 << 16 }, (_, i) => (i * 31 + (i >> 8)) & 0xff),
    );
    const readers = await Promise.all(
      Array.from({ length: count }, async () => {
        const socket = await dial();
        socket.pause();
        let written = 0;
        for (let free = true; free && written < FLOOD; written += bytes.length) {
          free = socket.write(bytes);
          // What the kernel does not take for a while, it does not take.
          if (!free) free = await Promise.race([once(socket, "drain"), quiet()]).then(Boolean);
        }
        return { socket, written };
      }),
    );
    report({ held: readers.filter(({ written }) => written < FLOOD).length });
    await lines.next();
    let answered = 0;
    const seconds = await abreast(count * 10, async (index) => {
      const socket = await dial();
      if (await exchange(socket, index)) answered++;
      socket.destroy();
    });
    report({ answered, seconds });
    await lines.next();
    let whole = 0;
    for (const { socket, written } of readers) {
      let length = 0;
      let wrong = 0;
      socket.on("data", (chunk) => {
        for (let at = 0; at < chunk.length;) {
          const from = (length + at) % bytes.length;
          const part = chunk.subarray(at, at + bytes.length - from);
          if (!part.equals(bytes.subarray(from, from + part.length))) wrong++;
          at += part.length;
        }
        length += chunk.length;
      });
      socket.resume().end();
      await once(socket, "end");
      if (wrong === 0 && length === written) whole++;
    }
    report({ whole });
  },
};

function quiet(): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, 500, false));
}

await works[argv[2]!]!();
exit();
