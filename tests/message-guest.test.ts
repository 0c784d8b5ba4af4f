// What a guest's messages, lists and names do to its memory, and what a policy lets them do.

import { marshal } from "#host/marshal";
import { describe, expect, test } from "vitest";
import {
  BUFFER,
  CONTROL,
  END,
  HEADER,
  LIST,
  NAME,
  OUT,
  PATTERN,
  control,
  descriptors,
  expectNothing,
  guest,
  header,
  left,
  loopback,
  memory,
  right,
  start,
  useGuest,
  vector,
  word,
} from "./support/raw-message.js";
import { errnoOf } from "./support/sockets.js";

const { AF, EAI, NI, POLL, SCM, SOCK, SOL, cmsghdr, mmsghdr, msghdr, pollfd } = marshal;
const EACCES = -errnoOf("EACCES");
const EAGAIN = -errnoOf("EAGAIN");
const MAX = 2 ** 32 - 1;

useGuest();

describe("what is there is used, and no byte more", () => {
  test("recvmsg writes the vectors, the name, the control data and the header", () => {
    header({
      msg_iovlen: 2,
      msg_name: NAME,
      msg_namelen: 9,
      msg_control: CONTROL,
      msg_controllen: 64,
    });
    vector(BUFFER, 2);
    vector(BUFFER + 10, 9, 1);
    memory.fill(1, BUFFER, BUFFER + 32);
    const expected = Buffer.from(memory);
    expected.fill(PATTERN, BUFFER, BUFFER + 2).fill(PATTERN, BUFFER + 10, BUFFER + 13);
    expected.writeUInt32LE(0, HEADER + msghdr.msg_namelen); // the sender has no name
    expected.writeUInt32LE(0, HEADER + msghdr.msg_controllen);
    expect(guest.recvmsg(right, HEADER, 0)).toBe(5);
    expect(memory.equals(expected)).toBe(true);
  });

  test("everything may end where the memory ends", () => {
    const at = END - msghdr.sizeof;
    header({}, at);
    expect(guest.recvmsg(right, at, 0)).toBe(5);
    vector(END - 5, 5);
    expect(guest.sendmsg(left, HEADER, 0)).toBe(5);
    expect(guest.recvmsg(right, HEADER, 0)).toBe(5);
    word(END - pollfd.sizeof, -1);
    expect(guest.poll(END - pollfd.sizeof, 1, 0)).toBe(0);
    expect(guest.if_indextoname(1, END - marshal.IF_NAMESIZE)).toBe(0);
  });

  test("vectors may overlap, and be of no bytes at any place", () => {
    header({ msg_iovlen: 4 });
    for (const [i, base] of [BUFFER, MAX, BUFFER + 1, 0].entries())
      vector(base, i % 2 === 0 ? 2 : 0, i);
    memory.write("abc", BUFFER);
    expect(guest.recvmsg(right, HEADER, 0)).toBe(4);
    memory.write("abc", BUFFER);
    expect(guest.sendmsg(left, HEADER, 0)).toBe(4);
    expect(guest.recv(right, OUT, 16, 0)).toBe(4);
    expect(memory.toString("latin1", OUT, OUT + 4)).toBe("abbc");
  });

  test("a header that the message itself overwrites gives no way out", () => {
    guest.recv(right, OUT, 16, 0);
    const open = descriptors();
    control(16, SOL.SOCKET, SCM.RIGHTS, left);
    // The bytes that are sent are a header, all of whose pointers are bad.
    const bad = {
      msg_name: MAX - 3,
      msg_namelen: 64,
      msg_iov: MAX,
      msg_control: END - 2,
      msg_controllen: MAX,
    };
    header(bad, LIST);
    vector(LIST, msghdr.sizeof);
    expect(guest.sendmsg(left, HEADER, 0)).toBe(msghdr.sizeof);
    header({ msg_control: CONTROL, msg_controllen: 64 });
    vector(HEADER, msghdr.sizeof);
    const before = Buffer.from(memory);
    expect(guest.recvmsg(right, HEADER, 0)).toBe(msghdr.sizeof);
    memory.copy(before, HEADER, HEADER, HEADER + msghdr.sizeof);
    // The control data is where the header said before the message came.
    before.writeUInt32LE(right + 1, CONTROL + cmsghdr.sizeof);
    expect(memory.equals(before)).toBe(true);
    expect(descriptors() - open).toBe(1);
    for (let fd = 3; fd < 16; fd++) if (fd !== left && fd !== right) guest.close(fd);
    expect(descriptors()).toBe(open);
  });

  test("a count of 2^32 - 1 messages is that of the good ones", () => {
    header();
    expect(guest.sendmmsg(left, HEADER, MAX, 0)).toBe(1);
    expect(memory.readUInt32LE(HEADER + mmsghdr.msg_len)).toBe(5);
    expect(guest.recvmmsg(right, HEADER, MAX, 0, 0)).toBe(1);
    expect(guest.recv(right, OUT, 16, 0)).toBe(5);
    expect(guest.recv(right, OUT, 16, 0)).toBe(EAGAIN);
  });

  test("poll tells the entries that are no descriptors", () => {
    for (const [i, fd] of [right, 1, 2 ** 31 - 1, -1].entries()) {
      word(LIST + i * pollfd.sizeof, fd);
      memory.writeUInt16LE(POLL.IN, LIST + i * pollfd.sizeof + pollfd.events);
    }
    expect(guest.poll(LIST, 4, -1)).toBe(3);
    const told = [0, 1, 2, 3].map((i) =>
      memory.readInt16LE(LIST + i * pollfd.sizeof + pollfd.revents),
    );
    expect(told).toEqual([POLL.IN, POLL.NVAL, POLL.NVAL, 0]);
  });
});

describe("a guest under a policy", () => {
  const udp = () => guest.socket(AF.INET, SOCK.DGRAM | SOCK.NONBLOCK, 0);
  const named = (family: number, at = HEADER) => {
    loopback(NAME + (at - HEADER), 9, family);
    return header({ msg_name: NAME + (at - HEADER), msg_namelen: 16 }, at);
  };

  test.each([AF.INET, AF.UNSPEC, AF.INET6, 999])(
    "sends no message to family %d without permission",
    async (family) => {
      await start({});
      const fd = udp();
      const at = named(family);
      expectNothing(() => guest.sendmsg(fd, at, 0), EACCES, "sendmsg");
      expectNothing(() => guest.sendmmsg(fd, at, 1, 0), EACCES, "sendmmsg");
    },
  );

  test("sends a batch up to the first message that is not allowed", async () => {
    await start({ connect: ["udp:127.0.0.1:9"] });
    const fd = udp();
    named(AF.INET);
    named(AF.UNSPEC, HEADER + mmsghdr.sizeof);
    expect(guest.sendmmsg(fd, HEADER, 2, 0)).toBe(1);
    expect(guest.sendmmsg(fd, HEADER + mmsghdr.sizeof, 1, 0)).toBe(EACCES);
  });

  test("passes descriptors among its own sockets, and gets numbers of its own", async () => {
    await start({});
    guest.recv(right, OUT, 16, 0);
    expect(guest.sendmsg(left, control(16, SOL.SOCKET, SCM.RIGHTS, right), 0)).toBe(5);
    expect(guest.recvmsg(right, HEADER, 0)).toBe(5);
    expect(memory.readInt32LE(CONTROL + cmsghdr.sizeof)).toBe(right + 1);
    expect(guest.close(right + 1)).toBe(0);
  });

  test("finds no names where resolve is not allowed", async () => {
    await start({});
    loopback(NAME, 80);
    const names = (flags: number) => guest.getnameinfo(NAME, 16, OUT, 64, 0, 0, flags);
    expect(names(0)).toBe(EAI.SYSTEM);
    expect(memory.readInt32LE(OUT)).toBe(-EACCES); // the error number, where the name would have been
    expect(names(NI.NUMERICHOST)).toBe(0);
    expect(memory.toString("latin1", OUT, OUT + 10)).toBe("127.0.0.1\0");
  });
});
