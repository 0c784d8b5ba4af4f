// sendfile(2): a file that the embedder opened goes to a socket without passing through the guest.

import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instantiate, open, type Net } from "wasi-sockets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileGuest } from "./support/guest.js";

const directory = mkdtempSync(join(tmpdir(), "wasi-sockets-file-"));
const path = join(directory, "file");
const content = randomBytes(100_000);
writeFileSync(path, content);

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const FILE = 3; // the first preopen
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const openDescriptors = () => readdirSync("/proc/self/fd").length;

/** Everything that comes until the stream ends. */
function receiveAll(net: Net, fd: number): Buffer {
  const chunks: Buffer[] = [];
  const chunk = new Uint8Array(65536);
  for (let count = net.recv(fd, chunk); count > 0; count = net.recv(fd, chunk)) {
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
  return Buffer.concat(chunks);
}

describe("sendfile", () => {
  test("sends the whole file from its own position, and 0 at its end", async () => {
    using net = await open({ preopens: [path] });
    const [a, b] = net.socketpair("unix", "stream");
    net.setsockopt(a, "socket", "sndbuf", 1 << 20);
    expect(net.sendfile(a, FILE, null, content.length * 2)).toBe(content.length);
    expect(net.sendfile(a, FILE, null, 1)).toBe(0);
    net.close(a);
    expect(sha(receiveAll(net, b))).toBe(sha(content));
  });

  test("sends a part from an offset, and leaves the position alone", async () => {
    using net = await open({ preopens: [path] });
    const [a, b] = net.socketpair("unix", "stream");
    expect(net.sendfile(a, FILE, 99_990, 100)).toBe(10);
    expect(net.sendfile(a, FILE, null, 10)).toBe(10);
    net.close(a);
    const expected = Buffer.concat([content.subarray(99_990), content.subarray(0, 10)]);
    expect(receiveAll(net, b)).toEqual(expected);
  });

  test("a non-blocking socket takes what fits, then EAGAIN", async () => {
    using net = await open({ preopens: [path] });
    const [a] = net.socketpair("unix", ["stream", "non-blocking"]);
    let sent = 0;
    for (let count = 0; count >= 0; count = net.sendfile(a, FILE, 0, content.length)) sent += count;
    expect(sent).toBeGreaterThan(0);
    expect(net.errno?.code).toBe("EAGAIN");
  });

  test("a file is no socket, and a number that is none is EBADF", async () => {
    using net = await open({ preopens: [path] });
    const [a] = net.socketpair("unix", "stream");
    expect(net.recv(FILE, new Uint8Array(1))).toBe(-1);
    expect(net.errno?.code).toBe("ENOTSOCK");
    expect(net.sendfile(a, 99, null, 1)).toBe(-1);
    expect(net.errno?.code).toBe("EBADF");
  });

  test("a file that cannot be opened is an error that names it, and leaves nothing open", async () => {
    const before = openDescriptors();
    const opened = open({ preopens: [path, join(directory, "none")] });
    await expect(opened).rejects.toMatchObject({ code: "ENOENT", syscall: "open" });
    await expect(open({ preopens: [path, path], descriptors: 1 })).rejects.toThrow(RangeError);
    expect(openDescriptors()).toBe(before);
  });
});

describe("sendfile of a guest", () => {
  let wasm: Uint8Array<ArrayBuffer>;

  beforeAll(async () => {
    wasm = await compileGuest(`
      import { AF, SOCK, close, errno, recv, sendfile, socketpair } from "wasi-sockets/assembly";
      export function echo(offset: i64, count: i32): i32 {
        const pair = socketpair(AF.UNIX, SOCK.STREAM, 0)!;
        if (sendfile(pair[0], 3, offset, count) < 0) return -errno();
        const bytes = new Uint8Array(count);
        const received = recv(pair[1], bytes);
        close(pair[0]);
        close(pair[1]);
        return received == count ? bytes[count - 1] : -1;
      }
    `);
  });

  test("sends what the embedder opened for it, though it is allowed nothing else", async () => {
    using guest = await instantiate<{ echo(offset: bigint, count: number): number }>(wasm, {
      preopens: [path],
    });
    expect(guest.exports.echo(100n, 16)).toBe(content[115]);
    expect(guest.exports.echo(-1n, 16)).toBe(content[15]);
    expect(guest.exports.echo(-1n, 16)).toBe(content[31]);
  });

  test("finds nothing open where nothing was", async () => {
    using guest = await instantiate<{ echo(offset: bigint, count: number): number }>(wasm);
    // 3 is then the first socket of its own pair, and no file.
    expect(guest.exports.echo(-1n, 16)).toBeLessThan(0);
  });
});
