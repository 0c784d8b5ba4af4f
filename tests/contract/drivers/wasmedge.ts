// WasmEdge's sockets, both versions: address_t {buf, buf_len}, ports in host byte order beside it.

import type { Need, Option, Place, Sockets } from "../driver.js";
import { failure, ok, preview1Driver, type Dialect } from "./preview1.js";
import { AT, DATA, addressBytes, addressText, type Bytes, type Exports } from "./guest.js";

const FAMILY = { inet: 1, inet6: 2 } as const;
const TYPE = { dgram: 1, stream: 2 } as const;
/** Its own numbers at its own level, and those of Linux at that of TCP, but for TCP_NODELAY. */
const OPTION: Readonly<Partial<Record<Option, readonly [level: number, name: number]>>> = {
  reuseaddr: [0, 0],
  type: [0, 1],
  error: [0, 2],
  broadcast: [0, 4],
  sndbuf: [0, 5],
  rcvbuf: [0, 6],
  keepalive: [0, 7],
  linger: [0, 9],
  rcvtimeo: [0, 11],
  acceptconn: [0, 13],
  nodelay: [6, 15],
  keepidle: [6, 4],
  keepintvl: [6, 5],
  keepcnt: [6, 6],
};
const STORAGE = 128;
/** Where the bytes stand that an address_t points to. */
const BUFFER = AT.name + 16;

const FUNCTIONS = {
  sock_open: 3,
  sock_bind: 3,
  sock_connect: 3,
  sock_listen: 2,
  sock_send_to: 7,
  sock_getsockopt: 5,
  sock_setsockopt: 5,
  sock_getaddrinfo: 8,
};

/** Puts an address_t of a storage, or of bare bytes, where the call finds it. */
function writeName(bytes: Bytes, { family, address }: Place, bare: boolean): void {
  const raw = addressBytes(address);
  bytes.fill(BUFFER, STORAGE);
  bytes.set32(AT.name, BUFFER, bare ? raw.length : STORAGE);
  if (!bare) bytes.set16(BUFFER, FAMILY[family]);
  bytes.put(bare ? BUFFER : BUFFER + 2, raw);
}

function readStorage(bytes: Bytes, port: number): Place {
  const family = bytes.get16(BUFFER) === FAMILY.inet6 ? "inet6" : "inet";
  const raw = bytes.take(BUFFER + 2, family === "inet" ? 4 : 16);
  return { family, address: addressText(raw), port };
}

/** What both versions have; `bare` is whether addresses are their bytes alone. */
function common(call: Exports, bytes: Bytes, bare: boolean): Partial<Sockets> {
  return {
    socket(family, type) {
      ok(call["sock_open"]!(FAMILY[family], TYPE[type], AT.out));
      return bytes.get32(AT.out);
    },
    bind(fd, at) {
      writeName(bytes, at, bare);
      ok(call["sock_bind"]!(fd, AT.name, at.port));
    },
    connect(fd, to) {
      writeName(bytes, to, bare);
      ok(call["sock_connect"]!(fd, AT.name, to.port));
    },
    listen: (fd, backlog) => {
      ok(call["sock_listen"]!(fd, backlog));
    },
    sendto(fd, data, to) {
      bytes.put(DATA, data);
      bytes.set32(AT.vectors, DATA, data.length);
      writeName(bytes, to, bare);
      ok(call["sock_send_to"]!(fd, AT.vectors, 1, AT.name, to.port, 0, AT.out));
      return bytes.get32(AT.out);
    },
    getOption(fd, option) {
      bytes.set32(AT.out, 4);
      ok(call["sock_getsockopt"]!(fd, ...OPTION[option]!, DATA, AT.out));
      const value = bytes.get32(DATA);
      if (option === "error" && value !== 0) throw failure(value);
      return value;
    },
    setOption(fd, option, value) {
      ok(
        call["sock_setsockopt"]!(
          fd,
          ...OPTION[option]!,
          DATA,
          bytes.putOption(DATA, option, value),
        ),
      );
    },
    resolve(host, family) {
      const COUNT = 8;
      const [HINTS, NODES, NAMES, RAW] = [AT.extra, DATA, DATA + 0x1000, DATA + 0x2000];
      const node = Buffer.from(host);
      bytes.put(AT.list, node);
      bytes.fill(HINTS, 28);
      bytes.set8(HINTS + 2, FAMILY[family]);
      bytes.set8(HINTS + 3, TYPE.stream);
      bytes.set32(AT.out2, NODES);
      for (let i = 0; i < COUNT; i++) {
        const [at, name, raw] = [NODES + 28 * i, NAMES + 12 * i, RAW + 32 * i];
        bytes.fill(at, 28);
        bytes.set32(at + 12, name);
        bytes.set32(at + 24, i + 1 < COUNT ? at + 28 : 0);
        bytes.set32(name + 4, 26, raw);
      }
      ok(call["sock_getaddrinfo"]!(AT.list, node.length, 0, 0, HINTS, AT.out2, COUNT, AT.out));
      return Array.from({ length: bytes.get32(AT.out) }, (_, i) => {
        const raw = RAW + 32 * i;
        return addressText(family === "inet" ? bytes.take(raw + 2, 4) : bytes.take(raw + 6, 16));
      });
    },
  };
}

const second: Dialect = (call, bytes) => {
  const name = (function_: string, fd: number): Place => {
    bytes.set32(AT.name, BUFFER, STORAGE);
    ok(call[function_]!(fd, AT.name, AT.out));
    return readStorage(bytes, bytes.get32(AT.out));
  };
  return {
    ...common(call, bytes, false),
    recvfrom(fd, size) {
      const [out, flags, port] = [AT.out, AT.out + 4, AT.out2];
      bytes.set32(AT.vectors, DATA, size);
      bytes.set32(AT.name, BUFFER, STORAGE);
      ok(call["sock_recv_from"]!(fd, AT.vectors, 1, AT.name, 0, port, out, flags));
      return {
        bytes: bytes.take(DATA, bytes.get32(out)),
        from: readStorage(bytes, bytes.get32(port)),
        truncated: bytes.get16(flags) === 1,
      };
    },
    getsockname: (fd) => name("sock_getlocaladdr", fd),
    getpeername: (fd) => name("sock_getpeeraddr", fd),
  };
};

const first: Dialect = (call, bytes) => {
  const name = (function_: string, fd: number): Place => {
    bytes.set32(AT.name, BUFFER, 16);
    ok(call[function_]!(fd, AT.name, AT.out, AT.out2));
    const isInet = bytes.get32(AT.out) === 4;
    const raw = bytes.take(BUFFER, isInet ? 4 : 16);
    const family = isInet ? "inet" : "inet6";
    return { family, address: addressText(raw), port: bytes.get32(AT.out2) };
  };
  return {
    ...common(call, bytes, true),
    accept(fd) {
      ok(call["sock_accept"]!(fd, AT.out));
      return bytes.get32(AT.out);
    },
    acceptNowhere: (fd) => {
      ok(call["sock_accept"]!(fd, 2 ** 31));
    },
    getsockname: (fd) => name("sock_getlocaladdr", fd),
    getpeername: (fd) => name("sock_getpeeraddr", fd),
  };
};

/** What is IP's has no level. */
const LACKS: readonly Need[] = ["option ttl"];

export const wasmedge2 = preview1Driver(
  "WasmEdge, version 2",
  { ...FUNCTIONS, sock_recv_from: 8, sock_getlocaladdr: 3, sock_getpeeraddr: 3 },
  LACKS,
  second,
);

/** The first version tells no port of who sent a datagram, and its accept has no flags. */
const FIRST_LACKS: readonly Need[] = [...LACKS, "datagrams", "accept-nonblocking"];

export const wasmedge1 = preview1Driver(
  "WasmEdge, version 1",
  { ...FUNCTIONS, sock_accept: 2, sock_recv_from: 7, sock_getlocaladdr: 4, sock_getpeeraddr: 4 },
  FIRST_LACKS,
  first,
);
