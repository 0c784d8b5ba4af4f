// WAMR's lib-socket: addr_t {kind, address, port}, a function for each option.

import type { Option, Place, Need } from "../driver.js";
import { ok, preview1Driver, type Dialect } from "./preview1.js";
import { AT, DATA, addressBytes, addressText } from "./guest.js";

const FAMILY = { inet: 0, inet6: 1 } as const;
const TYPE = { dgram: 0, stream: 1 } as const;

/** Options, by what their functions are called, and the bytes of their value. */
const OPTIONS: Partial<Record<Option, readonly [name: string, size: number]>> = {
  reuseaddr: ["reuse_addr", 1],
  broadcast: ["broadcast", 1],
  keepalive: ["keep_alive", 1],
  sndbuf: ["send_buf_size", 4],
  rcvbuf: ["recv_buf_size", 4],
  nodelay: ["tcp_no_delay", 1],
  ttl: ["ip_ttl", 1],
  keepidle: ["tcp_keep_idle", 4],
  keepintvl: ["tcp_keep_intvl", 4],
};

const FUNCTIONS: Readonly<Record<string, number | string>> = {
  sock_open: 4,
  sock_bind: 2,
  sock_connect: 2,
  sock_listen: 2,
  sock_close: 1,
  sock_addr_local: 2,
  sock_addr_remote: 2,
  sock_recv_from: 6,
  sock_send_to: 6,
  sock_addr_resolve: 6,
  sock_set_recv_timeout: "il",
  sock_set_linger: 3,
  ...Object.fromEntries(
    Object.values(OPTIONS).flatMap(([name]) => [
      [`sock_get_${name}`, 2],
      [`sock_set_${name}`, 2],
    ]),
  ),
};

const LACKS: readonly Need[] = [
  "truncation",
  "option type",
  "option error",
  "option acceptconn",
  "option keepcnt",
];

const dialect: Dialect = (call, bytes) => {
  /** The groups of an INET6 address are numbers, and so the bytes of each the other way round. */
  const turned = (raw: Uint8Array) => raw.map((_, i) => raw[i ^ 1]!);
  const writeName = ({ family, address, port }: Place): void => {
    const raw = addressBytes(address);
    bytes.fill(AT.name, 24);
    bytes.set32(AT.name, FAMILY[family]);
    bytes.put(AT.name + 4, family === "inet" ? raw : turned(raw));
    bytes.set16(AT.name + (family === "inet" ? 8 : 20), port);
  };
  const readAddress = (at: number): Place => {
    const family = bytes.get32(at) === FAMILY.inet6 ? "inet6" : "inet";
    const raw = bytes.take(at + 4, family === "inet" ? 4 : 16);
    return {
      family,
      address: addressText(family === "inet" ? raw : turned(raw)),
      port: bytes.get16(at + (family === "inet" ? 8 : 20)),
    };
  };
  const name = (function_: string, fd: number): Place => {
    ok(call[function_]!(fd, AT.name));
    return readAddress(AT.name);
  };
  return {
    socket(family, type) {
      ok(call["sock_open"]!(-1, FAMILY[family], TYPE[type], AT.out));
      return bytes.get32(AT.out);
    },
    bind(fd, at) {
      writeName(at);
      ok(call["sock_bind"]!(fd, AT.name));
    },
    connect(fd, to) {
      writeName(to);
      ok(call["sock_connect"]!(fd, AT.name));
    },
    listen: (fd, backlog) => {
      ok(call["sock_listen"]!(fd, backlog));
    },
    close: (fd) => {
      ok(call["sock_close"]!(fd));
    },
    sendto(fd, data, to) {
      bytes.put(DATA, data);
      bytes.set32(AT.vectors, DATA, data.length);
      writeName(to);
      ok(call["sock_send_to"]!(fd, AT.vectors, 1, 0, AT.name, AT.out));
      return bytes.get32(AT.out);
    },
    recvfrom(fd, size) {
      bytes.set32(AT.vectors, DATA, size);
      ok(call["sock_recv_from"]!(fd, AT.vectors, 1, 0, AT.name, AT.out));
      const from = readAddress(AT.name);
      return { bytes: bytes.take(DATA, bytes.get32(AT.out)), from, truncated: false };
    },
    getsockname: (fd) => name("sock_addr_local", fd),
    getpeername: (fd) => name("sock_addr_remote", fd),
    getOption(fd, option) {
      const [function_, size] = OPTIONS[option]!;
      ok(call[`sock_get_${function_}`]!(fd, AT.out));
      return size === 1 ? bytes.get8(AT.out) : bytes.get32(AT.out);
    },
    setOption(fd, option, value) {
      if (option === "linger") ok(call["sock_set_linger"]!(fd, 1, value));
      else if (option === "rcvtimeo") ok(call["sock_set_recv_timeout"]!(fd, BigInt(value) * 1000n));
      else ok(call[`sock_set_${OPTIONS[option]![0]}`]!(fd, value));
    },
    resolve(host, family) {
      const COUNT = 8;
      bytes.put(AT.extra, Buffer.from(`${host}\0`));
      bytes.set32(AT.list, TYPE.stream, FAMILY[family], 1);
      ok(call["sock_addr_resolve"]!(AT.extra, 0, AT.list, DATA, COUNT, AT.out));
      return Array.from(
        { length: bytes.get32(AT.out) },
        (_, i) => readAddress(DATA + 28 * i).address,
      );
    },
  };
};

export const wamr = preview1Driver("WAMR", FUNCTIONS, LACKS, dialect);
