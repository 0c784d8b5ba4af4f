// Module `bsd_sockets_v1`: its functions as docs/abi.md lists them.

import { marshal } from "#host/marshal";
import { LENGTHS } from "./places.js";
import type { Abi, Import, Range, ValueType } from "./abi.js";
import { DESCRIPTORS, type Generator } from "./generator.js";
import type { GuestView } from "./view.js";

const { AF, AI, EAI, EPOLL, EPOLL_CTL, F, IPPROTO, MSG, NI, O, POLL, SCM, SO, SOCK, SOL } = marshal;
const { BATCH_MAX, BLOCK_SIZE, CONTROL_SIZE, EVENTS_MAX, IF_NAMESIZE, IOV_MAX, SOCKADDR_MAX } =
  marshal;
const { addrinfo, cmsghdr, epoll_event, iovec, mmsghdr, msghdr, pollfd } = marshal;

/** What `open` opens, and the file before it. */
const OPEN = {
  file: [3],
  streams: [4, 5, 9, 10, 12],
  datagrams: [6, 7, 11],
  listener: [8],
  epoll: [13],
} as const;
/** What carries bytes. */
const CONNECTED = [...OPEN.streams, ...OPEN.datagrams];

/** Every error number of Linux is below, and nothing that a call gives is above. */
const MAX_ERRNO = 4095;

const numbers = (group: object): number[] => Object.values(group) as number[];
const FLAGS = numbers(MSG);
/** Places where a call that connects, sends or binds may want to go; the first ones more often. */
// prettier-ignore
const PLACES = [
  "allowed", "allowed", "own", "own", "own", "any", "forbidden", "forbidden", "forbidden6", "any6", "mapped",
  "elsewhere", "wildcard", "unixAllowed", "unixOwn", "unixOwn", "unixForbidden", "unixDatagram", "unnamed", "path",
  "netlink", "packet", "vsock", "unspecified",
];
/** The same for bind. */
const HERE = ["any", "any", "own", "own", "any6", "unixOwn", "unixOwn", "unnamed", ...PLACES];
const HOSTS = [
  "127.0.0.1",
  "::1",
  "fe80::1%lo",
  "0",
  "localhost",
  "",
  "256.1.1.1",
  "0x7f.1",
  "::ffff:127.0.0.1",
];
const SERVICES = ["80", "0", "65535", "65536", "-1", "http", "no-such-service", "", "0x50", " 80"];
const INTERFACES = ["lo", "eth0", "no-such-interface", "", "interface-of-16b"];

/** The domain, type and protocol of a socket: mostly of one that a policy lets a guest open. */
function kind({ random, honest }: Generator): number[] {
  if (!honest && random.once(6)) {
    const any = (values: number[]) => random.oneOf([...values, -1, 77]);
    return [any(numbers(AF)), any(numbers(SOCK)), any(numbers(IPPROTO))];
  }
  const domain = random.oneOf([AF.UNIX, AF.UNIX, AF.INET, AF.INET, AF.INET6]);
  const type = random.oneOf([SOCK.STREAM, SOCK.STREAM, SOCK.DGRAM, SOCK.SEQPACKET]);
  const modifiers = random.oneOf([0, SOCK.NONBLOCK, SOCK.CLOEXEC, SOCK.NONBLOCK | SOCK.CLOEXEC]);
  return [domain, type | modifiers, random.once(12) ? random.oneOf(numbers(IPPROTO)) : 0];
}

/** A level and an option of it. */
function option({ random, honest }: Generator): [level: number, option: number] {
  if (!honest && random.once(8)) return [random.oneOf(numbers(SOL)), random.below(130)];
  return random.oneOf([
    () => [SOL.SOCKET, random.oneOf(numbers(SO))] as [number, number],
    () => [SOL.IP, random.oneOf(numbers(marshal.IP))] as [number, number],
    () => [SOL.IPV6, random.oneOf(numbers(marshal.IPV6))] as [number, number],
    () => [SOL.TCP, random.oneOf(numbers(marshal.TCP))] as [number, number],
    () => [SOL.UDP, random.oneOf(numbers(marshal.UDP))] as [number, number],
  ])();
}

/** Control data: headers whose lengths are nearly right, with descriptors that may be the guest's. */
function control(generator: Generator): [pointer: number, length: number] {
  const { random } = generator;
  if (generator.odd(4)) return [generator.pointer(), generator.size()];
  const words: number[] = [];
  for (let messages = random.below(4); messages > 0; messages--) {
    const count = random.once(10) ? random.below(300) : random.below(3);
    const [level, type] = random.oneOf([
      [SOL.SOCKET, SCM.RIGHTS],
      [SOL.SOCKET, SCM.RIGHTS],
      [SOL.SOCKET, SCM.CREDENTIALS],
      [SOL.IP, marshal.IP.TTL],
      [SOL.IP, marshal.IP.PKTINFO],
      [SOL.IPV6, marshal.IPV6.TCLASS],
      [SOL.UDP, marshal.UDP.SEGMENT],
    ] as const);
    const size = cmsghdr.sizeof + 4 * count - (generator.odd(6) ? random.below(4) : 0);
    words.push(generator.odd(8) ? generator.integer() : size, level, type);
    for (let i = 0; i < count; i++) words.push(generator.descriptor(CONNECTED));
  }
  const at = generator.pointer(4 * words.length);
  generator.struct(words, at);
  return [at, generator.odd(6) ? generator.integer() : 4 * words.length];
}

/** Vectors: some of them gigantic, some upon each other, or upon themselves. */
export function vectors(generator: Generator): [pointer: number, count: number] {
  const { random } = generator;
  const count = random.once(20) ? random.below(1100) : random.below(4);
  const at = generator.pointer(count * iovec.sizeof);
  const words: number[] = [];
  for (let i = 0; i < count; i++) {
    const [pointer, size] = count > 8 ? [generator.place(8), random.below(8)] : generator.buffer();
    words.push(generator.odd(16) ? at : pointer, size);
  }
  generator.struct(words, at);
  return [at, generator.odd(12) ? generator.integer() : count];
}

/** The words of a struct msghdr. */
function header(generator: Generator): number[] {
  const { random } = generator;
  const name = generator.honest || random.once(2) ? [0, 0] : generator.address(PLACES);
  return [
    ...name,
    ...vectors(generator),
    ...(random.once(2) ? [0, 0] : control(generator)),
    generator.flags(FLAGS),
  ];
}

function message(generator: Generator): number {
  const at = generator.pointer(msghdr.sizeof);
  return generator.struct(header(generator), at);
}

function batch(generator: Generator): [pointer: number, count: number] {
  const { random } = generator;
  const count = random.below(random.once(20) ? 70 : 4);
  const words = Array.from({ length: count }, () => [...header(generator), 0]).flat();
  return [generator.struct(words), generator.odd(8) ? generator.integer() : count];
}

/** Milliseconds: what waits is ended by the wake descriptor. */
function timeout({ random }: Generator): number {
  return random.oneOf([0, 0, 1, -1, 5, 0x7fffffff, -0x80000000]);
}

const name = (view: GuestView, pointer: number, length: number): Range[] =>
  pointer === 0
    ? []
    : [
        [pointer, Math.min(Math.max(view.int(length), 0), SOCKADDR_MAX)],
        [length, 4],
      ];

/** The bytes that vectors hold. */
export function vectorsAt(view: GuestView, at: number, count: number): Range[] {
  return Array.from({ length: Math.min(count >>> 0, IOV_MAX) }, (_, i): Range => {
    const vector = at + i * iovec.sizeof;
    return [view.word(vector + iovec.iov_base), view.word(vector + iovec.iov_len)];
  });
}

/** What a received message may change: its header, its name, its vectors' bytes, its control data. */
function received(view: GuestView, at: number): Range[] {
  const field = (offset: number) => view.word(at + offset);
  return [
    [at, msghdr.sizeof],
    [field(msghdr.msg_name), Math.min(field(msghdr.msg_namelen), SOCKADDR_MAX)],
    [field(msghdr.msg_control), Math.min(field(msghdr.msg_controllen), CONTROL_SIZE)],
    ...vectorsAt(view, field(msghdr.msg_iov), field(msghdr.msg_iovlen)),
  ];
}

const i32s = (count: number): ValueType[] => new Array<ValueType>(count).fill("i32");

type Arguments = Import["arguments"];

/** A function of i32 that gives one. */
function of(
  parameters: number,
  make: Arguments,
  writes: Import["writes"] = () => [],
  weight = 1,
): Import {
  return {
    parameters: i32s(parameters),
    result: "i32",
    arguments: make,
    writes,
    weight: 4 * weight,
  };
}

const fd = (generator: Generator, likely?: readonly number[]) => generator.descriptor(likely);

const imports: Readonly<Record<string, Import>> = {
  socket: of(3, (g) => kind(g), undefined, 2),
  socketpair: of(
    4,
    (g) => [...kind(g), g.pointer(8)],
    (_, [, , , pair]) => [[pair!, 8]],
    2,
  ),
  close: of(1, (g) => [fd(g)]),
  shutdown: of(2, (g) => [fd(g, CONNECTED), g.odd(6) ? g.integer() : g.random.below(3)]),
  bind: of(3, (g) => [fd(g), ...g.address(HERE)], undefined, 2),
  connect: of(3, (g) => [fd(g), ...g.address(PLACES)], undefined, 2),
  listen: of(2, (g) => [fd(g), g.random.once(3) ? g.integer() : 4]),
  accept4: of(
    4,
    (g) => [fd(g, OPEN.listener), ...g.room(), g.flags([SOCK.NONBLOCK, SOCK.CLOEXEC])],
    (view, [, at, length]) => name(view, at!, length!),
  ),
  getsockname: of(
    3,
    (g) => [fd(g), ...g.room()],
    (view, [, at, length]) => [...name(view, at!, length!), [length!, 4]],
  ),
  getpeername: of(
    3,
    (g) => [fd(g, CONNECTED), ...g.room()],
    (view, [, at, length]) => [...name(view, at!, length!), [length!, 4]],
  ),
  send: of(4, (g) => [fd(g, CONNECTED), ...g.buffer(), g.flags(FLAGS)], undefined, 2),
  recv: of(
    4,
    (g) => [fd(g, CONNECTED), ...g.buffer(), g.flags(FLAGS)],
    (_, [, at, size]) => [[at!, size!]],
    2,
  ),
  sendto: of(
    6,
    (g) => [fd(g, CONNECTED), ...g.buffer(), g.flags(FLAGS), ...g.address(PLACES)],
    undefined,
    2,
  ),
  recvfrom: of(
    6,
    (g) => [fd(g, CONNECTED), ...g.buffer(), g.flags(FLAGS), ...g.room()],
    (view, [, at, size, , from, length]) => [[at!, size!], ...name(view, from!, length!)],
    2,
  ),
  getsockopt: of(
    5,
    (g) => {
      const [value, size] = g.buffer();
      return [fd(g), ...option(g), value, g.struct([size])];
    },
    (view, [, , , value, length]) => [
      [value!, Math.min(view.int(length!), BLOCK_SIZE)],
      [length!, 4],
    ],
    2,
  ),
  setsockopt: of(
    5,
    (g) => {
      const words = Array.from({ length: g.random.oneOf([1, 1, 2, 4, 8, 33]) }, () => g.integer());
      const value = g.struct(words);
      return [fd(g), ...option(g), value, g.odd(6) ? g.integer() : 4 * words.length];
    },
    undefined,
    2,
  ),
  getaddrinfo: of(
    5,
    (g) => {
      const family = g.random.oneOf([AF.UNSPEC, AF.INET, AF.INET6, AF.UNIX]);
      const type = g.random.oneOf([0, SOCK.STREAM, SOCK.DGRAM, SOCK.RAW, 77]);
      const hints = [
        g.flags(numbers(AI)),
        family,
        type,
        0,
        g.integer(),
        g.integer(),
        0,
        g.integer(),
      ];
      return [
        g.text(HOSTS),
        g.text(SERVICES),
        g.random.once(3) ? 0 : g.struct(hints.slice(0, addrinfo.sizeof / 4)),
        g.pointer(1024),
        g.odd(3) ? g.size() : 1024,
      ];
    },
    (_, [, , , out, capacity]) => [[out!, capacity!]],
  ),
  getnameinfo: of(
    7,
    (g) => [
      ...g.address(PLACES),
      ...g.buffer(),
      ...g.buffer(),
      g.random.once(3) ? g.flags(numbers(NI)) : NI.NUMERICHOST | NI.NUMERICSERV,
    ],
    (_, [, , host, hostSize, service, serviceSize]) => [
      [host!, hostSize!],
      [service!, serviceSize!],
    ],
  ),
  if_nametoindex: of(1, (g) => [g.text(INTERFACES)]),
  if_indextoname: of(
    2,
    (g) => [g.random.below(4), g.pointer(IF_NAMESIZE)],
    (_, [, at]) => [[at!, IF_NAMESIZE]],
  ),
  gethostname: of(
    2,
    (g) => g.buffer(),
    (_, [at, size]) => [[at!, size!]],
  ),
  fcntl: of(3, (g) => [
    fd(g),
    g.odd(4) ? g.integer() : g.random.oneOf(numbers(F)),
    g.random.once(2) ? g.integer() : g.random.oneOf([0, O.NONBLOCK, 1]),
  ]),
  sendfile: of(
    4,
    (g) => [
      fd(g, CONNECTED),
      fd(g, OPEN.file),
      g.random.once(3) ? 0 : g.struct([g.size(), 0]),
      g.size(),
    ],
    (_, [, , offset]) => [[offset!, 8]],
  ),
  sockatmark: of(1, (g) => [fd(g, CONNECTED)]),
  sendmsg: of(3, (g) => [fd(g, CONNECTED), message(g), g.flags(FLAGS)], undefined, 3),
  recvmsg: of(
    3,
    (g) => [fd(g, CONNECTED), message(g), g.flags(FLAGS)],
    (view, [, at]) => received(view, at!),
    3,
  ),
  sendmmsg: of(
    4,
    (g) => [fd(g, CONNECTED), ...batch(g), g.flags(FLAGS)],
    // The bytes of each are counted in its own header.
    (_, [, at, count]) =>
      Array.from({ length: Math.min(count! >>> 0, 4096) }, (_, i): Range => [
        at! + i * mmsghdr.sizeof + mmsghdr.msg_len,
        4,
      ]),
    2,
  ),
  recvmmsg: of(
    5,
    (g) => [fd(g, CONNECTED), ...batch(g), g.flags(FLAGS), timeout(g)],
    (view, [, at, count]) =>
      Array.from({ length: Math.min(count! >>> 0, 2 * BATCH_MAX) }, (_, i): Range[] => {
        const each = at! + i * mmsghdr.sizeof;
        return [...received(view, each), [each, mmsghdr.sizeof]];
      }).flat(),
    2,
  ),
  poll: of(
    3,
    (g) => {
      const count = g.random.below(g.random.once(20) ? 200 : 5);
      const events = () => g.flags([...numbers(POLL), 1, 4, 5]) & 0xffff;
      const words = Array.from({ length: count }, () => [fd(g), events()]).flat();
      return [g.struct(words), g.odd(8) ? g.integer() : count, timeout(g)];
    },
    (_, [at, count]) => [[at!, count! * pollfd.sizeof]],
  ),
  epoll_create1: of(1, (g) => [g.flags([SOCK.CLOEXEC])]),
  epoll_ctl: of(
    4,
    (g) => [
      fd(g, OPEN.epoll),
      g.odd(8) ? g.integer() : g.random.oneOf(numbers(EPOLL_CTL)),
      fd(g),
      g.struct([g.flags(numbers(EPOLL)), 0, g.integer(), g.integer()]),
    ],
    undefined,
    2,
  ),
  epoll_wait: of(
    4,
    (g) => [
      fd(g, OPEN.epoll),
      g.pointer(64),
      g.odd(3) ? g.integer() : 1 + g.random.below(5),
      timeout(g),
    ],
    (_, [, at, count]) => [[at!, Math.min(count!, EVENTS_MAX) * epoll_event.sizeof]],
    2,
  ),
};

/** Opens pairs, a listener with a connection, datagrams that go round, and an epoll set: see OPEN. */
function open(g: Generator): void {
  const { random, steps } = g;
  const at = 0x200;
  const call = (name: string, ...args: number[]) =>
    steps.push(["call", `bsd_sockets_v1.${name}`, ...args]);
  const address = (place: string): [number, number] => {
    steps.push(["address", at, place]);
    return [at, LENGTHS[place]!];
  };
  const modifiers = random.once(2) ? SOCK.NONBLOCK : 0;
  call("socketpair", AF.UNIX, SOCK.STREAM | modifiers, 0, at);
  call("socketpair", AF.UNIX, random.oneOf([SOCK.DGRAM, SOCK.SEQPACKET]) | modifiers, 0, at);
  const [place, domain] = random.oneOf([
    ["own", AF.INET],
    ["own", AF.INET],
    ["unixOwn", AF.UNIX],
  ] as const);
  g.write(at + 128, Uint8Array.of(1, 0, 0, 0));
  for (const type of [SOCK.STREAM, SOCK.DGRAM]) {
    call("socket", domain, type | modifiers, 0);
    const fd = type === SOCK.STREAM ? 8 : 11;
    // What an earlier guest left of its connections is no hindrance.
    call("setsockopt", fd, SOL.SOCKET, SO.REUSEADDR, at + 128, 4);
    call("bind", fd, ...address(place));
    if (type === SOCK.STREAM) {
      call("listen", fd, 4);
      call("socket", domain, type | SOCK.NONBLOCK, 0);
      call("connect", 9, ...address(place));
      call("accept4", fd, 0, 0, modifiers);
    } else {
      call("connect", fd, ...address(place));
    }
  }
  call("socket", AF.INET, SOCK.STREAM | modifiers, 0);
  call("connect", 12, ...address("allowed"));
  call("epoll_create1", 0);
  // One more connection that waits to be accepted.
  call("socket", domain, SOCK.STREAM | SOCK.NONBLOCK, 0);
  call("connect", 14, ...address(place));
}

/** The functions whose errors are of getaddrinfo(3). */
const RESOLVING = ["getaddrinfo", "getnameinfo"];
const EAI_CODES: readonly (number | undefined)[] = numbers(EAI);

/** The most that a function gives, by its arguments; the others give 0. */
const MOST: Readonly<Record<string, (args: readonly number[]) => number>> = {
  ...Object.fromEntries(
    ["socket", "accept4", "epoll_create1"].map((name) => [
      name,
      () => DESCRIPTORS.first + DESCRIPTORS.limit - 1,
    ]),
  ),
  ...Object.fromEntries(["send", "sendto"].map((name) => [name, (args) => args[2]! >>> 0])),
  // With MSG_TRUNC a receive gives the true length of the datagram.
  ...Object.fromEntries(
    ["recv", "recvfrom", "sendmsg", "recvmsg"].map((name) => [name, () => 2 ** 31 - 1]),
  ),
  ...Object.fromEntries(["sendmmsg", "recvmmsg"].map((name) => [name, (args) => args[2]! >>> 0])),
  sendfile: (args) => args[3]! >>> 0,
  sockatmark: () => 1,
  fcntl: () => 2 ** 31 - 1,
  getaddrinfo: () => BLOCK_SIZE,
  if_nametoindex: () => 2 ** 31 - 1,
  poll: (args) => args[1]! >>> 0,
  epoll_wait: (args) => args[2]!,
};

/** Module `bsd_sockets_v1`. */
export const bsdSockets: Abi = {
  module: "bsd_sockets_v1",
  imports,
  open,
  gives(name, args, result) {
    if (result === undefined || !Number.isInteger(result)) return false;
    if (result < 0 && RESOLVING.includes(name)) return EAI_CODES.includes(result);
    return result < 0 ? result >= -MAX_ERRNO : result <= (MOST[name]?.(args) ?? 0);
  },
  written(name, result, ranges) {
    if (result === undefined) return [];
    if (RESOLVING.includes(name)) {
      const [first] = ranges;
      // The error number is where the answer would have been.
      if (result === EAI.SYSTEM && first !== undefined)
        return [[first[0], Math.min(first[1] >>> 0, 4)]];
      if (name === "getaddrinfo") return result > (first?.[1] ?? 0) >>> 0 ? [] : ranges;
    }
    if (result < 0) return [];
    if (name === "recv" || name === "recvfrom") {
      const [[at, size], ...rest] = ranges as [Range, ...Range[]];
      return [[at, Math.min(result, size >>> 0)], ...rest];
    }
    return ranges;
  },
};
