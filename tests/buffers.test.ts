// The bytes of a caller: views of linear memory, which are not copied, and arrays that lie elsewhere.

import { randomBytes } from "node:crypto";
import { open, type Net } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { connected, expectErrno } from "./support/sockets.js";

/** What the memory that an instance has at first does not hold. */
const MORE_THAN_MEMORY = 24 * 1024 * 1024;

/** Makes linear memory grow, by which every view of it detaches. */
function grow(net: Net): void {
  const { buffer } = net.buffer(1);
  while (buffer.byteLength > 0) net.buffer(1024 * 1024);
}

describe("a buffer", () => {
  test("is a zeroed view of linear memory", async () => {
    using net = await open();
    const bytes = net.buffer(1000);
    expect(bytes.length).toBe(1000);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(bytes.buffer.byteLength).toBeGreaterThan(1000);
  });

  test("is zeroed also where its bytes were used before", async () => {
    using net = await open();
    const first = net.buffer(1000).fill(7);
    const { byteOffset } = first;
    net.release(first);
    const second = net.buffer(1000);
    expect(second.byteOffset).toBe(byteOffset);
    expect(second.every((byte) => byte === 0)).toBe(true);
  });

  test("does not overlap another", async () => {
    using net = await open();
    const buffers = [1, 64, 1000, 3, 0].map((size) => net.buffer(size));
    buffers.forEach((bytes, index) => bytes.fill(index + 1));
    buffers.forEach((bytes, index) => {
      expect(bytes.every((byte) => byte === index + 1)).toBe(true);
    });
  });

  test("is filled by recv in place: no other byte of the memory changes", async () => {
    using net = await open();
    const [client, server] = connected(net);
    const bytes = net.buffer(64);
    net.send(client, Buffer.from("in place"));
    const before = Buffer.from(new Uint8Array(bytes.buffer));
    expect(net.recv(server, bytes)).toBe(8);
    before.write("in place", bytes.byteOffset);
    expect(before.equals(new Uint8Array(bytes.buffer))).toBe(true);
  });

  test("is sent from where it stands: no byte of the memory changes", async () => {
    using net = await open();
    const [client, server] = connected(net);
    const bytes = net.buffer(8);
    bytes.set(Buffer.from("in place"));
    const before = Buffer.from(new Uint8Array(bytes.buffer));
    expect(net.send(client, bytes)).toBe(8);
    expect(before.equals(new Uint8Array(bytes.buffer))).toBe(true);
    const received = Buffer.alloc(8);
    expect(net.recv(server, received)).toBe(8);
    expect(received.toString()).toBe("in place");
  });

  test.each([
    ["recv", (net: Net, fd: number, view: Uint8Array) => net.recv(fd, view)],
    ["recvfrom", (net: Net, fd: number, view: Uint8Array) => net.recvfrom(fd, view)[0]],
  ])("has parts, which %s fills and no more", async (_, receive) => {
    using net = await open();
    const [client, server] = connected(net);
    const bytes = net.buffer(12).fill(0x2e);
    net.send(client, Buffer.from("abcdefgh"));
    expect(receive(net, server, bytes.subarray(4, 8))).toBe(4);
    expect(Buffer.from(bytes).toString()).toBe("....abcd....");
    net.send(client, bytes.subarray(6, 10));
    const rest = net.buffer(8);
    expect(receive(net, server, rest)).toBe(8);
    expect(Buffer.from(rest).toString()).toBe("efghcd..");
  });

  test.each([-1, 1.5, NaN, Infinity, 2 ** 30, 2 ** 31, 2 ** 32])(
    "of %d bytes is refused",
    async (size) => {
      using net = await open();
      expect(() => net.buffer(size)).toThrow(RangeError);
      expect(net.buffer(1).length).toBe(1);
    },
  );

  test("of no bytes receives none, and leaves what is there", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.send(client, Buffer.from("kept"));
    expect(net.recv(server, net.buffer(0))).toBe(0);
    expect(net.recv(server, net.buffer(8))).toBe(4);
  });
});

describe("growth of memory", () => {
  test("detaches a buffer and its parts, which are then refused", async () => {
    using net = await open();
    const [client, server] = connected(net);
    const bytes = net.buffer(16);
    const part = bytes.subarray(4, 8);
    grow(net);
    net.send(client, Buffer.from("kept"));
    for (const view of [bytes, part]) {
      expect(() => net.recv(server, view)).toThrow(/detached.*remap/);
      expect(() => net.recvfrom(server, view)).toThrow(TypeError);
      expect(() => net.send(client, view)).toThrow(TypeError);
      expect(() => net.sendto(client, view, null, null)).toThrow(TypeError);
    }
    expect(net.recv(server, net.remap(bytes))).toBe(4);
  });

  test("keeps the bytes, which remap gives back", async () => {
    using net = await open();
    const bytes = net.buffer(16);
    bytes.set(Buffer.from("kept"));
    const { byteOffset } = bytes;
    grow(net);
    const again = net.remap(bytes);
    expect(again.byteOffset).toBe(byteOffset);
    expect(Buffer.from(again).toString("latin1", 0, 4)).toBe("kept");
    net.release(again);
  });

  test("does not keep a detached buffer from being released", async () => {
    using net = await open();
    const bytes = net.buffer(16);
    grow(net);
    net.release(bytes);
    expect(() => net.remap(bytes)).toThrow(TypeError);
  });

  test("in the middle of a call harms neither its address nor its bytes", async () => {
    using net = await open();
    const [client, server] = [net.socket("inet", "datagram"), net.socket("inet", "datagram")];
    net.bind(server, { family: "inet", address: "127.0.0.1", port: 0 });
    const view = net.buffer(1);
    const bytes = randomBytes(MORE_THAN_MEMORY);
    expect(net.sendto(client, bytes, null, net.getsockname(server))).toBe(-1);
    expectErrno(net, "EMSGSIZE");
    expect(view.length, "memory has grown").toBe(0);
    expect(net.sendto(client, bytes.subarray(0, 1000), null, net.getsockname(server))).toBe(1000);
    const received = Buffer.alloc(2 * MORE_THAN_MEMORY);
    const [count, from] = net.recvfrom(server, received);
    expect(count).toBe(1000);
    expect(from).toMatchObject({ family: "inet", address: "127.0.0.1" });
    expect(received.subarray(0, 1000).equals(bytes.subarray(0, 1000))).toBe(true);
  });
});

describe("release and remap refuse", () => {
  test.each<[what: string, make: (net: Net) => Uint8Array]>([
    [
      "what was released before",
      (net) => {
        const bytes = net.buffer(16);
        net.release(bytes);
        return bytes;
      },
    ],
    [
      "what was remapped",
      (net) => {
        const bytes = net.buffer(16);
        net.remap(bytes);
        return bytes;
      },
    ],
    ["a part of a buffer", (net) => net.buffer(16).subarray(4)],
    ["another view of its bytes", (net) => new Uint8Array(net.buffer(16).buffer)],
    ["an array that lies elsewhere", () => new Uint8Array(16)],
  ])("%s", async (_, make) => {
    using net = await open();
    const view = make(net);
    expect(() => {
      net.release(view);
    }).toThrow(TypeError);
    expect(() => net.remap(view)).toThrow(TypeError);
  });

  test("the buffer of another net", async () => {
    using net = await open();
    using other = await open();
    const theirs = other.buffer(16);
    expect(() => {
      net.release(theirs);
    }).toThrow(TypeError);
    other.release(theirs);
  });
});

describe("an array that lies elsewhere", () => {
  test("is received into up to its length, and no further", async () => {
    using net = await open();
    const [client, server] = connected(net);
    net.send(client, Buffer.from("abcdefgh"));
    const bytes = Buffer.alloc(12, ".");
    expect(net.recv(server, bytes.subarray(4, 8))).toBe(4);
    expect(bytes.toString()).toBe("....abcd....");
    expect(net.recv(server, bytes)).toBe(4);
    expect(bytes.toString()).toBe("efghabcd....");
  });

  test("is left alone where nothing was received", async () => {
    using net = await open();
    const [, server] = connected(net);
    const bytes = Buffer.from("as it was");
    expect(net.recv(server, bytes, "dontwait")).toBe(-1);
    expect(net.recvfrom(server, bytes, "dontwait")).toEqual([false, null]);
    expect(bytes.toString()).toBe("as it was");
  });

  test("goes through one area, which grows once and is kept", async () => {
    using net = await open();
    const [client] = connected(net);
    const large = new Uint8Array(MORE_THAN_MEMORY);
    const before = net.buffer(1);
    net.send(client, large, "dontwait");
    expect(before.length, "memory has grown").toBe(0);
    const { buffer } = net.buffer(1);
    for (let i = 0; i < 5; i++) net.send(client, large, "dontwait");
    net.recv(client, new Uint8Array(large.length), "dontwait");
    expect(buffer.byteLength).toBeGreaterThan(large.length);
    expect(net.buffer(1).buffer).toBe(buffer);
  });

  test("can be the buffer of another net", async () => {
    using net = await open();
    using other = await open();
    const [client, server] = connected(net);
    const theirs = other.buffer(4);
    theirs.set(Buffer.from("ours"));
    expect(net.send(client, theirs)).toBe(4);
    expect(net.recv(server, theirs.fill(0))).toBe(4);
    expect(Buffer.from(theirs).toString()).toBe("ours");
  });

  test("can be shared memory", async () => {
    using net = await open();
    const [client, server] = connected(net);
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    shared.set(Buffer.from("shared"));
    expect(net.send(client, shared.subarray(0, 6))).toBe(6);
    expect(net.recv(server, shared.fill(0))).toBe(6);
    expect(Buffer.from(shared).toString("latin1", 0, 6)).toBe("shared");
  });

  test.each([2 ** 30, 2 ** 32])(
    "of %d bytes is refused: linear memory has no such room",
    async (size) => {
      using net = await open();
      const [client] = connected(net);
      const huge = new Uint8Array(size);
      expect(() => net.send(client, huge, "dontwait")).toThrow(RangeError);
      expect(() => net.recv(client, huge, "dontwait")).toThrow(RangeError);
      expect(net.send(client, new Uint8Array(1))).toBe(1);
    },
  );
});

test.each([
  ["text", "four"],
  ["an ArrayBuffer", new ArrayBuffer(4)],
  ["a DataView", new DataView(new ArrayBuffer(4))],
  ["a Uint16Array", new Uint16Array(4)],
  ["an array", [1, 2, 3, 4]],
])("%s is refused, and nothing is sent", async (_, bytes) => {
  using net = await open();
  const [client, server] = connected(net);
  expect(() => net.send(client, bytes as unknown as Uint8Array)).toThrow(TypeError);
  expect(net.recv(server, new Uint8Array(16), "dontwait")).toBe(-1);
  expectErrno(net, "EAGAIN");
});
