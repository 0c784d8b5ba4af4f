// The sockets of `wasi_snapshot_preview1`, of all its dialects, by the names that the adapter has for them: with a
// number of parameters where several share one.

import { marshal } from "#host/marshal";
import type { Import, Range, ValueType } from "./abi.js";
import { vectors, vectorsAt } from "./bsd.js";
import { DESCRIPTORS, type Generator } from "./generator.js";

type Writes = NonNullable<Import["writes"]>;

/** Bytes of a struct addr_t, and of the others of WAMR. */
const { wamr_addr, wamr_addr_info, wamr_hints, wasmedge_addrinfo, wasmedge_sockaddr } = marshal;
const { wasmedge_address: address, wasmedge_storage: storage } = marshal;
const HOSTS = ["127.0.0.1", "::1", "localhost", "", "256.1.1.1", "0"];
const SERVICES = ["80", "", "http", "65536"];

/** What the guests find open. */
export const OPEN = { streams: [3, 4, 8], datagrams: [5, 6], listener: [7] } as const;
const CONNECTED = [...OPEN.streams, ...OPEN.datagrams];

const fd = (g: Generator): number => g.descriptor(CONNECTED);
const any = (g: Generator): number => g.descriptor();

/** Makes a function: its types as letters, i for i32 and l for i64. */
function of(types: string, make: (g: Generator) => readonly number[], writes?: Writes): Import {
  const parameters = Array.from(types, (type): ValueType => (type === "l" ? "i64" : "i32"));
  return { parameters, result: "i32", arguments: make, ...(writes && { writes }) };
}

/** Bytes at the arguments of some indices. */
const at =
  (...places: readonly (readonly [index: number, size: number])[]): Writes =>
  (_, args): Range[] =>
    places.map(([index, size]) => [args[index]!, size]);

/** What several writes may write. */
const all =
  (...writes: readonly Writes[]): Writes =>
  (view, args) =>
    writes.flatMap((each) => [...each(view, args)]);

const into: Writes = (view, args) => vectorsAt(view, args[1]!, args[2]!);

/** An address of WasmEdge's: of 4 or 16 bytes, or of 128 that begin with a family. */
function edgeName(g: Generator): number {
  const { random } = g;
  const [size, words] = random.oneOf([
    [4, [0x0100007f]],
    [16, [0, 0, 0, 0x01000000]],
    [storage.sizeof, [0x007f0001, 0x0100]],
    [storage.sizeof, [0x00000002, 0, 0, 0, 0x01000000]],
    [storage.sizeof, [0x2f000003, 0x706d742f]],
  ] as const);
  const buffer = g.struct([...words], g.pointer(size));
  return g.struct([buffer, g.odd(6) ? g.integer() : size]);
}

/** What a call writes into an address of WasmEdge's. */
const edgeRoom =
  (index: number): Writes =>
  (view, args): Range[] => {
    const name = args[index]!;
    const size = Math.min(view.word(name + address.buf_len), storage.sizeof);
    return name === 0 ? [] : [[view.word(name + address.buf), size]];
  };

/** An address of WAMR's. */
function addr(g: Generator): number {
  const words = g.random.once(2) ? [0, 0x0100007f, g.port()] : [1, 0, 0, 0, 0x10000, g.port()];
  return g.struct(words, g.pointer(wamr_addr.sizeof));
}

const port = (g: Generator): number => g.port();
const riflags = (g: Generator): number => (g.odd(6) ? g.integer() : g.random.below(4));
const siflags = (g: Generator): number => (g.odd(12) ? g.integer() : 0);

/** A list of WasmEdge's for an answer, and a pointer to it. */
function answerList(g: Generator): number {
  let next = 0;
  for (let count = g.random.below(4); count > 0; count--) {
    const data = g.struct([0, g.random.oneOf([14, 26, 26, 0]), g.pointer(26)]);
    const node = [0, 0, 0, data, g.random.once(2) ? 0 : g.pointer(16), g.size(), next];
    next = g.struct(node, g.pointer(wasmedge_addrinfo.sizeof));
  }
  return g.struct([next]);
}

/** What an answer may write: each entry of the list, and what it points to. */
const answered: Writes = (view, args) => {
  const ranges: Range[] = [[args[7]!, 4]];
  let entry = view.word(args[5]!);
  for (let i = 0; entry !== 0 && i < 1024; i++) {
    const data = view.word(entry + wasmedge_addrinfo.ai_addr);
    ranges.push(
      [entry, wasmedge_addrinfo.sizeof],
      [data, wasmedge_sockaddr.sizeof],
      [
        view.word(data + wasmedge_sockaddr.sa_data),
        view.word(data + wasmedge_sockaddr.sa_data_len),
      ],
      [
        view.word(entry + wasmedge_addrinfo.ai_canonname),
        view.word(entry + wasmedge_addrinfo.ai_canonname_len),
      ],
    );
    entry = view.word(entry + wasmedge_addrinfo.ai_next);
  }
  return ranges;
};

function textAndLength(g: Generator, texts: readonly string[]): [number, number] {
  const text = g.random.oneOf(texts);
  const pointer = g.pointer(text.length + 1);
  g.write(pointer, Buffer.from(`${text}\0`));
  return [pointer, g.odd(6) ? g.integer() : text.length];
}

/** WAMR's options that are one number. */
const NUMBERS = [
  "broadcast",
  "ip_multicast_ttl",
  "ip_ttl",
  "ipv6_only",
  "keep_alive",
  "recv_buf_size",
  "reuse_addr",
  "reuse_port",
  "send_buf_size",
  "tcp_fastopen_connect",
  "tcp_keep_idle",
  "tcp_keep_intvl",
  "tcp_no_delay",
  "tcp_quick_ack",
];

const wamrOptions = Object.fromEntries(
  NUMBERS.flatMap((name) => [
    [`sock_get_${name}`, of("ii", (g) => [any(g), g.pointer(4)], at([1, 4]))],
    [`sock_set_${name}`, of("ii", (g) => [any(g), g.integer()])],
  ]),
);

/** The functions that know sockets. */
export const sockets: Readonly<Record<string, Import>> = {
  "sock_open/3": of("iii", (g) => [g.random.below(5), g.random.below(4), g.pointer(4)], at([2, 4])),
  "sock_open/4": of(
    "iiii",
    (g) => [-1, g.random.below(4), g.random.below(3), g.pointer(4)],
    at([3, 4]),
  ),
  "sock_bind/2": of("ii", (g) => [any(g), addr(g)]),
  "sock_bind/3": of("iii", (g) => [any(g), edgeName(g), port(g)]),
  "sock_connect/2": of("ii", (g) => [any(g), addr(g)]),
  "sock_connect/3": of("iii", (g) => [any(g), edgeName(g), port(g)]),
  sock_listen: of("ii", (g) => [any(g), g.size()]),
  "sock_accept/2": of("ii", (g) => [g.descriptor(OPEN.listener), g.pointer(4)], at([1, 4])),
  "sock_accept/3": of(
    "iii",
    (g) => [g.descriptor(OPEN.listener), g.odd(6) ? g.integer() : 4, g.pointer(4)],
    at([2, 4]),
  ),
  sock_close: of("i", (g) => [g.random.once(6) ? any(g) : DESCRIPTORS.limit]),
  sock_shutdown: of("ii", (g) => [any(g), g.odd(4) ? g.integer() : g.random.once(8) ? 2 : 4]),
  sock_recv: {
    ...of(
      "iiiiii",
      (g) => [fd(g), ...vectors(g), riflags(g), g.pointer(4), g.pointer(2)],
      all(into, at([4, 4], [5, 2])),
    ),
    weight: 6,
  },
  sock_send: {
    ...of("iiiii", (g) => [fd(g), ...vectors(g), siflags(g), g.pointer(4)], at([4, 4])),
    weight: 8,
  },
  "sock_recv_from/6": of(
    "iiiiii",
    (g) => [fd(g), ...vectors(g), riflags(g), addr(g), g.pointer(4)],
    all(into, at([4, wamr_addr.sizeof], [5, 4])),
  ),
  "sock_recv_from/7": of(
    "iiiiiii",
    (g) => [fd(g), ...vectors(g), edgeName(g), riflags(g), g.pointer(4), g.pointer(2)],
    all(into, edgeRoom(3), at([5, 4], [6, 2])),
  ),
  "sock_recv_from/8": of(
    "iiiiiiii",
    (g) => [
      fd(g),
      ...vectors(g),
      edgeName(g),
      riflags(g),
      g.pointer(4),
      g.pointer(4),
      g.pointer(2),
    ],
    all(into, edgeRoom(3), at([5, 4], [6, 4], [7, 2])),
  ),
  "sock_send_to/6": of(
    "iiiiii",
    (g) => [fd(g), ...vectors(g), siflags(g), addr(g), g.pointer(4)],
    at([5, 4]),
  ),
  "sock_send_to/7": of(
    "iiiiiii",
    (g) => [fd(g), ...vectors(g), edgeName(g), port(g), siflags(g), g.pointer(4)],
    at([6, 4]),
  ),
  ...Object.fromEntries(
    ["sock_getlocaladdr", "sock_getpeeraddr"].flatMap((name) => [
      [
        `${name}/3`,
        of("iii", (g) => [any(g), edgeName(g), g.pointer(4)], all(edgeRoom(1), at([2, 4]))),
      ],
      [
        `${name}/4`,
        of(
          "iiii",
          (g) => [any(g), edgeName(g), g.pointer(4), g.pointer(4)],
          all(edgeRoom(1), at([2, 4], [3, 4])),
        ),
      ],
    ]),
  ),
  sock_addr_local: of("ii", (g) => [any(g), addr(g)], at([1, wamr_addr.sizeof])),
  sock_addr_remote: of("ii", (g) => [any(g), addr(g)], at([1, wamr_addr.sizeof])),
  sock_getsockopt: of(
    "iiiii",
    (g) => {
      const size = g.random.once(3) ? 4 : g.struct([g.random.oneOf([4, 8, 16, 0])]);
      const level = g.random.oneOf([0, 0, 0, 6, 41, 0x7fffffff]);
      return [any(g), level, g.random.below(16), g.pointer(16), size];
    },
    (view, args) => {
      const size = args[4]! >>> 0;
      return size <= 16
        ? [[args[3]!, size]]
        : [
            [args[3]!, view.word(size)],
            [size, 4],
          ];
    },
  ),
  sock_setsockopt: of("iiiii", (g) => {
    const [pointer, size] = g.buffer();
    return [any(g), g.random.oneOf([0, 0, 0, 6, 41]), g.random.below(16), pointer, size];
  }),
  sock_getaddrinfo: of(
    "iiiiiiii",
    (g) => [
      ...textAndLength(g, HOSTS),
      ...textAndLength(g, SERVICES),
      g.random.once(3) ? 0 : g.struct([g.random.below(0x30000), 0, 0, 0, 0, 0, 0]),
      answerList(g),
      g.random.below(5),
      g.pointer(4),
    ],
    answered,
  ),
  sock_addr_resolve: of(
    "iiiiii",
    (g) => [
      g.text(HOSTS),
      g.text(SERVICES),
      g.random.once(3)
        ? 0
        : g.struct([g.random.below(2), g.random.below(3), 1], g.pointer(wamr_hints.sizeof)),
      g.pointer(4 * wamr_addr_info.sizeof),
      g.odd(6) ? g.integer() : g.random.below(5),
      g.pointer(4),
    ],
    (_, args) => [
      [args[3]!, (args[4]! >>> 0) * wamr_addr_info.sizeof],
      [args[5]!, 4],
    ],
  ),
  ...wamrOptions,
  sock_get_recv_timeout: of("ii", (g) => [any(g), g.pointer(8)], at([1, 8])),
  sock_set_recv_timeout: of("il", (g) => [any(g), g.size()]),
  sock_get_send_timeout: of("ii", (g) => [any(g), g.pointer(8)], at([1, 8])),
  sock_set_send_timeout: of("il", (g) => [any(g), g.size()]),
  sock_get_linger: of("iii", (g) => [any(g), g.pointer(1), g.pointer(4)], at([1, 1], [2, 4])),
  sock_set_linger: of("iii", (g) => [any(g), g.random.below(2), g.size()]),
  sock_get_ip_multicast_loop: of(
    "iii",
    (g) => [any(g), g.random.below(2), g.pointer(1)],
    at([2, 1]),
  ),
  sock_set_ip_multicast_loop: of("iii", (g) => [any(g), g.random.below(2), g.random.below(2)]),
  sock_set_ip_add_membership: of("iii", (g) => [any(g), addr(g), g.integer()]),
  sock_set_ip_drop_membership: of("iii", (g) => [any(g), addr(g), g.integer()]),
};
