// bsd_sockets_v1.

import { instantiate } from "wasi-sockets";
import {
  Failure,
  type Driver,
  type Need,
  type Option,
  type Place,
  type Sockets,
} from "../driver.js";
import { allBut, unable } from "../driver.js";
import { errnos } from "../../support/sockets.js";
import {
  AT,
  Bytes,
  DATA,
  NOWHERE,
  addressBytes,
  addressText,
  importing,
  type Exports,
} from "./guest.js";

const names = new Map(Object.entries(errnos).map(([name, number]) => [number, name]));
names.set(errnos["EOPNOTSUPP"]!, "EOPNOTSUPP"); // and not ENOTSUP, which is the same

const FUNCTIONS = {
  socket: 3,
  close: 1,
  shutdown: 2,
  bind: 3,
  connect: 3,
  listen: 2,
  accept4: 4,
  getsockname: 3,
  getpeername: 3,
  send: 4,
  recv: 4,
  sendto: 6,
  recvfrom: 6,
  sendmsg: 3,
  recvmsg: 3,
  getsockopt: 5,
  setsockopt: 5,
  fcntl: 3,
  poll: 3,
  getaddrinfo: 5,
};

const module = new WebAssembly.Module(importing("bsd_sockets_v1", FUNCTIONS));

/** Linux's numbers. */
const FAMILY = { inet: 2, inet6: 10 } as const;
const TYPE = { stream: 1, dgram: 2 } as const;
const FLAG = { peek: 2, waitall: 0x100 } as const;
const HOW = { read: 0, write: 1, both: 2 } as const;
const NONBLOCK = 0o4000;
const TRUNC = 0x20;
const EVENT = { in: 1, out: 4 } as const;
const [F_GETFL, F_SETFL] = [3, 4];
const EAGAIN = 11;
const OPTION: Readonly<Record<Option, readonly [level: number, name: number]>> = {
  reuseaddr: [1, 2],
  type: [1, 3],
  error: [1, 4],
  broadcast: [1, 6],
  sndbuf: [1, 7],
  rcvbuf: [1, 8],
  keepalive: [1, 9],
  linger: [1, 13],
  rcvtimeo: [1, 20],
  acceptconn: [1, 30],
  ttl: [0, 2],
  nodelay: [6, 1],
  keepidle: [6, 4],
  keepintvl: [6, 5],
  keepcnt: [6, 6],
};

const LACKS: readonly Need[] = ["given", "files", "renumber"];

function failed(result: number): Failure {
  return new Failure(result === -EAGAIN ? "EAGAIN" : (names.get(-result) ?? `E${-result}`));
}

function start(call: Exports, dispose: () => void): Sockets {
  const bytes = new Bytes(call.memory);
  const ok = (result: number): number => {
    if (result < 0) throw failed(result);
    return result;
  };
  const writeName = ({ family, address, port }: Place): number => {
    bytes.fill(AT.name, 128);
    bytes.set16(AT.name, FAMILY[family]);
    bytes.put(AT.name + 2, Uint8Array.of(port >> 8, port & 0xff));
    bytes.put(AT.name + (family === "inet" ? 4 : 8), addressBytes(address));
    return family === "inet" ? 16 : 28;
  };
  const readName = (): Place => {
    const family = bytes.get16(AT.name) === FAMILY.inet ? "inet" : "inet6";
    const port = bytes.get16be(AT.name + 2);
    const raw = family === "inet" ? bytes.take(AT.name + 4, 4) : bytes.take(AT.name + 8, 16);
    return { family, address: addressText(raw), port };
  };
  const name = (result: number): Place => {
    ok(result);
    return readName();
  };
  const header = (vectors: readonly { length: number }[]): void => {
    let at = DATA;
    vectors.forEach(({ length }, i) => {
      bytes.set32(AT.vectors + 8 * i, at, length);
      at += length;
    });
    bytes.set32(AT.extra, 0, 0, AT.vectors, vectors.length, 0, 0, 0);
  };
  let listeners: Sockets["listeners"] | undefined;
  const s: Sockets = {
    /** This ABI opens them by itself. */
    get listeners() {
      return (listeners ??= (["inet", "inet6"] as const).map((family) => {
        const fd = ok(call["socket"]!(FAMILY[family], TYPE.stream, 0));
        const at = { family, address: family === "inet" ? "127.0.0.1" : "::1", port: 0 } as const;
        ok(call["bind"]!(fd, AT.name, writeName(at)));
        ok(call["listen"]!(fd, 8));
        bytes.set32(AT.out, 128);
        return { fd, address: name(call["getsockname"]!(fd, AT.name, AT.out)) };
      }));
    },
    socket: (family, type) => ok(call["socket"]!(FAMILY[family], TYPE[type], 0)),
    bind: (fd, at) => void ok(call["bind"]!(fd, AT.name, writeName(at))),
    connect: (fd, to) => void ok(call["connect"]!(fd, AT.name, writeName(to))),
    listen: (fd, backlog) => void ok(call["listen"]!(fd, backlog)),
    accept: (fd, nonBlocking) => ok(call["accept4"]!(fd, 0, 0, nonBlocking ? NONBLOCK : 0)),
    send(fd, data) {
      bytes.put(DATA, data);
      return ok(call["send"]!(fd, DATA, data.length, 0));
    },
    recv(fd, size, flag) {
      return bytes.take(DATA, ok(call["recv"]!(fd, DATA, size, flag ? FLAG[flag] : 0)));
    },
    sendto(fd, data, to) {
      bytes.put(DATA, data);
      return ok(call["sendto"]!(fd, DATA, data.length, 0, AT.name, writeName(to)));
    },
    recvfrom(fd, size) {
      bytes.set32(AT.out, 128);
      const count = ok(call["recvfrom"]!(fd, DATA, size, TRUNC, AT.name, AT.out));
      const taken = Math.min(count, size);
      return { bytes: bytes.take(DATA, taken), from: readName(), truncated: count > size };
    },
    shutdown: (fd, how) => void ok(call["shutdown"]!(fd, HOW[how])),
    close: (fd) => void ok(call["close"]!(fd)),
    getsockname(fd) {
      bytes.set32(AT.out, 128);
      return name(call["getsockname"]!(fd, AT.name, AT.out));
    },
    getpeername(fd) {
      bytes.set32(AT.out, 128);
      return name(call["getpeername"]!(fd, AT.name, AT.out));
    },
    setNonBlocking(fd, on) {
      const flags = ok(call["fcntl"]!(fd, F_GETFL, 0)) & ~NONBLOCK;
      ok(call["fcntl"]!(fd, F_SETFL, on ? flags | NONBLOCK : flags));
    },
    poll(wanted, timeout) {
      wanted.forEach(({ fd, events }, i) => {
        bytes.set32(AT.list + 8 * i, fd, EVENT[events]);
      });
      ok(call["poll"]!(AT.list, wanted.length, timeout));
      return wanted.filter((_, i) => bytes.get16(AT.list + 8 * i + 6) !== 0);
    },
    getOption(fd, option) {
      bytes.set32(AT.out, 4);
      ok(call["getsockopt"]!(fd, ...OPTION[option], DATA, AT.out));
      const value = bytes.get32(DATA);
      if (option === "error" && value !== 0) throw failed(-value);
      return value;
    },
    setOption(fd, option, value) {
      ok(call["setsockopt"]!(fd, ...OPTION[option], DATA, bytes.putOption(DATA, option, value)));
    },
    resolve(host, family) {
      bytes.put(AT.extra, Buffer.from(`${host}\0`));
      bytes.fill(AT.list, 32);
      bytes.set32(AT.list, 0, FAMILY[family], TYPE.stream, 0);
      const size = call["getaddrinfo"]!(AT.extra, 0, AT.list, DATA, 65536);
      if (size < 0) throw new Failure(`EAI ${size}`);
      const found: string[] = [];
      for (let at = DATA; at !== 0; at = bytes.get32(at + 28)) {
        const address = bytes.get32(at + 20);
        const raw = family === "inet" ? bytes.take(address + 4, 4) : bytes.take(address + 8, 16);
        found.push(addressText(raw));
      }
      return found;
    },
    sendVectors(fd, vectors) {
      header(vectors);
      bytes.put(DATA, Buffer.concat(vectors));
      return ok(call["sendmsg"]!(fd, AT.extra, 0));
    },
    recvVectors(fd, sizes) {
      header(sizes.map((length) => ({ length })));
      let left = ok(call["recvmsg"]!(fd, AT.extra, 0));
      let at = DATA;
      return sizes.map((size) => {
        const part = bytes.take(at, Math.min(size, left));
        at += size;
        left -= part.length;
        return part;
      });
    },
    write: unable,
    read: unable,
    renumber: unable,
    recvNowhere: (fd, size) => void ok(call["recv"]!(fd, NOWHERE, size, 0)),
    acceptNowhere: (fd) => void ok(call["accept4"]!(fd, AT.name, NOWHERE, 0)),
    dispose,
  };
  return s;
}

export const bsd: Driver = {
  name: "bsd_sockets_v1",
  can: allBut(LACKS),
  async start(allow, wake) {
    const instance = await instantiate<Exports>(module, { allow, wake });
    return start(instance.exports, () => {
      instance.dispose();
    });
  },
};
