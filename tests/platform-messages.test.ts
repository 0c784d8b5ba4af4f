// What the codecs make of messages, control data and lists of poll(2) for each system.

import { Errno, marshal } from "#host/marshal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FROM, ROOM, SYSTEMS, TO, bytesOf, coded } from "./support/encodings.js";
import { header, polled, received, sent, vectors } from "./support/goldens.js";

const { IP, IPV6, MSG, POLL, SOL, System, native_msghdr, pollfd } = marshal;
const memory = Buffer.from(marshal.memory.buffer);
const plain = (hex: string) => bytesOf(hex).toString("hex");

describe.each(SYSTEMS)("%s", (name) => {
  const system = System[name];

  test("a message's header", () => {
    const to = coded(header.LINUX, () => marshal.messageToSystem(system, FROM, TO));
    expect(to).toBe(plain(header[name]));
  });

  test("the vectors of a message", () => {
    const to = coded(vectors.LINUX, () => marshal.vectorsToSystem(system, FROM, 2, TO));
    expect(to).toBe(plain(vectors[name]));
  });

  test("a list of poll(2)", () => {
    const to = coded(polled.LINUX, () => marshal.pollToSystem(system, FROM, 2, TO));
    expect(to).toBe(plain(polled[name]));
  });

  test.each(Object.entries(sent))("control data that is sent: %s", (_, bytes) => {
    const to = coded(bytes.LINUX, (length) => marshal.controlToSystem(system, FROM, length, TO));
    expect(to).toBe(bytes[name] === null ? -Errno.EINVAL : plain(bytes[name]));
  });

  const those = Object.entries(received).filter(([, bytes]) => bytes[name] !== null);
  test.each(those)("control data that is received: %s", (_, bytes) => {
    const from = coded(bytes[name]!, (length) =>
      marshal.controlFromSystem(system, FROM, length, TO),
    );
    expect(from).toBe(plain(bytes.LINUX));
  });

  test("several control messages, each where it is aligned to", () => {
    const messages = [sent.tos, sent.hoplimit, sent.ttl, sent.pktinfo6];
    const all = (system: (typeof SYSTEMS)[number]) =>
      messages.map((bytes) => bytes[system]).join("");
    const to = coded(all("LINUX"), (length) => marshal.controlToSystem(system, FROM, length, TO));
    expect(to).toBe(plain(all(name)));
    const others = [received.tos, received.hoplimit, received.ttl, received.pktinfo6];
    const from = coded(others.map((bytes) => bytes[name]).join(""), (length) =>
      marshal.controlFromSystem(system, FROM, length, TO),
    );
    expect(from).toBe(plain(others.map((bytes) => bytes.LINUX).join("")));
  });

  test("any control data, of whatever bytes, stays within its room", () => {
    fc.assert(
      fc.property(fc.array(message(name), { maxLength: 8 }), fc.nat(16), (messages, cut) => {
        const all = Buffer.concat(messages);
        const hex = all.subarray(0, Math.max(0, all.length - cut)).toString("hex");
        const size = hex.length / 2;
        const from = coded(hex, () => marshal.controlFromSystem(system, FROM, size, TO));
        const untouched = Math.ceil((size * 1.5) / 8) * 8;
        expect(memory.subarray(TO + untouched, TO + ROOM).every((byte) => byte === 0xee)).toBe(
          true,
        );
        const to = coded(from as string, (length) =>
          marshal.controlToSystem(system, FROM, length, TO),
        );
        // What came can be sent back, but for a timestamp.
        if (typeof to === "number") expect(to).toBe(-Errno.EINVAL);
        const sizeBack = Math.ceil((from as string).length / 2 / 8) * 8;
        expect(memory.subarray(TO + sizeBack, TO + ROOM).every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });
});

/** A control message of a system's, whose length may be anything. */
function message(name: (typeof SYSTEMS)[number]): fc.Arbitrary<Buffer> {
  const isBsd = name === "DARWIN" || name === "FREEBSD";
  const level = fc.constantFrom(0, 41, isBsd ? 0xffff : 1, 17);
  const type = fc.constantFrom(1, 2, 3, 4, 19, 21, 24, 27, 26, 36, 39, 40, 46, 47, 61, 65, 68);
  const data = fc.uint8Array({ maxLength: 40 });
  const wrong = fc.option(fc.nat(0xffff_ffff), { freq: 8 });
  return fc.tuple(level, type, data, wrong).map(([level, type, data, wrong]) => {
    const [start, unit] = name === "DARWIN" ? [12, 4] : [16, 8];
    const bytes = Buffer.alloc(Math.ceil((start + data.length) / unit) * unit);
    bytes.writeUInt32LE(wrong ?? start + data.length);
    bytes.writeInt32LE(level, isBsd ? 4 : 8);
    bytes.writeInt32LE(type, isBsd ? 8 : 12);
    bytes.set(data, start);
    return bytes;
  });
}

describe("what a call left in a header", () => {
  // 16 bytes of name, 24 of control data, and MSG_TRUNC and MSG_CTRUNC.
  const left = {
    DARWIN: header.DARWIN.replace("1c000000", "10000000").replace(/28000000 00000000$/, "18000000 30000000"),
    FREEBSD: header.FREEBSD.replace("1c000000", "10000000").replace(/28000000 00000000$/, "18000000 30000000"),
    WINDOWS: header.WINDOWS.replace("1c000000", "10000000").replace("28000000", "18000000").replace(/00000000 00000000$/, "00030000 00000000"),
  }; // prettier-ignore

  test.each(Object.entries(left))("%s", (name, hex) => {
    const at = TO + ROOM;
    bytesOf(header.LINUX).copy(memory, at);
    coded(hex, () => {
      marshal.messageFromSystem(System[name as keyof typeof left], FROM, at);
      return 0;
    });
    const after = Buffer.from(memory.subarray(at, at + native_msghdr.sizeof));
    expect(after.readUInt32LE(native_msghdr.msg_namelen)).toBe(16);
    expect(after.readBigUInt64LE(native_msghdr.msg_controllen)).toBe(24n);
    expect(after.readInt32LE(native_msghdr.msg_flags)).toBe(MSG.TRUNC | MSG.CTRUNC);
    const same = [native_msghdr.msg_name, native_msghdr.msg_iov, native_msghdr.msg_control];
    for (const field of same) {
      expect(after.readBigUInt64LE(field)).toBe(bytesOf(header.LINUX).readBigUInt64LE(field));
    }
  });
});

describe.each(["DARWIN", "FREEBSD", "WINDOWS"] as const)("what does not go to %s", (name) => {
  const system = System[name];
  const control = (level: number, type: number, data: string, length = 16 + data.length / 2) => {
    const head = Buffer.alloc(16);
    head.writeBigUInt64LE(BigInt(length));
    head.writeInt32LE(level, 8);
    head.writeInt32LE(type, 12);
    return coded(head.toString("hex") + data, (size) =>
      marshal.controlToSystem(system, FROM, size, TO),
    );
  };

  test.each([
    ["credentials", SOL.SOCKET, marshal.SCM.CREDENTIALS, "00".repeat(12)],
    ["an option that is no control message", SOL.IP, IP.ADD_MEMBERSHIP, "00".repeat(8)],
    ["a level without control messages elsewhere", SOL.UDP, 103, "0500"],
    ["an unknown type", SOL.IPV6, 9999, "00000000"],
    ["a TTL of no bytes", SOL.IP, IP.TTL, ""],
    ["an in_pktinfo that is cut", SOL.IP, IP.PKTINFO, "00".repeat(11)],
    ["an in6_pktinfo that is cut", SOL.IPV6, IPV6.PKTINFO, "00".repeat(19)],
  ])("%s is EINVAL", (_, level, type, data) => {
    expect(control(level, type, data)).toBe(-Errno.EINVAL);
  });

  test("a length that is shorter than its header, or longer than the data, is EINVAL", () => {
    expect(control(SOL.IP, IP.TTL, "40000000", 15)).toBe(-Errno.EINVAL);
    expect(control(SOL.IP, IP.TTL, "40000000", 21)).toBe(-Errno.EINVAL);
    expect(control(SOL.IP, IP.TTL, "40000000", 2 ** 40)).toBe(-Errno.EINVAL);
  });

  test("more vectors or control data than an int counts are EMSGSIZE", () => {
    for (const field of [native_msghdr.msg_iovlen, native_msghdr.msg_controllen]) {
      const bytes = bytesOf(header.LINUX);
      bytes.writeBigUInt64LE(0x8000_0000n, field);
      const to = coded(bytes.toString("hex"), () => marshal.messageToSystem(system, FROM, TO));
      expect(to).toBe(-Errno.EMSGSIZE);
    }
  });

  test("events that it does not have are left out, and found are those that were asked for", () => {
    const asked = POLL.IN | POLL.OUT | POLL.RDHUP;
    const list = Buffer.alloc(pollfd.sizeof);
    list.writeInt32LE(7, pollfd.fd);
    list.writeInt16LE(asked, pollfd.events);
    const there = coded(list.toString("hex"), () => marshal.pollToSystem(system, FROM, 1, TO));
    const events = { DARWIN: 0x5, FREEBSD: 0x4005, WINDOWS: 0x310 }[name];
    const bytes = Buffer.from(there as string, "hex");
    expect(bytes.readInt16LE(name === "WINDOWS" ? 8 : 4)).toBe(events);
    // Everything that it has comes back: POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL and all others.
    const found = name === "WINDOWS" ? 0x700 | 0x30 | 0x1 | 0x2 | 0x4 : 0x1ff;
    bytes.writeInt16LE(found, name === "WINDOWS" ? 10 : 6);
    bytes.copy(memory, TO);
    marshal.pollFromSystem(system, TO, 1, FROM);
    expect(memory.readInt16LE(FROM + pollfd.revents)).toBe(
      POLL.IN | POLL.OUT | POLL.ERR | POLL.HUP | POLL.NVAL,
    );
    expect(memory.readInt16LE(FROM + pollfd.events)).toBe(asked);
  });
});

test("a vector of 4 GiB does not fit into a WSABUF", () => {
  const bytes = bytesOf(vectors.LINUX);
  bytes.writeBigUInt64LE(2n ** 32n, 8);
  const to = coded(bytes.toString("hex"), () =>
    marshal.vectorsToSystem(System.WINDOWS, FROM, 2, TO),
  );
  expect(to).toBe(-Errno.EINVAL);
});

test("control messages that Linux does not have are left out, and the next is found", () => {
  const other = "10000000 00000000 07000000 c0000201"; // IP_RECVDSTADDR of macOS, and its in_addr
  const both = coded(other + received.hoplimit.DARWIN, (length) =>
    marshal.controlFromSystem(System.DARWIN, FROM, length, TO),
  );
  expect(both).toBe(plain(received.hoplimit.LINUX));
});
