// Every call that can wait, in a suspended guest: it waits for what it should, and nobody else does.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as dial, type AddressInfo, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { open } from "wasi-sockets";
import { marshal } from "#host/marshal";
import { describe, expect, onTestFinished, test } from "vitest";
import { epolls } from "../support/platforms.js";
import { scratchPath } from "../support/programs.js";
import { digest, errnoOf, unix } from "../support/sockets.js";
import {
  BYTES,
  HEADER,
  LENGTH,
  LIST,
  MUCH,
  NAME,
  VECTORS,
  connection,
  rawGuest,
  whileSuspended,
  type RawGuest,
} from "../support/suspended.js";

const { AF, MSG, POLL, SO, SOCK, SOL, epoll_event, mmsghdr, msghdr, pollfd, sockaddr_in, timeval } =
  marshal;
const EPOLL_CTL_ADD = 1;
const EAGAIN = -errnoOf("EAGAIN");
const EBADF = -errnoOf("EBADF");

/** The text at a place in a guest's memory. */
const text = ({ memory }: RawGuest, at: number, length: number) =>
  memory.toString("latin1", at, at + length);

/** Sends a datagram from node:dgram to a port. */
async function datagram(port: number, ...messages: string[]): Promise<AddressInfo> {
  const socket = createSocket("udp4");
  for (const message of messages) {
    await new Promise((resolve) => {
      socket.send(message, port, "127.0.0.1", resolve);
    });
  }
  const address = socket.address();
  socket.close();
  return address;
}

describe("waits, and gives what came:", () => {
  test("connect, where the listener's queue is full", async () => {
    using net = await open();
    const at = unix(`\0suspended-${process.pid}`);
    const listener = net.socket("unix", "stream");
    net.bind(listener, at);
    net.listen(listener, 0);
    net.connect(net.socket("unix", "stream"), at);
    const guest = await rawGuest();
    const fd = await guest.call("socket", AF.UNIX, SOCK.STREAM, 0);
    // Room in the queue, and then the guest's connection in it.
    const connected = guest.call("connect", fd, NAME, guest.unix(at));
    expect(await whileSuspended(connected, () => net.accept(listener))).toBe(0);
    expect(net.accept(listener)).toBeGreaterThan(0);
  });

  test("accept4, which gives the peer's address", async () => {
    const guest = await rawGuest();
    const [listener, port] = await guest.bound(SOCK.STREAM);
    expect(await guest.call("listen", listener, 1)).toBe(0);
    let client!: Socket;
    onTestFinished(() => void client.destroy());
    const accepted = guest.call("accept4", listener, NAME, LENGTH, 0);
    const fd = await whileSuspended(accepted, () => (client = dial(port, "127.0.0.1")));
    expect(fd).toBeGreaterThan(listener);
    expect(guest.memory.readUInt16BE(NAME + sockaddr_in.sin_port)).toBe(client.localPort);
  });

  test("recv", async () => {
    const { guest, fd, peer } = await connection();
    const received = guest.call("recv", fd, BYTES, 100, 0);
    expect(await whileSuspended(received, () => peer.write("hello"))).toBe(5);
    expect(text(guest, BYTES, 5)).toBe("hello");
  });

  test("recv with MSG_WAITALL, until there is all of it", async () => {
    const { guest, fd, peer } = await connection();
    peer.write("he");
    const received = guest.call("recv", fd, BYTES, 5, MSG.WAITALL);
    expect(await whileSuspended(received, () => peer.write("llo"))).toBe(5);
    expect(text(guest, BYTES, 5)).toBe("hello");
  });

  test("recvfrom, which gives the sender's address", async () => {
    const guest = await rawGuest();
    const [fd, port] = await guest.bound(SOCK.DGRAM);
    guest.memory.writeUInt32LE(sockaddr_in.sizeof, LENGTH);
    const received = guest.call("recvfrom", fd, BYTES, 100, 0, NAME, LENGTH);
    let sender!: AddressInfo;
    const send = async () => (sender = await datagram(port, "hello"));
    expect(await whileSuspended(received, send)).toBe(5);
    expect(text(guest, BYTES, 5)).toBe("hello");
    expect(guest.memory.readUInt16BE(NAME + sockaddr_in.sin_port)).toBe(sender.port);
  });

  test("recvmsg", async () => {
    const { guest, fd, peer } = await connection();
    const received = guest.call("recvmsg", fd, guest.message(BYTES, 100), 0);
    expect(await whileSuspended(received, () => peer.write("hello"))).toBe(5);
    expect(text(guest, BYTES, 5)).toBe("hello");
  });

  test("recvmmsg, until there are all of them", async () => {
    const guest = await rawGuest();
    const [fd, port] = await guest.bound(SOCK.DGRAM);
    for (let i = 0; i < 2; i++) {
      guest.message(BYTES + i * 10, 10, LIST + i * mmsghdr.sizeof, VECTORS + i * 8);
    }
    await datagram(port, "one");
    const received = guest.call("recvmmsg", fd, LIST, 2, 0, -1);
    expect(await whileSuspended(received, () => datagram(port, "three"))).toBe(2);
    expect(text(guest, BYTES, 3)).toBe("one");
    expect(text(guest, BYTES + 10, 5)).toBe("three");
    expect(guest.memory.readUInt32LE(LIST + mmsghdr.sizeof + mmsghdr.msg_len)).toBe(5);
  });

  test("poll", async () => {
    const { guest, fd, peer } = await connection();
    guest.memory.writeInt32LE(fd, LIST + pollfd.fd);
    guest.memory.writeInt16LE(POLL.IN, LIST + pollfd.events);
    expect(await whileSuspended(guest.call("poll", LIST, 1, -1), () => peer.write("!"))).toBe(1);
    expect(guest.memory.readInt16LE(LIST + pollfd.revents)).toBe(POLL.IN);
  });

  test.each(epolls)("epoll_wait, by $epoll", async ({ platform }) => {
    const { guest, fd, peer } = await connection({}, platform);
    const epoll = await guest.call("epoll_create1", 0);
    guest.memory.writeUInt32LE(POLL.IN, LIST + epoll_event.events);
    guest.memory.writeBigUInt64LE(77n, LIST + epoll_event.data);
    expect(await guest.call("epoll_ctl", epoll, EPOLL_CTL_ADD, fd, LIST)).toBe(0);
    const waited = guest.call("epoll_wait", epoll, LIST, 4, -1);
    expect(await whileSuspended(waited, () => peer.write("!"))).toBe(1);
    expect(guest.memory.readUInt32LE(LIST + epoll_event.events)).toBe(POLL.IN);
    expect(guest.memory.readBigUInt64LE(LIST + epoll_event.data)).toBe(77n);
  });
});

/** Bytes of which no two kilobytes are alike. */
const much = Buffer.alloc(MUCH);
for (let i = 0; i < MUCH; i += 4) much.writeUInt32LE(i, i);

describe("waits for a slow reader, and all bytes arrive:", () => {
  const half = MUCH / 2;
  const SENDS: [
    name: string,
    result: number,
    send: (guest: RawGuest, fd: number) => Promise<number>,
  ][] = [
    ["send", MUCH, (guest, fd) => guest.call("send", fd, BYTES, MUCH, 0)],
    ["sendto", MUCH, (guest, fd) => guest.call("sendto", fd, BYTES, MUCH, 0, 0, 0)],
    ["sendmsg", MUCH, (guest, fd) => guest.call("sendmsg", fd, guest.message(BYTES, MUCH), 0)],
    [
      "sendmmsg",
      2,
      (guest, fd) => {
        guest.message(BYTES, half, LIST, VECTORS);
        guest.message(BYTES + half, half, LIST + mmsghdr.sizeof, VECTORS + 8);
        return guest.call("sendmmsg", fd, LIST, 2, 0);
      },
    ],
    ["sendfile", MUCH, (guest, fd) => guest.call("sendfile", fd, 3, 0, MUCH)],
  ];

  test.each(SENDS)("%s", async (name, result, send) => {
    const path = scratchPath("much");
    if (name === "sendfile") writeFileSync(path, much);
    const { guest, fd, peer } = await connection(name === "sendfile" ? { preopens: [path] } : {});
    guest.memory.set(much, BYTES);
    let arrived!: Promise<Buffer>;
    const sent = send(guest, fd).finally(() => guest.call("shutdown", fd, 1));
    expect(await whileSuspended(sent, () => (arrived = buffer(peer)))).toBe(result);
    expect(digest(await arrived)).toEqual(digest(much));
  });

  test("sendmmsg of datagrams whose reader has a full queue", async () => {
    using net = await open();
    const at = unix(`\0suspended-mailbox-${process.pid}`);
    const mailbox = net.socket("unix", "dgram");
    net.bind(mailbox, at);
    const guest = await rawGuest();
    const fd = await guest.call("socket", AF.UNIX, SOCK.DGRAM, 0);
    expect(await guest.call("connect", fd, NAME, guest.unix(at))).toBe(0);
    while ((await guest.call("send", fd, BYTES, 1, MSG.DONTWAIT)) === 1);
    guest.memory.write("12", BYTES);
    for (let i = 0; i < 2; i++) {
      guest.message(BYTES + i, 1, LIST + i * mmsghdr.sizeof, VECTORS + i * 8);
    }
    const messages: string[] = [];
    const receive = () => {
      const byte = new Uint8Array(1);
      while (net.recv(mailbox, byte, "dontwait") === 1)
        messages.push(String.fromCharCode(byte[0]!));
    };
    expect(await whileSuspended(guest.call("sendmmsg", fd, LIST, 2, 0), receive)).toBe(2);
    receive();
    expect(messages.slice(-2)).toEqual(["1", "2"]);
  });
});

describe("waits no longer than", () => {
  test("SO_RCVTIMEO: EAGAIN from recv, recvfrom, recvmsg, recvmmsg and accept4", async () => {
    const guest = await rawGuest();
    const [fd] = await guest.pair(SOCK.STREAM);
    const [listener] = await guest.bound(SOCK.STREAM);
    expect(await guest.call("listen", listener, 1)).toBe(0);
    guest.memory.fill(0, LIST, LIST + timeval.sizeof);
    guest.memory.writeUInt32LE(20_000, LIST + timeval.tv_usec);
    for (const socket of [fd, listener]) {
      const set = guest.call("setsockopt", socket, SOL.SOCKET, SO.RCVTIMEO, LIST, timeval.sizeof);
      expect(await set).toBe(0);
    }
    expect(await guest.call("recv", fd, BYTES, 1, 0)).toBe(EAGAIN);
    expect(await guest.call("recvfrom", fd, BYTES, 1, 0, 0, 0)).toBe(EAGAIN);
    expect(await guest.call("recvmsg", fd, guest.message(BYTES, 1), 0)).toBe(EAGAIN);
    expect(await guest.call("recvmmsg", fd, guest.message(BYTES, 1, LIST), 1, 0, -1)).toBe(EAGAIN);
    expect(await guest.call("accept4", listener, 0, 0, 0)).toBe(EAGAIN);
  });

  test("SO_SNDTIMEO: what was sent by then, and EAGAIN where that is nothing", async () => {
    const { guest, fd } = await connection();
    guest.memory.fill(0, LIST, LIST + timeval.sizeof);
    guest.memory.writeUInt32LE(20_000, LIST + timeval.tv_usec);
    await guest.call("setsockopt", fd, SOL.SOCKET, SO.SNDTIMEO, LIST, timeval.sizeof);
    const sent = await guest.call("send", fd, BYTES, MUCH, 0);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(MUCH);
    // The peer's buffer may have grown meanwhile, but not for ever.
    let last: number;
    do last = await guest.call("send", fd, BYTES, MUCH, 0);
    while (last > 0);
    expect(last).toBe(EAGAIN);
  });

  test("the timeout of poll and epoll_wait: 0", async () => {
    const guest = await rawGuest();
    const [fd] = await guest.pair(SOCK.STREAM);
    guest.memory.writeInt32LE(fd, LIST + pollfd.fd);
    guest.memory.writeInt16LE(POLL.IN, LIST + pollfd.events);
    expect(await guest.call("poll", LIST, 1, 20)).toBe(0);
    expect(await guest.call("poll", 0, 0, 20)).toBe(0);
    const epoll = await guest.call("epoll_create1", 0);
    expect(await guest.call("epoll_wait", epoll, LIST, 4, 20)).toBe(0);
  });
});

describe("does not wait at all", () => {
  test("on a socket that does not block, with MSG_DONTWAIT, or for 0 milliseconds", async () => {
    const guest = await rawGuest();
    const [fd] = await guest.pair(SOCK.STREAM | SOCK.NONBLOCK);
    expect(await guest.call("recv", fd, BYTES, 1, 0)).toBe(EAGAIN);
    const [other] = await guest.pair(SOCK.STREAM);
    expect(await guest.call("recv", other, BYTES, 1, MSG.DONTWAIT)).toBe(EAGAIN);
    expect(await guest.call("poll", 0, 0, 0)).toBe(0);
  });
});

describe("the memory may grow meanwhile:", () => {
  test("what comes is where the guest finds it", async () => {
    const { guest, fd, peer } = await connection();
    const received = guest.call("recv", fd, BYTES, 5, MSG.WAITALL);
    peer.write("he");
    await whileSuspended(received, () => {
      guest.grow(16);
      peer.write("llo");
    });
    expect(text(guest, BYTES, 5)).toBe("hello");
  });

  test("messages are written behind what was the end", async () => {
    const { guest, fd, peer } = await connection();
    const end = guest.memory.length;
    const received = guest.call("recvmsg", fd, guest.message(BYTES, 100), 0);
    await whileSuspended(received, () => {
      guest.grow(1);
      // The guest's own memory says where, and it says so anew: hostile, but no fault.
      guest.message(end, 100);
      peer.write("hello");
    });
    expect(text(guest, end, 5)).toBe("hello");
  });

  test("what is no place any more is EFAULT, and nothing is lost", async () => {
    const { guest, fd, peer } = await connection();
    const received = guest.call("recvmsg", fd, guest.message(BYTES, 100), 0);
    const result = await whileSuspended(received, () => {
      guest.message(guest.memory.length - 4, 100);
      peer.write("hello");
    });
    expect(result).toBe(-errnoOf("EFAULT"));
    expect(await guest.call("recv", fd, BYTES, 100, 0)).toBe(5);
    expect(text(guest, BYTES, 5)).toBe("hello");
  });
});

describe("dispose ends a call that is suspended, and closes its sockets:", () => {
  const CALLS: [
    name: string,
    result: number,
    call: (guest: RawGuest, fd: number) => Promise<number>,
  ][] = [
    ["recv", EBADF, (guest, fd) => guest.call("recv", fd, BYTES, 5, 0)],
    ["recvfrom", EBADF, (guest, fd) => guest.call("recvfrom", fd, BYTES, 5, 0, 0, 0)],
    ["recvmsg", EBADF, (guest, fd) => guest.call("recvmsg", fd, guest.message(BYTES, 5), 0)],
    [
      "recvmmsg",
      EBADF,
      (guest, fd) => guest.call("recvmmsg", fd, guest.message(BYTES, 5), 1, 0, -1),
    ],
    [
      "poll",
      1, // POLLNVAL
      (guest, fd) => {
        guest.memory.writeInt32LE(fd, LIST + pollfd.fd);
        guest.memory.writeInt16LE(POLL.IN, LIST + pollfd.events);
        return guest.call("poll", LIST, 1, -1);
      },
    ],
  ];

  test.each(CALLS)("%s", async (_, result, call) => {
    const { guest, fd, peer } = await connection();
    const closed = once(peer.resume(), "close");
    const waiting = call(guest, fd);
    expect(
      await whileSuspended(waiting, () => {
        guest.dispose();
      }),
    ).toBe(result);
    await closed;
    expect(await guest.call("recv", fd, BYTES, 5, 0)).toBe(EBADF);
  });

  test("send gives what was sent by then", async () => {
    const { guest, fd } = await connection();
    const sent = await whileSuspended(guest.call("send", fd, BYTES, MUCH, 0), () => {
      guest.dispose();
    });
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(MUCH);
  });

  test.each(epolls)("epoll_wait, by $epoll", async ({ platform }) => {
    const guest = await rawGuest({}, platform);
    const epoll = await guest.call("epoll_create1", 0);
    const waiting = guest.call("epoll_wait", epoll, LIST, 4, -1);
    const result = await whileSuspended(waiting, () => {
      guest.dispose();
    });
    expect(result).toBe(EBADF);
  });

  test("accept4", async () => {
    const guest = await rawGuest();
    const [listener] = await guest.bound(SOCK.STREAM);
    await guest.call("listen", listener, 1);
    const result = await whileSuspended(guest.call("accept4", listener, 0, 0, 0), () => {
      guest.dispose();
    });
    expect(result).toBe(EBADF);
  });
});

test("msghdr is as the guest left it but for its lengths and flags", async () => {
  const { guest, fd, peer } = await connection();
  const received = guest.call("recvmsg", fd, guest.message(BYTES, 100), 0);
  await whileSuspended(received, () => peer.write("hello"));
  expect(guest.memory.readUInt32LE(HEADER + msghdr.msg_iov)).toBe(VECTORS);
  expect(guest.memory.readInt32LE(HEADER + msghdr.msg_flags)).toBe(0);
});
