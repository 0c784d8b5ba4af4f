// wasi_snapshot_preview1: what its dialects share, and preview1's own, which opens no sockets. Numbers and layouts are
// written here once more, after typenames.witx, and not taken from the host.

import { WASI } from "wasi-sockets/preview1";
import { ALL, Failure, allBut, unable, type Driver, type Need, type Sockets } from "../driver.js";
import { AT, Bytes, DATA, NOWHERE, importing, type Exports } from "./guest.js";

/** preview1's error numbers, in their order. */
const ERRNOS = (
  "SUCCESS 2BIG ACCES ADDRINUSE ADDRNOTAVAIL AFNOSUPPORT AGAIN ALREADY BADF BADMSG BUSY CANCELED CHILD " +
  "CONNABORTED CONNREFUSED CONNRESET DEADLK DESTADDRREQ DOM DQUOT EXIST FAULT FBIG HOSTUNREACH IDRM ILSEQ " +
  "INPROGRESS INTR INVAL IO ISCONN ISDIR LOOP MFILE MLINK MSGSIZE MULTIHOP NAMETOOLONG NETDOWN NETRESET " +
  "NETUNREACH NFILE NOBUFS NODEV NOENT NOEXEC NOLCK NOLINK NOMEM NOMSG NOPROTOOPT NOSPC NOSYS NOTCONN NOTDIR " +
  "NOTEMPTY NOTRECOVERABLE NOTSOCK NOTSUP NOTTY NXIO OVERFLOW OWNERDEAD PERM PIPE PROTO PROTONOSUPPORT " +
  "PROTOTYPE RANGE ROFS SPIPE SRCH STALE TIMEDOUT TXTBSY XDEV NOTCAPABLE"
).split(" ");

/** POSIX has another name for what is the same number in Linux. */
const SAME: Readonly<Record<string, string>> = { ENOTSUP: "EOPNOTSUPP" };

/** The failure of an error number. */
export function failure(errno: number): Failure {
  const name = `E${ERRNOS[errno] ?? errno}`;
  return new Failure(SAME[name] ?? name);
}

/** Throws where a call failed. */
export function ok(errno: number): void {
  if (errno !== 0) throw failure(errno);
}

const COMMON = {
  fd_close: 1,
  fd_read: 4,
  fd_write: 4,
  fd_renumber: 2,
  fd_fdstat_set_flags: 2,
  poll_oneoff: 4,
  sock_recv: 6,
  sock_send: 5,
  sock_shutdown: 2,
};
const FLAG = { peek: 1, waitall: 2 } as const;
const HOW = { read: 1, write: 2, both: 3 } as const;
const NONBLOCK = 4;
const [CLOCK, FD_READ, FD_WRITE] = [0, 1, 2];
const SUBSCRIPTION = 48;
const EVENT = 32;

/** What a dialect adds. */
export type Dialect = (call: Exports, bytes: Bytes) => Partial<Sockets>;

/** What no dialect has by itself. */
const NONE = {
  socket: unable,
  bind: unable,
  connect: unable,
  listen: unable,
  sendto: unable,
  recvfrom: unable,
  getsockname: unable,
  getpeername: unable,
  getOption: unable,
  setOption: unable,
  resolve: unable,
};

function start(call: Exports, wasi: WASI, dialect: Dialect): Sockets {
  const bytes = new Bytes(call.memory);
  const vector = (size: number): void => {
    bytes.set32(AT.vectors, DATA, size);
  };
  const vectors = (sizes: readonly number[]): void => {
    let at = DATA;
    sizes.forEach((size, i) => {
      bytes.set32(AT.vectors + 8 * i, at, size);
      at += size;
    });
  };
  const send = (name: string, fd: number, data: Uint8Array): number => {
    bytes.put(DATA, data);
    vector(data.length);
    const flags = name === "sock_send" ? [0] : [];
    ok(call[name]!(fd, AT.vectors, 1, ...flags, AT.out));
    return bytes.get32(AT.out);
  };
  return {
    ...NONE,
    listeners: wasi.sockets.map(({ fd, address }) => ({ fd, address: { ...address } as never })),
    accept(fd, nonBlocking) {
      ok(call["sock_accept"]!(fd, nonBlocking ? NONBLOCK : 0, AT.out));
      return bytes.get32(AT.out);
    },
    send: (fd, data) => send("sock_send", fd, data),
    recv(fd, size, flag) {
      vector(size);
      ok(call["sock_recv"]!(fd, AT.vectors, 1, flag ? FLAG[flag] : 0, AT.out, AT.out2));
      return bytes.take(DATA, bytes.get32(AT.out));
    },
    shutdown: (fd, how) => {
      ok(call["sock_shutdown"]!(fd, HOW[how]));
    },
    close: (fd) => {
      ok(call["fd_close"]!(fd));
    },
    setNonBlocking: (fd, on) => {
      ok(call["fd_fdstat_set_flags"]!(fd, on ? NONBLOCK : 0));
    },
    poll(wanted, timeout) {
      const count = wanted.length + (timeout < 0 ? 0 : 1);
      bytes.fill(AT.list, count * SUBSCRIPTION);
      wanted.forEach(({ fd, events }, i) => {
        const at = AT.list + i * SUBSCRIPTION;
        bytes.set64(at, BigInt(i));
        bytes.set8(at + 8, events === "in" ? FD_READ : FD_WRITE);
        bytes.set32(at + 16, fd);
      });
      if (timeout >= 0) {
        const at = AT.list + wanted.length * SUBSCRIPTION;
        bytes.set64(at, BigInt(wanted.length));
        bytes.set8(at + 8, CLOCK);
        bytes.set32(at + 16, 1);
        bytes.set64(at + 24, BigInt(timeout) * 1_000_000n);
      }
      ok(call["poll_oneoff"]!(AT.list, DATA, count, AT.out));
      return Array.from({ length: bytes.get32(AT.out) }, (_, i) => DATA + i * EVENT).flatMap(
        (at) => {
          ok(bytes.get16(at + 8));
          const found = wanted[Number(bytes.get64(at))];
          return found === undefined ? [] : [found];
        },
      );
    },
    sendVectors(fd, parts) {
      vectors(parts.map(({ length }) => length));
      bytes.put(DATA, Buffer.concat(parts));
      ok(call["sock_send"]!(fd, AT.vectors, parts.length, 0, AT.out));
      return bytes.get32(AT.out);
    },
    recvVectors(fd, sizes) {
      vectors(sizes);
      ok(call["sock_recv"]!(fd, AT.vectors, sizes.length, 0, AT.out, AT.out2));
      let left = bytes.get32(AT.out);
      let at = DATA;
      return sizes.map((size) => {
        const part = bytes.take(at, Math.min(size, left));
        at += size;
        left -= part.length;
        return part;
      });
    },
    write: (fd, data) => send("fd_write", fd, data),
    read(fd, size) {
      vector(size);
      ok(call["fd_read"]!(fd, AT.vectors, 1, AT.out));
      return bytes.take(DATA, bytes.get32(AT.out));
    },
    renumber: (from, to) => {
      ok(call["fd_renumber"]!(from, to));
    },
    recvNowhere(fd, size) {
      bytes.set32(AT.vectors, NOWHERE, size);
      ok(call["sock_recv"]!(fd, AT.vectors, 1, 0, AT.out, AT.out2));
    },
    acceptNowhere: (fd) => {
      ok(call["sock_accept"]!(fd, 0, NOWHERE));
    },
    dispose: () => {
      wasi.dispose();
    },
    ...dialect(call, bytes),
  };
}

/**
 * A driver of one dialect.
 *
 * @param functions that it imports beside preview1's own, by their numbers of parameters
 * @param lacks what it cannot say
 */
export function preview1Driver(
  name: string,
  functions: Readonly<Record<string, number | string>>,
  lacks: readonly Need[],
  dialect: Dialect,
): Driver {
  const imports = { ...COMMON, sock_accept: 3, ...functions };
  const module = new WebAssembly.Module(importing("wasi_snapshot_preview1", imports));
  return {
    name,
    can: allBut(lacks),
    async start(allow, wake) {
      const wasi = new WASI({
        allow,
        listen: ["127.0.0.1:0", "[::1]:0"],
        wake: wake,
      });
      const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
      wasi.initialize(instance);
      return start(instance.exports as unknown as Exports, wasi, dialect);
    },
  };
}

/** What one that opens no sockets cannot say. */
const LACKS: readonly Need[] = [
  "open",
  "listen",
  "datagrams",
  "connected-datagrams",
  "names",
  "truncation",
  "resolve",
  ...ALL.filter((need) => need.startsWith("option")),
];

export const preview1 = preview1Driver("preview1", {}, LACKS, () => ({}));
