// What the soak does: each work is one connection or a few, from socket(2) to close(2), and gives how many bytes
// came back as they were sent.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as dial } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { instantiate, run, type InetAddress } from "wasi-sockets";
import { open } from "wasi-sockets/promises";
import { Bytes, type Random } from "./random.js";

/** What all works share. */
export interface Scene {
  readonly net: Awaited<ReturnType<typeof open>>;
  /** Where the echo server listens. */
  readonly at: InetAddress;
  /** The guest of the bench. */
  readonly guest: WebAssembly.Module;
}

type Run = (scene: Scene, random: Random) => Promise<number>;

/** Something to do. */
export interface Work {
  readonly name: string;
  /** How often it is chosen, beside the others. */
  readonly share: number;
  /** Does it: how many bytes came back as they were sent. */
  readonly run: Run;
}

const MOST = 256 * 1024;
const CHUNK = 16 * 1024;

async function connected({ net, at }: Scene, signal?: AbortSignal): Promise<number> {
  const fd = net.socket("inet", "stream");
  try {
    await net.connect(fd, at, { signal });
    return fd;
  } catch (error) {
    net.close(fd);
    throw error;
  }
}

/** Sends bytes in pieces while it receives and checks them, to the end of the stream. */
async function echo({ net }: Scene, fd: number, random: Random, from = 0): Promise<number> {
  const bytes = new Bytes(random.seed);
  const end = from + 1 + random.below(MOST);
  const sending = async () => {
    for (let place = from; place < end;) {
      const size = Math.min(1 + random.below(CHUNK), end - place);
      await net.send(fd, bytes.from(place, size));
      place += size;
    }
    net.shutdown(fd, "write");
  };
  const receiving = async () => {
    const buffer = new Uint8Array(CHUNK);
    let place = from;
    for (let count = 1; count > 0; place += count) {
      count = await net.recv(fd, buffer);
      bytes.check(place, buffer.subarray(0, count));
    }
    if (place !== end) throw new Error(`${place - from} bytes came instead of ${end - from}`);
  };
  await Promise.all([sending(), receiving()]);
  return end - from;
}

/** A connection by promises. */
const exchange: Run = async (scene, random) => {
  const fd = await connected(scene);
  try {
    return await echo(scene, fd, random);
  } finally {
    scene.net.close(fd);
  }
};

/** Whether a call was ended by its signal. */
async function isAborted(call: Promise<unknown>, { signal }: AbortController): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (error === signal.reason) return true;
    throw error;
  }
}

/** A connect and receives that are aborted; the connection that is left loses no byte by it. */
const abort: Run = async (scene, random) => {
  const { net } = scene;
  const early = new AbortController();
  if (random.chance(50))
    setImmediate(() => {
      early.abort();
    });
  let first: number | undefined;
  await isAborted(
    connected(scene, early.signal).then((fd) => (first = fd)),
    early,
  );
  if (first !== undefined) net.close(first);

  const fd = await connected(scene);
  try {
    for (let aborts = random.below(5); aborts > 0; aborts--) {
      const late = new AbortController();
      const received = net.recv(fd, new Uint8Array(1), null, { signal: late.signal });
      const delay = random.below(3);
      if (delay > 0) await pause(delay);
      late.abort();
      if (!(await isAborted(received, late))) throw new Error("a byte came that nobody sent");
    }
    return await echo(scene, fd, random);
  } finally {
    net.close(fd);
  }
};

/** A connection that is reset in the midst of what it sends. */
const reset: Run = async (scene, random) => {
  const { net } = scene;
  const fd = await connected(scene);
  net.setsockopt(fd, "socket", "linger", { on: true, seconds: 0 });
  const sent = net.send(fd, new Uint8Array(MOST * 16)).catch(() => 0);
  await pause(random.below(3));
  net.close(fd);
  await sent;
  return 0;
};

/** A pipeline through a port, whose bytes are hashed on both ends; or one that is destroyed midway. */
const port: Run = async (scene, random) => {
  const stream = scene.net.fdToPort(await connected(scene));
  const bytes = new Bytes(random.seed);
  const size = 1 + random.below(MOST * 4);
  const stops = random.chance(20) ? random.below(size) : Infinity;
  const [sent, came] = [createHash("sha256"), createHash("sha256")];
  let place = 0;
  stream.on("data", (chunk: Buffer) => {
    came.update(chunk);
    place += chunk.length;
    if (place > stops) stream.destroy();
  });
  const ended = once(stream, "close");
  const chunks = function* () {
    for (let at = 0; at < size;) {
      const chunk = bytes.from(at, Math.min(1 + random.below(CHUNK), size - at));
      sent.update(chunk);
      at += chunk.length;
      yield chunk;
    }
  };
  const pumped = pipeline(Readable.from(chunks()), stream, { end: true });
  if (stops < size) {
    await Promise.allSettled([pumped, ended]);
    return 0;
  }
  await Promise.all([pumped, ended]);
  if (sent.digest("hex") !== came.digest("hex")) throw new Error("the hashes of a port differ");
  return size;
};

/** A listener of ours and a client of node:net. */
const accept: Run = async (scene, random) => {
  const { net } = scene;
  const listener = net.socket("inet", "stream");
  net.bind(listener, { ...scene.at, port: 0 });
  net.listen(listener, 1);
  const { port } = net.getsockname(listener) as InetAddress;
  const client = dial(port, scene.at.address);
  client.on("data", (chunk) => client.write(chunk)).on("end", () => client.end());
  const fd = await net.accept(listener);
  try {
    return await echo(scene, fd, random);
  } finally {
    net.close(fd);
    net.close(listener);
    client.destroy();
  }
};

interface Exports {
  dial(port: number): void;
  echo(guest: number, size: number): number;
}

/** A suspended guest, which is sometimes disposed of while it waits. */
const suspended: Run = async ({ at, guest: module }, random) => {
  const guest = await instantiate<Exports>(module, { allow: { connect: true }, wait: "suspend" });
  await guest.exports.dial(at.port);
  const size = 1 + random.below(MOST / 2);
  const same = guest.exports.echo(random.below(1000), size);
  if (random.chance(25)) {
    guest.dispose();
    await same.catch(() => 0);
    return 0;
  }
  try {
    const count = await same;
    if (count !== size) throw new Error(`${count} of ${size} bytes came back to a guest`);
    return count;
  } finally {
    guest.dispose();
  }
};

/** A thread whose calls block, ended while they do. */
const thread: Run = async ({ at }, random) => {
  const workerData = { at, seed: random.seed };
  const worker = new Worker(new URL("worker.js", import.meta.url), { workerData });
  let moved = 0;
  let exchanges = 1 + random.below(20);
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (size: number) => {
      moved += size;
      if (--exchanges === 0) resolve();
    });
  });
  await worker.terminate();
  return moved;
};

/** A guest of run() that is ended while it waits for a connection. */
const ended: Run = async ({ guest }, random) => {
  const controller = new AbortController();
  const stdout = new PassThrough();
  const running = run(guest, {
    listen: ["127.0.0.1:0"],
    stdout,
    signal: controller.signal,
  });
  const over = isAborted(running, controller);
  await once(stdout, "data");
  await pause(random.below(10));
  controller.abort();
  if (!(await over)) throw new Error("a guest ended by itself");
  return 0;
};

/** What this Node has all that it takes for. */
export const works: readonly Work[] = [
  { name: "exchange", share: 30, run: exchange },
  { name: "abort", share: 20, run: abort },
  { name: "reset", share: 10, run: reset },
  { name: "port", share: 20, run: port },
  { name: "accept", share: 10, run: accept },
  ...("Suspending" in WebAssembly ? [{ name: "suspended", share: 20, run: suspended }] : []),
  { name: "thread", share: 4, run: thread },
  { name: "run", share: 2, run: ended },
];
