// A guest that passes messages, lists and names that no honest program would: it gets an error number, and
// nothing happens. See tests/hostile.test.ts.

import { bsdSockets } from "#host/adapters/bsd/index";
import { Guest } from "#host/guest";
import { marshal } from "#host/marshal";
import { GuestMemory } from "#host/memory";
import { Blocking } from "#host/wait/blocking";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { epolls } from "./support/platforms.js";
import {
  BUFFER,
  CONTROL,
  END,
  HEADER,
  LIST,
  NAME,
  OUT,
  PATTERN,
  VECTORS,
  control,
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

const { AF, EAI, EPOLL_CTL, MSG, NI, SCM, SOCK, SOL, iovec, mmsghdr, msghdr } = marshal;
const EAGAIN = -errnoOf("EAGAIN");
const EBADF = -errnoOf("EBADF");
const EFAULT = -errnoOf("EFAULT");
const EINVAL = -errnoOf("EINVAL");
const EMSGSIZE = -errnoOf("EMSGSIZE");
const ENAMETOOLONG = -errnoOf("ENAMETOOLONG");
const ENOBUFS = -errnoOf("ENOBUFS");
const MAX = 2 ** 32 - 1;

/** Pointers to memory that is not there, wholly or in part. */
const BAD: [where: string, pointer: number][] = [
  ["NULL", 0],
  ["the last byte", END - 1],
  ["the end", END],
  ["2^31", 2 ** 31],
  ["2^32 - 16", MAX - 15],
  ["2^32 - 1", MAX],
];

useGuest();

/** The calls that take a struct msghdr: each sends or receives one. */
const messages: [call: string, (at: number) => number][] = [
  ["sendmsg", (at) => guest.sendmsg(left, at, 0)],
  ["recvmsg", (at) => guest.recvmsg(right, at, 0)],
  ["sendmmsg", (at) => guest.sendmmsg(left, at, 1, 0)],
  ["recvmmsg", (at) => guest.recvmmsg(right, at, 1, 0, 0)],
];

describe.each(messages)(
  "%s is EFAULT and does nothing, where memory that is not there holds",
  (_, call) => {
    const places: [what: string, place: (pointer: number) => number, optional?: boolean][] = [
      ["the header", (p) => p],
      ["the name", (p) => header({ msg_name: p, msg_namelen: 16 }), true],
      ["the vectors", (p) => header({ msg_iov: p })],
      ["a vector's bytes", (p) => header() && vector(p, 2)],
      ["the second vector's bytes", (p) => header({ msg_iovlen: 2 }) && vector(p, 2, 1)],
      ["gigabytes of a vector", (p) => header() && vector(p, 2 ** 31)],
      ["a vector of all 32 bits", (p) => header() && vector(p, MAX)],
      ["the control data", (p) => header({ msg_control: p, msg_controllen: 16 }), true],
    ];
    test.each(places)("%s", (_, place, optional = false) => {
      for (const [where, pointer] of BAD) {
        if (pointer === 0 && optional) continue; // asks for none
        const at = place(pointer);
        expectNothing(() => call(at), EFAULT, where);
      }
    });

    test("a vector that begins well and ends behind it", () => {
      for (const length of [END - BUFFER + 1, 2 ** 31, MAX]) {
        vector(BUFFER, length);
        expectNothing(() => call(HEADER), EFAULT, `${length} bytes`);
      }
    });
  },
);

describe.each(epolls)(
  "with $epoll, a list or a place for a name that is not there is EFAULT",
  ({ platform }) => {
    beforeEach(() => start(true, {}, platform));

    let epoll = -1;
    const calls: [what: string, call: (pointer: number) => number, error?: number][] = [
      ["sendmmsg, the second header", (p) => guest.sendmmsg(left, p - mmsghdr.sizeof, 2, 0)],
      ["recvmmsg, the second header", (p) => guest.recvmmsg(right, p - mmsghdr.sizeof, 2, 0, 0)],
      ["poll", (p) => guest.poll(p, 1, 0)],
      ["epoll_ctl, to add", (p) => guest.epoll_ctl(epoll, EPOLL_CTL.ADD, right, p)],
      ["epoll_ctl, to modify", (p) => guest.epoll_ctl(epoll, EPOLL_CTL.MOD, right, p)],
      ["epoll_wait", (p) => guest.epoll_wait(epoll, p, 1, 0)],
      ["if_indextoname", (p) => guest.if_indextoname(1, p)],
      ["gethostname", (p) => guest.gethostname(p, 64)],
      ["getnameinfo, the address", (p) => names(p, OUT, SMALL, OUT), EAI.SYSTEM],
      ["getnameinfo, the host", (p) => names(NAME, p, 64, OUT), EAI.SYSTEM],
      ["getnameinfo, the service", (p) => names(NAME, OUT, SMALL, p), EAI.SYSTEM],
    ];
    /** Room for no error number. */
    const SMALL = 3;
    const names = (address: number, host: number, size: number, service: number) =>
      guest.getnameinfo(address, 16, host, size, service, 64, NI.NUMERICHOST | NI.NUMERICSERV);

    test.each(calls)("%s", (what, call, error = EFAULT) => {
      epoll = guest.epoll_create1(0);
      loopback(NAME, 80);
      for (const [where, pointer] of BAD) {
        if (pointer === 0 && /the (host|service)/.test(what)) continue; // asks for none
        expectNothing(() => call(pointer), error, where);
      }
    });
  },
);

type Size = [what: string, call: () => number, error: number];

describe.each(epolls)(
  "with $epoll, a size that cannot be is refused, and nothing is done",
  ({ platform }) => {
    beforeEach(() => start(true, {}, platform));

    const send = (at: number) => guest.sendmsg(left, at, 0);
    const receive = (at: number) => guest.recvmsg(right, at, 0);
    const rights = (length: number) => control(length, SOL.SOCKET, SCM.RIGHTS, left);
    const far = { msg_control: END - 64, msg_controllen: MAX };
    // prettier-ignore
    const sizes: Size[] = [
    ...[1025, 2 ** 29, 2 ** 31, MAX].flatMap((count): Size[] => [
      [`sendmsg of ${count} vectors`, () => send(header({ msg_iovlen: count })), EMSGSIZE],
      [`recvmsg of ${count} vectors`, () => receive(header({ msg_iovlen: count })), EMSGSIZE],
    ]),
    ["sendmsg of 16385 bytes of control data", () => send(header({ msg_control: CONTROL, msg_controllen: 16385 })), ENOBUFS],
    ["sendmsg of 2^32 - 1 bytes of control data", () => send(header({ msg_control: CONTROL, msg_controllen: MAX })), ENOBUFS],
    ["recvmsg of 2^32 - 1 bytes of control data", () => receive(header(far)), EFAULT],
    ["sendmsg of a name of -1 bytes", () => send(header({ msg_name: NAME, msg_namelen: MAX })), EINVAL],
    ["recvmsg of a name of -1 bytes", () => receive(header({ msg_name: NAME, msg_namelen: MAX })), EINVAL],
    ...[0, 11, 17, 0x7fffffff, 2 ** 31, MAX].map((length): Size =>
      [`a control message of ${length} bytes`, () => send(rights(length)), EINVAL]),
    ["a descriptor of the host", () => send(control(16, SOL.SOCKET, SCM.RIGHTS, 1)), EBADF],
    ["a descriptor of 2^32 - 1", () => send(control(16, SOL.SOCKET, SCM.RIGHTS, MAX)), EBADF],
    ["poll of 8192 entries", () => guest.poll(LIST, 8192, 0), EINVAL],
    ["poll of 2^29 entries", () => guest.poll(LIST, 2 ** 29, 0), EINVAL],
    ["poll of 2^32 - 1 entries", () => guest.poll(LIST, MAX, 0), EINVAL],
    ["epoll_create1 of unknown flags", () => guest.epoll_create1(1), EINVAL],
    ["epoll_wait on a socket", () => guest.epoll_wait(left, LIST, 1, 0), EINVAL],
    ["epoll_ctl of a socket", () => guest.epoll_ctl(left, EPOLL_CTL.ADD, right, LIST), EINVAL],
    ["gethostname into nothing", () => guest.gethostname(OUT, 0), ENAMETOOLONG],
    ["gethostname into one byte", () => guest.gethostname(OUT, 1), ENAMETOOLONG],
    ["gethostname into 2^32 - 1 bytes", () => guest.gethostname(OUT, MAX), EFAULT],
    ["getnameinfo of 129 bytes", () => guest.getnameinfo(NAME, 129, OUT, 64, 0, 0, 0), EAI.FAMILY],
    ["getnameinfo of -1 bytes", () => guest.getnameinfo(NAME, MAX, OUT, 64, 0, 0, 0), EAI.FAMILY],
    ["getnameinfo of no bytes", () => guest.getnameinfo(NAME, 0, OUT, 64, 0, 0, 0), EAI.FAMILY],
  ];
    test.each(sizes)("%s", (what, call, error) => {
      // What a row lays out in memory is laid out by the first call; the second changes nothing any more.
      expect(call()).toBe(error);
      expectNothing(call, error, what);
    });

    test.each([0, 4, MAX])("epoll_ctl of operation %d", (operation) => {
      const set = guest.epoll_create1(0);
      expectNothing(() => guest.epoll_ctl(set, operation, right, LIST), EINVAL, "it");
    });

    test.each([0, MAX, 2 ** 31])("epoll_wait for %d events", (count) => {
      const set = guest.epoll_create1(0);
      expectNothing(() => guest.epoll_wait(set, LIST, count, 0), EINVAL, "it");
    });
  },
);

describe("of a batch of three messages", () => {
  const at = (index: number) => HEADER + index * mmsghdr.sizeof;
  const rooms = [0, 1, 2].map((index) => BUFFER + 16 * index);
  const LENGTHS = [1, 2, 3];

  beforeEach(() => {
    expect(guest.recv(right, OUT, 16, 0)).toBe(5);
    for (const index of rooms.keys()) {
      header({ msg_iov: VECTORS + index * iovec.sizeof }, at(index));
    }
    for (const [index, room] of rooms.entries()) vector(room, LENGTHS[index]!, index);
  });

  const cases: [what: string, passed: number, change: () => number][] = [
    ["all pass", 3, () => HEADER],
    ["all pass, wherever the last's vector is", 3, () => elsewhere(2)],
    ["all pass, wherever the second's vector is", 3, () => elsewhere(1)],
    ["those before pass where bytes are not there", 2, () => vector(END - 1, 3, 2)],
    ["those before pass where a vector is not there", 2, () => set(2, "msg_iov", END - 4)],
    ["those before pass where a vector is at 2^32 - 4", 1, () => set(1, "msg_iov", MAX - 3)],
    ["those before pass where there are too many", 1, () => set(1, "msg_iovlen", 1025)],
    ["those before pass where there are 2^32 - 1", 1, () => set(1, "msg_iovlen", MAX)],
    ["those before pass where the batch has too many", 2, () => set(2, "msg_iovlen", 1023)],
    ["those before pass where a name is not there", 1, () => set(1, "msg_name", END - 4)],
    ["those before pass where control data is not there", 2, () => set(2, "msg_control", END - 4)],
  ];

  /** Changes a field of a header; a name and control data have 16 bytes then. */
  function set(
    index: number,
    field: "msg_iov" | "msg_iovlen" | "msg_name" | "msg_control",
    value: number,
  ): number {
    word(at(index) + msghdr[field], value);
    if (field === "msg_name") word(at(index) + msghdr.msg_namelen, 16);
    if (field === "msg_control") word(at(index) + msghdr.msg_controllen, 16);
    return at(index);
  }

  /** Moves the vector of a message away from the others. */
  function elsewhere(index: number): number {
    const from = VECTORS + index * iovec.sizeof;
    memory.copy(memory, LIST, from, from + iovec.sizeof);
    return set(index, "msg_iov", LIST);
  }

  const lengths = () => rooms.map((_, index) => memory.readUInt32LE(at(index) + mmsghdr.msg_len));
  /** The lengths of so many, and of the rest what stood there. */
  const expected = (passed: number) =>
    LENGTHS.map((length, index) => (index < passed ? length : PATTERN * 0x01010101));

  test.each(cases)("that are sent, %s", (_, passed, change) => {
    for (const [index, room] of rooms.entries()) memory.fill("abc"[index]!, room, room + 3);
    change();
    expect(guest.sendmmsg(left, HEADER, 3, 0)).toBe(passed);
    expect(lengths()).toEqual(expected(passed));
    for (const text of ["a", "bb", "ccc"].slice(0, passed)) {
      expect(guest.recv(right, OUT, 16, 0)).toBe(text.length);
      expect(memory.toString("latin1", OUT, OUT + text.length)).toBe(text);
    }
    expect(guest.recv(right, OUT, 16, 0)).toBe(EAGAIN);
  });

  test.each(cases)("that are received, %s", (_, passed, change) => {
    for (const text of ["a", "bb", "ccc"]) {
      memory.write(text, OUT);
      expect(guest.send(left, OUT, text.length, 0)).toBe(text.length);
    }
    change();
    expect(guest.recvmmsg(right, HEADER, 3, 0, 0)).toBe(passed);
    expect(lengths()).toEqual(expected(passed));
    const received = rooms.map((room, index) =>
      memory.toString("latin1", room, room + LENGTHS[index]!),
    );
    expect(received.slice(0, passed)).toEqual(["a", "bb", "ccc"].slice(0, passed));
    expect(memory.readUInt8(rooms[passed - 1]! + passed)).toBe(PATTERN);
  });
});

describe("a message that lies over the header that it is received by", () => {
  /** Received into the header itself, it says that everything goes to OUT. */
  function receiveOverHeader(call: (at: number) => number): void {
    expect(guest.recv(right, OUT, 16, 0)).toBe(5);
    header({ msg_name: OUT, msg_namelen: 64, msg_control: OUT, msg_controllen: 64 }, BUFFER);
    control(16, SOL.SOCKET, SCM.RIGHTS, left);
    vector(BUFFER, msghdr.sizeof);
    expect(guest.sendmsg(left, HEADER, 0)).toBe(msghdr.sizeof);
    const forged = Buffer.from(memory.subarray(BUFFER, BUFFER + msghdr.sizeof));
    header({ msg_control: NAME, msg_controllen: 16 });
    vector(HEADER, msghdr.sizeof);
    const before = Buffer.from(memory);
    expect(call(HEADER)).toBeGreaterThan(0);
    forged.writeUInt32LE(0, msghdr.msg_namelen);
    forged.writeUInt32LE(16, msghdr.msg_controllen);
    forged.writeUInt32LE(0, msghdr.msg_flags);
    before.set(forged, HEADER);
    before.set([16, 0, 0, 0, SOL.SOCKET, 0, 0, 0, SCM.RIGHTS, 0, 0, 0, right + 1, 0, 0, 0], NAME);
    memory.copy(
      before,
      HEADER + mmsghdr.msg_len,
      HEADER + mmsghdr.msg_len,
      HEADER + mmsghdr.sizeof,
    );
    expect(memory.equals(before)).toBe(true);
  }

  test("does not say where recvmsg writes its control data", () => {
    receiveOverHeader((at) => guest.recvmsg(right, at, 0));
  });

  test("does not say where recvmmsg writes it", () => {
    receiveOverHeader((at) => guest.recvmmsg(right, at, 1, 0, 0));
    expect(memory.readUInt32LE(HEADER + mmsghdr.msg_len)).toBe(msghdr.sizeof);
  });
});

test("a datagram that lies over the length of its sender's address does not say how long that may be", () => {
  expect(guest.recv(right, OUT, 16, 0)).toBe(5);
  const at = LIST;
  const fd = guest.socket(AF.INET, SOCK.DGRAM, 0);
  loopback(NAME, 0);
  expect(guest.bind(fd, NAME, 16)).toBe(0);
  word(OUT, 16);
  expect(guest.getsockname(fd, NAME, OUT)).toBe(0);
  word(BUFFER, 128);
  expect(guest.sendto(fd, BUFFER, 4, 0, NAME, 16)).toBe(4);
  word(at, 2);
  const before = Buffer.from(memory);
  expect(guest.recvfrom(fd, at, 4, 0, CONTROL, at)).toBe(4);
  before.writeUInt32LE(16, at);
  memory.copy(before, CONTROL, NAME, NAME + 2);
  expect(memory.equals(before)).toBe(true);
});

test("a vector in what a shared memory has grown by is there, and one behind it is EFAULT", () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  const owner = new Guest({ allow: true });
  onTestFinished(() => {
    owner.dispose();
  });
  const calls = bsdSockets(owner, new GuestMemory(shared), new Blocking(owner.descriptors));
  const first = new DataView(shared.buffer);
  const fds = 0x100;
  expect(calls.socketpair(AF.UNIX, SOCK.DGRAM, 0, fds)).toBe(0); // looks at one page
  const [from, to] = [first.getInt32(fds, true), first.getInt32(fds + 4, true)];
  shared.grow(1);
  const end = shared.buffer.byteLength;
  const bytes = Buffer.from(shared.buffer).fill("grown", end - 16);
  first.setUint32(HEADER + msghdr.msg_iov, VECTORS, true);
  first.setUint32(HEADER + msghdr.msg_iovlen, 1, true);
  first.setUint32(VECTORS + iovec.iov_base, end - 5, true);
  first.setUint32(VECTORS + iovec.iov_len, 6, true);
  expect(calls.sendmsg(from, HEADER, MSG.DONTWAIT)).toBe(EFAULT);
  first.setUint32(VECTORS + iovec.iov_len, 5, true);
  expect(calls.sendmsg(from, HEADER, MSG.DONTWAIT)).toBe(5);
  expect(calls.recv(to, end - 64, 16, MSG.DONTWAIT)).toBe(5);
  expect(bytes.toString("latin1", end - 64, end - 59)).toBe(bytes.toString("latin1", end - 5));
});
