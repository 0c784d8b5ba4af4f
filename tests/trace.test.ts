// What a guest's calls look like when they are traced: exact lines of sessions with real peers, with only
// the time left open.

import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { instantiate, type Address, type InetAddress } from "wasi-sockets";
import { encodeAddress } from "#host/address";
import { bsdSockets } from "#host/adapters/bsd/index";
import { Guest } from "#host/guest";
import { marshal, marshalBytes } from "#host/marshal";
import { GuestMemory } from "#host/memory";
import type { Allow } from "#host/policy/index";
import { Tracer } from "#host/trace";
import { BSD_CALLS } from "#host/trace/calls";
import { Blocking } from "#host/wait/blocking";
import { describe, expect, onTestFinished, test } from "vitest";
import { compileC } from "./support/c.js";
import { compileGuest } from "./support/guest.js";
import { nodeDatagrams, nodeServer } from "./support/peers.js";
import { Program, scratchPath, testWith } from "./support/programs.js";
import { errnoOf, loopback, unix } from "./support/sockets.js";

type Name = keyof typeof BSD_CALLS;

const { AF, AI, EPOLL, EPOLL_CTL, F, IPPROTO, IPV6, MSG, NI, O, POLL, SHUT } = marshal;
const { SCM, SO, SOCK, SOL, TCP } = marshal;
const { addrinfo, cmsghdr, epoll_event, iovec, mmsghdr, msghdr, pollfd } = marshal;

/** Good places in the guest's memory, a kilobyte each. */
const [BUFFER, NAME, LENGTH, TEXT, OUT, HEADER, VECTORS, CONTROL] = [
  0x1000, 0x1400, 0x1800, 0x1c00, 0x2000, 0x2400, 0x2800, 0x2c00,
];
/** Behind the last byte of it. */
const END = 0x20000;
const SOCKADDR_IN = marshal.sockaddr_in.sizeof;

/** What a test has of its guest. */
function traced(allow: Allow | true = true, preopens: string[] = []) {
  const buffer = new WebAssembly.Memory({ initial: END / 65536 });
  const guest = new Guest({ allow, preopens });
  onTestFinished(() => {
    guest.dispose();
  });
  const memory = new GuestMemory(buffer);
  const written: string[] = [];
  const imports = bsdSockets(guest, memory, new Blocking(guest.descriptors));
  const tracer = new Tracer(memory, (line) => written.push(line));
  const call = tracer.wrap(imports, BSD_CALLS) as Record<Name, (...args: number[]) => number>;
  const bytes = Buffer.from(buffer.buffer);
  return {
    tracer,
    imports,
    call,
    bytes,
    /** The lines since the last time, without their times. */
    lines: (): string[] =>
      written.splice(0).map((line) => {
        expect(line).toMatch(/^--- .* ---$| <\d+ µs>$/);
        return line.replace(/ <\d+ µs>$/, "");
      }),
    /** Writes words: the place of the first. */
    words: (at: number, ...values: number[]): number => {
      values.forEach((value, index) => bytes.writeInt32LE(value | 0, at + 4 * index));
      return at;
    },
    /** Writes a C string: its place. */
    text: (at: number, text: string): number => {
      bytes.write(`${text}\0`, at);
      return at;
    },
    /** Writes a sockaddr at NAME: its length. */
    address: (address: Address): number => {
      const length = encodeAddress(marshal, marshalBytes, address, () => 0);
      bytes.set(marshalBytes.subarray(marshal.address, marshal.address + length), NAME);
      return length;
    },
  };
}

function keep<Peer extends AsyncDisposable>(peer: Peer): Peer {
  onTestFinished(() => peer[Symbol.asyncDispose]());
  return peer;
}

test("every import has a row, and every row an import", () => {
  const { call, imports } = traced();
  expect(Object.keys(BSD_CALLS).sort()).toEqual(Object.keys(imports).sort());
  expect(Object.keys(call).sort()).toEqual(Object.keys(imports).sort());
});

/** Bytes that need every way of quoting. */
const QUOTED = Buffer.from('say "hi"\r\n\x01\x7f1', "latin1");
const QUOTE = String.raw`"say \"hi\"\r\n\1\1771"`;

describe("a session is its lines:", () => {
  test("a TCP client of a node:net server", async () => {
    const { port } = keep(await nodeServer(loopback("inet"), "echo")).address as InetAddress;
    const { call, lines, bytes, address, words } = traced();
    const at = { family: "inet", address: "127.0.0.1", port } as const;
    call.socket(AF.INET, SOCK.STREAM | SOCK.CLOEXEC, IPPROTO.TCP);
    call.connect(3, NAME, address(at));
    bytes.set(QUOTED, BUFFER);
    call.send(3, BUFFER, 13, MSG.NOSIGNAL | MSG.MORE);
    call.recv(3, BUFFER, 13, MSG.WAITALL);
    call.getpeername(3, NAME, words(LENGTH, 128));
    call.shutdown(3, SHUT.WR);
    call.recv(3, BUFFER, 512, 0);
    call.close(3);
    call.recv(3, BUFFER, 512, MSG.PEEK | 0x8000000);
    expect(lines()).toEqual([
      "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3",
      `connect(3, {AF_INET, 127.0.0.1:${port}}, 16) = 0`,
      `send(3, ${QUOTE}, 13, MSG_NOSIGNAL|MSG_MORE) = 13`,
      `recv(3, ${QUOTE}, 13, MSG_WAITALL) = 13`,
      `getpeername(3, {AF_INET, 127.0.0.1:${port}}, [128 => 16]) = 0`,
      "shutdown(3, SHUT_WR) = 0",
      'recv(3, "", 512, 0) = 0',
      "close(3) = 0",
      "recv(3, 0x1000, 512, MSG_PEEK|0x8000000) = -1 EBADF (Bad file descriptor)",
    ]);
  });

  test("a connection that is reset", async () => {
    const { port } = keep(await nodeServer(loopback("inet"), "reset")).address as InetAddress;
    const { call, lines, address } = traced();
    call.socket(AF.INET, SOCK.STREAM, 0);
    call.connect(3, NAME, address({ family: "inet", address: "127.0.0.1", port }));
    call.send(3, BUFFER, 1, 0);
    call.recv(3, BUFFER, 512, 0);
    expect(lines().at(-1)).toBe(
      "recv(3, 0x1000, 512, 0) = -1 ECONNRESET (Connection reset by peer)",
    );
  });

  test("a server and its client", () => {
    const { call, lines, bytes, address, words } = traced();
    call.socket(AF.INET6, SOCK.STREAM | SOCK.NONBLOCK, 0);
    call.bind(3, NAME, address(loopback("inet6")));
    call.listen(3, 16);
    call.accept4(3, 0, 0, 0);
    const length = marshal.sockaddr_in6.sizeof;
    call.getsockname(3, NAME, words(LENGTH, length));
    const port = bytes.readUInt16BE(NAME + 2);
    call.socket(AF.INET6, SOCK.STREAM, IPPROTO.TCP);
    call.connect(4, NAME, length);
    call.accept4(3, NAME, words(LENGTH, 8), SOCK.CLOEXEC | SOCK.NONBLOCK);
    call.getsockname(4, NAME, words(LENGTH, length));
    const client = bytes.readUInt16BE(NAME + 2);
    expect(lines()).toEqual([
      "socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_IP) = 3",
      "bind(3, {AF_INET6, [::1]:0}, 28) = 0",
      "listen(3, 16) = 0",
      "accept4(3, NULL, NULL, 0) = -1 EAGAIN (Resource temporarily unavailable)",
      `getsockname(3, {AF_INET6, [::1]:${port}}, [28]) = 0`,
      "socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 4",
      `connect(4, {AF_INET6, [::1]:${port}}, 28) = 0`,
      // Only eight bytes of the address had room: they are what is there.
      expect.stringMatching(
        /^accept4\(3, \{AF_INET6, ".*"\}, \[8 => 28\], SOCK_CLOEXEC\|SOCK_NONBLOCK\) = 5$/,
      ),
      `getsockname(4, {AF_INET6, [::1]:${client}}, [28]) = 0`,
    ]);
  });

  test("datagrams with a node:dgram peer", async () => {
    const peer = keep(await nodeDatagrams("inet", true));
    const { port } = peer.address;
    const { call, lines, bytes, address, words } = traced();
    call.socket(AF.INET, SOCK.DGRAM, IPPROTO.UDP);
    const long = bytes.fill("x", BUFFER, BUFFER + 40).toString("latin1", BUFFER, BUFFER + 32);
    call.sendto(3, BUFFER, 40, MSG.DONTROUTE, NAME, address(peer.address));
    call.recvfrom(3, BUFFER, 512, 0, NAME, words(LENGTH, SOCKADDR_IN));
    call.sendto(3, BUFFER, 40, 0, 0, 0);
    call.recvfrom(3, BUFFER, 512, MSG.DONTWAIT, 0, 0);
    expect(lines()).toEqual([
      "socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3",
      `sendto(3, "${long}"..., 40, MSG_DONTROUTE, {AF_INET, 127.0.0.1:${port}}, 16) = 40`,
      `recvfrom(3, "${long}"..., 512, 0, {AF_INET, 127.0.0.1:${port}}, [16]) = 40`,
      `sendto(3, "${long}"..., 40, 0, NULL, 0) = -1 EDESTADDRREQ (Destination address required)`,
      "recvfrom(3, 0x1000, 512, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)",
    ]);
  });

  test("messages that carry a descriptor, and a batch of them", () => {
    const { call, lines, bytes, words } = traced();
    call.socketpair(AF.UNIX, SOCK.DGRAM, 0, OUT);
    bytes.write("onetwo!", BUFFER, "latin1");
    const header = (at: number, fields: Partial<Record<keyof typeof msghdr, number>>): number => {
      bytes.fill(0, at, at + mmsghdr.sizeof);
      for (const [field, value] of Object.entries(fields)) {
        words(at + msghdr[field as keyof typeof msghdr], value);
      }
      return at;
    };
    words(VECTORS, BUFFER, 3, BUFFER + 3, 4);
    words(CONTROL, cmsghdr.sizeof + 4, SOL.SOCKET, SCM.RIGHTS, 3);
    const vectors = { msg_iov: VECTORS, msg_iovlen: 2 };
    const control = { msg_control: CONTROL, msg_controllen: cmsghdr.sizeof + 4 };
    call.sendmsg(3, header(HEADER, { ...vectors, ...control }), MSG.NOSIGNAL);
    words(VECTORS + 2 * iovec.sizeof, OUT, 5, OUT + 5, 90);
    const room = { msg_iov: VECTORS + 2 * iovec.sizeof, msg_iovlen: 2 };
    const controlRoom = { msg_control: CONTROL, msg_controllen: 64 };
    call.recvmsg(4, header(HEADER, { ...room, ...controlRoom }), MSG.CMSG_CLOEXEC);
    header(HEADER, vectors);
    header(HEADER + mmsghdr.sizeof, { msg_iov: VECTORS, msg_iovlen: 1 });
    call.sendmmsg(3, HEADER, 2, 0);
    header(HEADER, room);
    header(HEADER + mmsghdr.sizeof, { msg_iov: VECTORS + 2 * iovec.sizeof, msg_iovlen: 1 });
    call.recvmmsg(4, HEADER, 2, 0, -1);
    call.recvmsg(4, HEADER, MSG.DONTWAIT);
    const sent = '[{iov_base="one", iov_len=3}, {iov_base="two!", iov_len=4}]';
    const received = '[{iov_base="onetw", iov_len=5}, {iov_base="o!", iov_len=90}]';
    const rights = (fd: number) =>
      `[{cmsg_len=16, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${fd}]}]`;
    const plain = (iov: string, count: number) =>
      `{msg_name=NULL, msg_namelen=0, msg_iov=${iov}, msg_iovlen=${count}, msg_control=NULL, msg_controllen=0, msg_flags=0}`;
    expect(lines()).toEqual([
      "socketpair(AF_UNIX, SOCK_DGRAM, 0, [3, 4]) = 0",
      `sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=${sent}, msg_iovlen=2, msg_control=${rights(3)}, msg_controllen=16, msg_flags=0}, MSG_NOSIGNAL) = 7`,
      `recvmsg(4, {msg_name=NULL, msg_namelen=0, msg_iov=${received}, msg_iovlen=2, msg_control=${rights(5)}, msg_controllen=16, msg_flags=MSG_CMSG_CLOEXEC}, MSG_CMSG_CLOEXEC) = 7`,
      `sendmmsg(3, [{msg_hdr=${plain(sent, 2)}, msg_len=7}, {msg_hdr=${plain('[{iov_base="one", iov_len=3}]', 1)}, msg_len=3}], 2, 0) = 2`,
      `recvmmsg(4, [{msg_hdr=${plain(received, 2)}, msg_len=7}, {msg_hdr=${plain('[{iov_base="one", iov_len=5}]', 1)}, msg_len=3}], 2, 0, -1) = 2`,
      "recvmsg(4, 0x2400, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)",
    ]);
  });

  test("readiness by poll and epoll", () => {
    const { call, lines, bytes, words } = traced();
    call.socketpair(AF.UNIX, SOCK.STREAM, 0, OUT);
    words(HEADER, 4, POLL.IN | POLL.PRI, 99, POLL.OUT);
    call.poll(HEADER, 1, 0);
    call.send(3, BUFFER, 1, 0);
    call.poll(HEADER, 2, 1000);
    call.epoll_create1(EPOLL.CLOEXEC);
    words(HEADER + epoll_event.events, POLL.IN | POLL.RDHUP | EPOLL.ET | EPOLL.ONESHOT);
    bytes.writeBigUInt64LE(2n ** 64n - 1n, HEADER + epoll_event.data);
    call.epoll_ctl(5, EPOLL_CTL.ADD, 4, HEADER);
    call.epoll_wait(5, OUT, 8, -1);
    call.epoll_ctl(5, EPOLL_CTL.DEL, 4, 0);
    call.epoll_wait(5, OUT, 8, 0);
    expect(lines()).toEqual([
      "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
      "poll([{fd=4, events=POLLIN|POLLPRI}], 1, 0) = 0 (Timeout)",
      String.raw`send(3, "\0", 1, 0) = 1`,
      "poll([{fd=4, events=POLLIN|POLLPRI, revents=POLLIN}, {fd=99, events=POLLOUT, revents=POLLNVAL}], 2, 1000) = 2",
      "epoll_create1(EPOLL_CLOEXEC) = 5",
      "epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLRDHUP|EPOLLONESHOT|EPOLLET, data=18446744073709551615}) = 0",
      "epoll_wait(5, [{events=EPOLLIN, data=18446744073709551615}], 8, -1) = 1",
      "epoll_ctl(5, EPOLL_CTL_DEL, 4, NULL) = 0",
      "epoll_wait(5, [], 8, 0) = 0",
    ]);
  });

  test("options and flags of a descriptor", () => {
    const { call, lines, bytes, words, text } = traced();
    call.socket(AF.INET6, SOCK.STREAM, 0);
    call.setsockopt(3, SOL.SOCKET, SO.LINGER, words(OUT, 1, 5), 8);
    call.getsockopt(3, SOL.SOCKET, SO.LINGER, OUT, words(LENGTH, 64));
    call.setsockopt(3, SOL.SOCKET, SO.RCVTIMEO, words(OUT, 1, 0, 500000, 0), 16);
    call.setsockopt(3, SOL.IPV6, IPV6.V6ONLY, words(OUT, 1), 4);
    call.setsockopt(3, SOL.TCP, TCP.CONGESTION, text(OUT, "reno"), 4);
    call.getsockopt(3, SOL.TCP, TCP.CONGESTION, OUT, words(LENGTH, 16));
    call.getsockopt(3, SOL.SOCKET, SO.PEERCRED, OUT, words(LENGTH, 2));
    call.getsockopt(3, 77, 78, OUT, words(LENGTH, 16));
    call.fcntl(3, F.GETFL, 0);
    call.fcntl(3, F.SETFL, O.RDWR | O.NONBLOCK);
    call.fcntl(3, F.GETFL, 0);
    call.fcntl(3, F.SETFD, 1);
    call.fcntl(3, F.GETFD, 0);
    call.fcntl(3, 1999, 7);
    const congestion = lines();
    expect(bytes.readInt32LE(LENGTH)).toBe(16);
    expect(congestion).toEqual([
      "socket(AF_INET6, SOCK_STREAM, IPPROTO_IP) = 3",
      "setsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, 8) = 0",
      "getsockopt(3, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=5}, [64 => 8]) = 0",
      "setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=1, tv_usec=500000}, 16) = 0",
      "setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0",
      'setsockopt(3, SOL_TCP, TCP_CONGESTION, "reno", 4) = 0',
      'getsockopt(3, SOL_TCP, TCP_CONGESTION, "reno", [16]) = 0',
      String.raw`getsockopt(3, SOL_SOCKET, SO_PEERCRED, "\0\0", [2]) = 0`,
      "getsockopt(3, 77, 78, 0x2000, [16]) = -1 ENOPROTOOPT (Protocol not available)",
      "fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)",
      "fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0",
      "fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)",
      "fcntl(3, F_SETFD, FD_CLOEXEC) = 0",
      "fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)",
      "fcntl(3, 1999, 7) = -1 EINVAL (Invalid argument)",
    ]);
  });

  test("names", () => {
    const { call, lines, bytes, address, words, text } = traced();
    text(TEXT, "127.0.0.1");
    text(TEXT + 100, "80");
    words(HEADER + addrinfo.ai_flags, AI.NUMERICHOST | AI.CANONNAME, AF.INET, SOCK.STREAM, 0);
    call.getaddrinfo(TEXT, TEXT + 100, HEADER, OUT, 512);
    call.getaddrinfo(TEXT, 0, HEADER, OUT, 8);
    call.getaddrinfo(text(TEXT, "not numeric"), 0, HEADER, OUT, 512);
    call.getaddrinfo(0, 0, 0, OUT, 512);
    const length = address({ family: "inet", address: "127.0.0.1", port: 80 });
    const numeric = NI.NUMERICHOST | NI.NUMERICSERV;
    call.getnameinfo(NAME, length, OUT, 64, OUT + 64, 64, numeric);
    call.getnameinfo(NAME, length, OUT, 64, 0, 0, 1 << 31);
    call.if_nametoindex(text(TEXT, "lo"));
    call.if_indextoname(1, OUT);
    call.if_nametoindex(text(TEXT, "a name that no interface has"));
    call.gethostname(OUT, 256);
    const name = bytes.toString("latin1", OUT, bytes.indexOf(0, OUT));
    const answer =
      '[{ai_socktype=SOCK_STREAM, ai_protocol=IPPROTO_TCP, ai_addr={AF_INET, 127.0.0.1:80}, ai_canonname="127.0.0.1"}]';
    const hints =
      "{ai_flags=AI_CANONNAME|AI_NUMERICHOST, ai_family=AF_INET, ai_socktype=SOCK_STREAM, ai_protocol=IPPROTO_IP}";
    expect(lines()).toEqual([
      // An addrinfo, an address and a name of ten bytes, at multiples of four.
      `getaddrinfo("127.0.0.1", "80", ${hints}, ${answer}, 512) = 60`,
      `getaddrinfo("127.0.0.1", NULL, ${hints}, 0x2000, 8) = 60`,
      `getaddrinfo("not numeric", NULL, ${hints}, 0x2000, 512) = -2 EAI_NONAME (Name or service not known)`,
      "getaddrinfo(NULL, NULL, NULL, 0x2000, 512) = -2 EAI_NONAME (Name or service not known)",
      'getnameinfo({AF_INET, 127.0.0.1:80}, 16, "127.0.0.1", 64, "80", 64, NI_NUMERICHOST|NI_NUMERICSERV) = 0',
      "getnameinfo({AF_INET, 127.0.0.1:80}, 16, 0x2000, 64, NULL, 0, 0x80000000) = -1 EAI_BADFLAGS (Bad value for ai_flags)",
      'if_nametoindex("lo") = 1',
      'if_indextoname(1, "lo") = 0',
      'if_nametoindex("a name that no interface has") = -1 ENODEV (No such device)',
      `gethostname("${name}", 256) = 0`,
    ]);
  });

  test("a file that is sent", () => {
    writeFileSync(scratchPath("file"), "0123456789");
    const { call, lines, bytes } = traced(true, [scratchPath("file")]);
    call.socketpair(AF.UNIX, SOCK.STREAM, 0, OUT);
    bytes.writeBigInt64LE(7n, OUT);
    call.sendfile(4, 3, OUT, 2);
    call.sendfile(4, 3, 0, 5);
    call.sendfile(4, 99, 0, 5);
    call.sockatmark(99);
    expect(lines()).toEqual([
      "socketpair(AF_UNIX, SOCK_STREAM, 0, [4, 5]) = 0",
      "sendfile(4, 3, [7] => [9], 2) = 2",
      "sendfile(4, 3, NULL, 5) = 5",
      "sendfile(4, 99, NULL, 5) = -1 EBADF (Bad file descriptor)",
      "sockatmark(99) = -1 EBADF (Bad file descriptor)",
    ]);
  });
});

describe("an address of every family", () => {
  const mac = Uint8Array.of(0, 0x1b, 0xff, 2, 3, 4);
  const addresses: [text: string, address: Address][] = [
    ["{AF_INET, 192.0.2.1:80}", { family: "inet", address: "192.0.2.1", port: 80 }],
    [
      "{AF_INET6, [fe80::1%2]:443, flowinfo=0x12}",
      { family: "inet6", address: "fe80::1", port: 443, scope: 2, flowinfo: 0x12 },
    ],
    ['{AF_UNIX, "/run/app.sock"}', unix("/run/app.sock")],
    [String.raw`{AF_UNIX, @"a\0b\303\274"}`, unix("\0a\0bü")],
    ["{AF_UNIX}", unix("")],
    ["{AF_NETLINK, pid=7, groups=0x11}", { family: "netlink", pid: 7, groups: 0x11 }],
    [
      "{AF_PACKET, 0x800, if3, 00:1b:ff:02:03:04}",
      { family: "packet", protocol: 0x800, interface: 3, address: mac },
    ],
    ["{AF_VSOCK, 2:1024}", { family: "vsock", cid: 2, port: 1024 }],
    [String.raw`{AF_UNSPEC, "\0\0"}`, { family: 0, bytes: new Uint8Array(2) }],
    [String.raw`{99, "c\0z"}`, { family: 99, bytes: Uint8Array.of(99, 0, 122) }],
  ];

  test.each(addresses)("%s", (text, given) => {
    const { call, lines, address } = traced();
    const length = address(given);
    call.bind(9, NAME, length);
    expect(lines()).toEqual([`bind(9, ${text}, ${length}) = -1 EBADF (Bad file descriptor)`]);
  });
});

describe("what a guest passes wrongly is printed as the number it is", () => {
  const bad: [call: Name, args: number[], line: string][] = [
    ["connect", [9, END - 8, 16], "connect(9, 0x1fff8, 16)"],
    ["connect", [9, NAME, -1], "connect(9, 0x1400, 4294967295)"],
    ["connect", [9, -1, 16], "connect(9, 0xffffffff, 16)"],
    ["connect", [9, 0, 16], "connect(9, NULL, 16)"],
    ["send", [9, END, 1, -1], `send(9, 0x20000, 1, `],
    ["send", [9, BUFFER, -1, 0], "send(9, 0x1000, 4294967295, 0)"],
    ["accept4", [9, -4, END, 0], "accept4(9, 0xfffffffc, 0x20000, 0)"],
    ["sendmsg", [9, END - 4, 0], "sendmsg(9, 0x1fffc, 0)"],
    ["setsockopt", [9, -1, -1, END, 4], "setsockopt(9, -1, -1, 0x20000, 4)"],
    ["socketpair", [-1, -1, -1, END], "socketpair(-1, "],
    ["poll", [END, 1, 0], "poll(0x20000, 1, 0)"],
    ["epoll_ctl", [9, 8, 7, END], "epoll_ctl(9, 8, 7, 0x20000)"],
    ["getaddrinfo", [END, -1, END, END, -1], "getaddrinfo(0x20000, 0xffffffff, 0x20000, 0x20000, "],
    ["sendfile", [9, 9, END, 1], "sendfile(9, 9, 0x20000, 1)"],
  ];

  test.each(bad)("%s(%j)", (name, args, line) => {
    const { call, lines } = traced();
    expect(call[name](...args)).toBeLessThan(0);
    const printed = lines();
    expect(printed).toHaveLength(1);
    expect(printed[0]!.startsWith(line), printed[0]).toBe(true);
  });

  test("a string without an end, and one that is too long to print", () => {
    const { call, lines, bytes } = traced();
    bytes.fill("x", END - 4);
    call.if_nametoindex(END - 4);
    bytes.fill("y", TEXT, TEXT + 300);
    call.if_nametoindex(TEXT);
    expect(lines()).toEqual([
      "if_nametoindex(0x1fffc) = -1 EFAULT (Bad address)",
      `if_nametoindex("${"y".repeat(256)}"...) = -1 ENODEV (No such device)`,
    ]);
  });

  test("whatever a call returns over whatever memory, there is one line, and the result is passed on", () => {
    const { bytes } = traced();
    const memory = new WebAssembly.Memory({ initial: 1 });
    const hostile = Buffer.from(memory.buffer);
    const pointer = fc.oneof(
      fc.integer({ min: -64, max: 64 }),
      fc.integer({ min: 0xff00, max: 0x10040 }),
      fc.integer(),
    );
    const words = fc.array(pointer, { minLength: 64, maxLength: 64 });
    const result = fc.oneof(fc.integer({ min: -140, max: 100 }), fc.integer());
    const name = fc.constantFrom(...(Object.keys(BSD_CALLS) as Name[]));
    expect(bytes.length).toBe(END);
    const property = fc.property(
      name,
      fc.array(pointer, { maxLength: 8 }),
      words,
      result,
      (call, args, content, value) => {
        // The struct that every pointer may lead to: numbers and pointers of the same kind.
        content.forEach((word, index) => {
          hostile.writeInt32LE(word | 0, index * 4);
          hostile.writeInt32LE(word | 0, 0xff00 + index * 4);
        });
        const printed: string[] = [];
        const tracer = new Tracer(new GuestMemory(memory), (line) => printed.push(line));
        const returns = { [call]: () => value } as Record<Name, () => number>;
        expect(tracer.wrap(returns, BSD_CALLS)[call](...args)).toBe(value);
        expect(printed).toHaveLength(1);
        // Nothing that would move a terminal's cursor, and no more than a screen or two.
        expect(printed[0]).toMatch(/^[\x20-\x7e]* <\d+ µs>$/);
        expect(printed[0]!.length).toBeLessThan(100_000);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });
});

describe("a call that does not return at once", () => {
  function wrapped(recv: (...args: number[]) => number | Promise<number>) {
    const lines: string[] = [];
    const memory = new WebAssembly.Memory({ initial: 1 });
    const tracer = new Tracer(new GuestMemory(memory), (line) => lines.push(line));
    return { lines, memory, recv: tracer.wrap({ recv }, BSD_CALLS).recv };
  }

  test("is printed when its promise settles, with what is there by then", async () => {
    let arrive: (count: number) => void;
    const { lines, memory, recv } = wrapped(() => new Promise((resolve) => (arrive = resolve)));
    const result = recv(3, 16, 8, 0);
    expect(lines).toEqual([]);
    new Uint8Array(memory.buffer).set([104, 105], 16);
    arrive!(2);
    expect(await result).toBe(2);
    expect(lines).toEqual([expect.stringMatching(/^recv\(3, "hi", 8, 0\) = 2 <\d+ µs>$/)]);
  });

  test("has a line where the guest is ended in it, and fails as before", async () => {
    const ended = new Error("ended");
    const throws = wrapped(() => {
      throw ended;
    });
    expect(() => throws.recv(3, 16, 8, 0)).toThrow(ended);
    const rejects = wrapped(() => Promise.reject(ended));
    await expect(rejects.recv(3, 16, 8, 0)).rejects.toBe(ended);
    const line = expect.stringMatching(/^recv\(3, 0x10, 8, 0\) = \? <\d+ µs>$/) as string;
    expect([throws.lines, rejects.lines]).toEqual([[line], [line]]);
  });
});

describe("policy", () => {
  test("a call that is refused fails with EACCES, a name with the error number behind EAI_SYSTEM", () => {
    const { call, lines, address, text } = traced({});
    call.socket(AF.INET, SOCK.STREAM, 0);
    call.connect(3, NAME, address({ family: "inet", address: "10.0.0.1", port: 80 }));
    call.getaddrinfo(text(TEXT, "example.com"), 0, 0, OUT, 512);
    expect(lines().slice(1)).toEqual([
      "connect(3, {AF_INET, 10.0.0.1:80}, 16) = -1 EACCES (Permission denied)",
      'getaddrinfo("example.com", NULL, NULL, [EACCES], 512) = -11 EAI_SYSTEM (System error)',
    ]);
  });

  test("what it refused has a line of its own", () => {
    const { tracer, lines } = traced();
    const address: Address = { family: "inet", address: "10.0.0.1", port: 80 };
    tracer.denied({ use: "tcp-connect", protocol: "tcp", address });
    tracer.denied({ use: "resolve", protocol: "any", address: "example.com" });
    tracer.denied({ use: "raw", protocol: "raw", address: null });
    expect(lines()).toEqual([
      "--- denied tcp-connect tcp {AF_INET, 10.0.0.1:80} ---",
      '--- denied resolve any "example.com" ---',
      "--- denied raw raw ---",
    ]);
  });
});

describe("instantiate", () => {
  test("gives the lines of a hosted guest to its trace option", async () => {
    const source = await readFile(new URL("assembly/raw.ts", import.meta.url), "utf8");
    const lines: string[] = [];
    using guest = await instantiate<Record<"socket" | "bind", (...args: number[]) => number>>(
      await compileGuest(source),
      { trace: (line) => lines.push(line) },
    );
    expect(guest.exports.socket(AF.INET, SOCK.RAW, IPPROTO.ICMP)).toBe(-errnoOf("EACCES"));
    expect(guest.exports.bind(3, 64, 16)).toBe(-errnoOf("EBADF"));
    expect(lines).toEqual([
      "--- denied raw raw ---",
      expect.stringMatching(
        /^socket\(AF_INET, SOCK_RAW, IPPROTO_ICMP\) = -1 EACCES \(Permission denied\) <\d+ µs>$/,
      ),
      expect.stringMatching(/^bind\(3, .*, 16\) = -1 EBADF \(Bad file descriptor\) <\d+ µs>$/),
    ]);
  });
});

describe("strace", () => {
  /** The symbols of a line, each once: strace has its own order of flags. */
  const symbols = (line: string) => [...new Set(line.match(/\b[A-Z][A-Z0-9]*_?[A-Z0-9_]+\b/g))];

  testWith("strace")("of a C program with the same calls has the same symbols", async () => {
    const program = await compileC(
      "traced",
      `
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <netinet/in.h>
      #include <netinet/tcp.h>
      #include <poll.h>
      #include <sys/epoll.h>
      #include <sys/socket.h>

      int main(void) {
        int one = 1, pair[2];
        char bytes[64] = { 0 };
        socklen_t size = 4;
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
        setsockopt(3, SOL_SOCKET, SO_REUSEPORT, &one, 4);
        setsockopt(3, SOL_TCP, TCP_KEEPIDLE, &one, 4);
        setsockopt(3, SOL_IP, IP_RECVTTL, &one, 4);
        getsockopt(3, SOL_SOCKET, SO_ERROR, &one, &size);
        bind(3, (struct sockaddr *)&at, sizeof at);
        listen(3, 1);
        accept4(3, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
        fcntl(3, F_GETFL);
        fcntl(3, F_SETFL, O_RDWR | O_NONBLOCK | O_APPEND);
        fcntl(3, F_GETFD);
        shutdown(3, SHUT_RDWR);
        socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
        sendto(4, bytes, 1, MSG_NOSIGNAL | MSG_EOR | MSG_DONTWAIT, 0, 0);
        recvfrom(5, bytes, 9, MSG_PEEK | MSG_TRUNC | MSG_WAITALL, 0, 0);
        recvfrom(99, bytes, 9, MSG_OOB | MSG_ERRQUEUE, 0, 0);
        struct pollfd wanted = { .fd = 5, .events = POLLIN | POLLPRI | POLLRDHUP };
        poll(&wanted, 1, 0);
        epoll_create1(EPOLL_CLOEXEC);
        struct epoll_event event = { .events = EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, .data.u64 = 7 };
        epoll_ctl(6, EPOLL_CTL_ADD, 5, &event);
        epoll_wait(6, &event, 1, 0);
        return 0;
      }`,
    );
    const output = scratchPath("strace");
    const calls =
      "socket,setsockopt,getsockopt,bind,listen,accept4,fcntl,shutdown,socketpair,sendto,recvfrom,poll,epoll_create1,epoll_ctl,epoll_wait";
    await using strace = new Program("strace", ["-o", output, "-e", `trace=${calls}`, program]);
    await strace.output();

    const { call, lines, address, words } = traced();
    call.socket(AF.INET, SOCK.STREAM | SOCK.CLOEXEC | SOCK.NONBLOCK, IPPROTO.TCP);
    words(OUT, 1);
    call.setsockopt(3, SOL.SOCKET, SO.REUSEPORT, OUT, 4);
    call.setsockopt(3, SOL.TCP, TCP.KEEPIDLE, OUT, 4);
    call.setsockopt(3, SOL.IP, marshal.IP.RECVTTL, OUT, 4);
    call.getsockopt(3, SOL.SOCKET, SO.ERROR, OUT, words(LENGTH, 4));
    call.bind(3, NAME, address(loopback("inet")));
    call.listen(3, 1);
    call.accept4(3, 0, 0, SOCK.CLOEXEC | SOCK.NONBLOCK);
    call.fcntl(3, F.GETFL, 0);
    call.fcntl(3, F.SETFL, O.RDWR | O.NONBLOCK | O.APPEND);
    call.fcntl(3, F.GETFD, 0);
    call.shutdown(3, SHUT.RDWR);
    call.socketpair(AF.UNIX, SOCK.SEQPACKET, 0, OUT);
    call.sendto(4, BUFFER, 1, MSG.NOSIGNAL | MSG.EOR | MSG.DONTWAIT, 0, 0);
    call.recvfrom(5, BUFFER, 9, MSG.PEEK | MSG.TRUNC | MSG.WAITALL, 0, 0);
    call.recvfrom(99, BUFFER, 9, MSG.OOB | MSG.ERRQUEUE, 0, 0);
    words(HEADER + pollfd.fd, 5, POLL.IN | POLL.PRI | POLL.RDHUP);
    call.poll(HEADER, 1, 0);
    call.epoll_create1(EPOLL.CLOEXEC);
    words(HEADER + epoll_event.events, POLL.IN | EPOLL.ET | EPOLL.EXCLUSIVE, 0, 7, 0);
    call.epoll_ctl(6, EPOLL_CTL.ADD, 5, HEADER);
    call.epoll_wait(6, OUT, 1, 0);

    const own = lines();
    const theirs = (await readFile(output, "utf8"))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("+++"));
    expect(theirs.map((line) => line.replace(/\(.*/, ""))).toEqual(
      own.map((line) => line.replace(/\(.*/, "")),
    );
    own.forEach((line, index) => {
      const message = `${line}\n${theirs[index]}`;
      expect(symbols(line).sort(), message).toEqual(
        symbols(theirs[index]!.replace("INADDR_LOOPBACK", "")).sort(),
      );
    });
  });
});
