// Much through few buffers: pipelines between ports, web streams, and what a port holds.

import { createHash, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";
import { MessageChannel } from "node:worker_threads";
import { open, type Net, type Port } from "wasi-sockets";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeServer, type Peer } from "./support/peers.js";
import { digest, loopback, type Digest } from "./support/sockets.js";

const MIB = 1024 * 1024;

let bsd: Net;
beforeEach(async () => {
  bsd = await open();
});
afterEach(() => {
  bsd.dispose();
});

const pair = (): [Port, Port] => {
  const [left, right] = bsd.socketpair("unix", "stream");
  return [bsd.fdToPort(left), bsd.fdToPort(right)];
};

/** Gives so many bytes, in chunks that a counter makes differ, and their hash. */
function source(size: number): { stream: Readable; hash: () => string } {
  const hash = createHash("sha256");
  const chunk = randomFillSync(Buffer.alloc(256 * 1024));
  let left = size;
  let count = 0;
  const stream = new Readable({
    read() {
      if (left === 0) {
        this.push(null);
        return;
      }
      const part = Buffer.from(chunk.subarray(0, Math.min(left, chunk.length)));
      part.writeUInt32LE(count++, 0);
      left -= part.length;
      hash.update(part);
      this.push(part);
    },
  });
  return { stream, hash: () => hash.digest("hex") };
}

test("a GiB through a pipeline of two ports is whole, and they hold a MiB at most", async () => {
  const [near, first] = pair();
  const [second, far] = pair();
  const { stream, hash } = source(1024 * MIB);
  // The chunks that the first port has received, of which the last are not sent yet.
  const chunks: { length: number; memory: ArrayBufferLike }[] = [];
  let most = 0;
  const measure = () => {
    let bytes = first.readableLength + second.writableLength;
    const memories = new Set<ArrayBufferLike>();
    for (let i = chunks.length - 1; i >= 0 && bytes > 0; i--) {
      bytes -= chunks[i]!.length;
      memories.add(chunks[i]!.memory);
    }
    const held = [...memories].reduce((sum, { byteLength }) => sum + byteLength, 0);
    most = Math.max(most, held);
  };
  const push = first.push.bind(first);
  first.push = (chunk: Buffer | null) => {
    if (chunk !== null) chunks.push({ length: chunk.length, memory: chunk.buffer });
    if (chunks.length > 1000) chunks.splice(0, 500);
    const more = push(chunk);
    measure();
    return more;
  };
  const received = createHash("sha256");
  let count = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      received.update(chunk);
      count += chunk.length;
      measure();
      done();
    },
  });
  await Promise.all([pipeline(stream, near), pipeline(first, second), pipeline(far, sink)]);
  expect(count).toBe(1024 * MIB);
  expect(received.digest("hex")).toBe(hash());
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(MIB);
}, 180_000);

test("a pipeline from a server of another process to another is whole", async () => {
  await using from = await nodeServer(loopback("inet"), "source", 20 * MIB);
  await using to = await nodeServer(loopback("inet"), "slow-digest");
  const connected = ({ address }: Awaited<ReturnType<typeof nodeServer>>) => {
    const fd = bsd.socket("inet", "stream");
    bsd.connect(fd, address);
    return bsd.fdToPort(fd);
  };
  await pipeline(connected(from), connected(to));
  const sent = await (from as Peer).next<Digest>();
  expect(await (to as Peer).next()).toEqual(sent);
});

test("a pipeline that fails destroys both ports, and closes their descriptors", async () => {
  const [near, first] = pair();
  const [second, far] = pair();
  const piping = pipeline(first, second);
  near.write(new Uint8Array(4 * MIB));
  far.destroy();
  await expect(piping).rejects.toMatchObject({ code: "EPIPE", syscall: "send" });
  for (const { fd } of [first, second]) expect(() => bsd.getsockname(fd)).toThrow(/EBADF/);
});

test("a pipeline that is aborted destroys both ports", async () => {
  const [, first] = pair();
  const [second] = pair();
  const controller = new AbortController();
  const piping = pipeline(first, second, { signal: controller.signal });
  controller.abort();
  await expect(piping).rejects.toMatchObject({ name: "AbortError" });
  for (const port of [first, second]) {
    if (!port.closed) await once(port, "close");
    expect(() => bsd.getsockname(port.fd)).toThrow(/EBADF/);
  }
});

test("web streams of ports carry bytes, and hold a writer back", async () => {
  const [left, right] = pair();
  const { stream, hash } = source(8 * MIB);
  // A web stream of a Duplex is closed once both of its directions are.
  left.resume();
  right.end();
  const writing = Readable.toWeb(stream).pipeTo(Writable.toWeb(left));
  const received = createHash("sha256");
  const reader = Readable.toWeb(right).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    received.update(value);
  }
  await writing;
  expect(received.digest("hex")).toBe(hash());
});

test("a Duplex.toWeb of a port reads and writes", async () => {
  const [left, right] = pair();
  const { readable, writable } = Duplex.toWeb(left);
  right.pipe(right);
  const reader = readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const writer = writable.getWriter();
  await writer.write(Buffer.from("there and back"));
  const { value } = await reader.read();
  expect(String(Buffer.from(value!))).toBe("there and back");
  const closing = writer.close();
  expect(await reader.read()).toEqual({ done: true, value: undefined });
  await closing;
});

test("a consumer that gives a chunk's memory away takes no other's along", async () => {
  const [left, right] = pair();
  const [other, peer] = pair();
  const content = randomFillSync(Buffer.alloc(20_000));
  left.write(content);
  peer.write(content);
  const [[mine], [theirs]] = (await Promise.all([once(right, "data"), once(other, "data")])) as [
    [Buffer],
    [Buffer],
  ];
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(mine, [mine.buffer as ArrayBuffer]);
  } catch (error) {
    expect(error).toMatchObject({ name: "DataCloneError" }); // Node 20 copies, later ones refuse
  }
  port1.close();
  port2.close();
  expect(digest(theirs)).toEqual(digest(content));
});

test("chunks that are kept stay as they are while more comes", async () => {
  const [left, right] = pair();
  const { stream, hash } = source(12 * MIB);
  const [kept] = await Promise.all([buffer(right), pipeline(stream, left)]);
  expect(createHash("sha256").update(kept).digest("hex")).toBe(hash());
});
