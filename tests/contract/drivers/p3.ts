// WASI 0.3: what a libc makes of its sockets, which send a stream and receive one.

import { component } from "wasi-sockets/p3";
import { Failure, allBut, unable, type Allowed, type Need, type Sockets } from "../driver.js";
import {
  FAMILY,
  LACKS,
  NONE,
  Numbers,
  addressesOf,
  componentDriver,
  failure,
  ipSocketAddress,
  optionsBy,
  payloadOf,
  placeOf,
} from "./component.js";

type Types = ReturnType<typeof component>["interfaces"]["types"];
type Tcp = ReturnType<Types["TcpSocket"]["create"]>;
type Udp = ReturnType<Types["UdpSocket"]["create"]>;

/** Options, by the methods that read them here. */
const OPTIONS = optionsBy<Tcp>({
  keepAliveEnabled: (socket) => socket.getKeepAliveEnabled(),
  keepAliveIdleTime: (socket) => socket.getKeepAliveIdleTime(),
  keepAliveInterval: (socket) => socket.getKeepAliveInterval(),
  keepAliveCount: (socket) => socket.getKeepAliveCount(),
  hopLimit: (socket) => socket.getHopLimit(),
  sendBufferSize: (socket) => socket.getSendBufferSize(),
  receiveBufferSize: (socket) => socket.getReceiveBufferSize(),
  isListening: (socket) => socket.getIsListening(),
});

/** A function's result, or the failure of its `error-code`. */
async function ok<Result>(call: () => Result): Promise<Awaited<Result>> {
  try {
    return await call();
  } catch (error) {
    const { tag, val } = payloadOf(error) as { tag: string; val?: string };
    throw tag === "other" ? new Failure(val!) : failure(tag);
  }
}

/** The end of a stream that a component writes into, as the host has the other end. */
class Outgoing {
  #bytes: Uint8Array | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  #taken: (() => void) | undefined;

  /** Gives bytes: settled once the host has taken them and asks for more. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#bytes = bytes;
      this.#taken = resolve;
      this.#wake?.();
    });
  }

  /** Gives the end. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Up to so many bytes, in jco's form. */
  async read({ count }: { count: number }): Promise<unknown> {
    if (this.#bytes?.length === 0) {
      this.#bytes = undefined;
      this.#taken!();
    }
    while (this.#bytes === undefined) {
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const value = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(value.length);
    return { done: false, value };
  }
}

/** A socket as a libc has it: each direction once it was used. */
class Stream {
  readonly type = "stream";
  accepted: ReturnType<Tcp["listen"]> | undefined;
  #incoming: ReturnType<Tcp["receive"]> | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  #outgoing: Outgoing | undefined;
  #sent: Promise<never> | undefined;

  constructor(readonly socket: Tcp) {}

  async send(bytes: Uint8Array): Promise<number> {
    if (bytes.length > 0) await Promise.race([this.#writer().write(bytes), this.#sent]);
    return bytes.length;
  }

  async recv(size: number): Promise<Uint8Array> {
    this.#incoming ??= this.socket.receive();
    const [bytes, ended] = this.#incoming;
    if (this.#rest.length === 0 && size > 0) {
      const { value } = await bytes.next();
      if (value !== undefined) this.#rest = value;
      else await ok(() => this.#ended(ended));
    }
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** A component takes a future's value once. */
  #told = false;
  async #ended(ended: Promise<void>): Promise<void> {
    if (this.#told) return;
    this.#told = true;
    await ended;
  }

  async shutdown(how: "read" | "write" | "both"): Promise<void> {
    if (how !== "write") {
      this.#incoming ??= this.socket.receive();
      await this.#incoming[0].return!();
    }
    if (how !== "read") {
      this.#writer().end();
      await this.#sent;
    }
  }

  close(): void {
    this.#outgoing?.end();
    void this.#incoming?.[0].return!();
    void this.accepted?.return!();
    this.socket[Symbol.dispose]();
  }

  #writer(): Outgoing {
    if (this.#outgoing === undefined) {
      this.#outgoing = new Outgoing();
      const sent = ok(() => this.socket.send(this.#outgoing!));
      this.#sent = sent as Promise<never>;
      sent.catch(() => undefined); // it is told at the next send
    }
    return this.#outgoing;
  }
}

class Datagram {
  readonly type = "dgram";
  constructor(readonly socket: Udp) {}
}

function start(allow: Allowed): Omit<Sockets, "listeners"> {
  const made = component({ allow });
  const { types, ipNameLookup } = made.interfaces;
  const numbers = new Numbers<Stream | Datagram>();
  const stream = (fd: number): Stream => numbers.get(fd) as Stream;
  const datagram = (fd: number): Udp => (numbers.get(fd) as Datagram).socket;

  return {
    ...NONE,
    socket: async (family, type) =>
      numbers.add(
        type === "stream"
          ? new Stream(await ok(() => types.TcpSocket.create(FAMILY[family])))
          : new Datagram(await ok(() => types.UdpSocket.create(FAMILY[family]))),
      ),
    bind: (fd, at) =>
      ok(() => {
        numbers.get(fd).socket.bind(ipSocketAddress(at));
      }),
    connect: (fd, to) => ok(() => numbers.get(fd).socket.connect(ipSocketAddress(to))),
    async listen(fd, backlog) {
      const entry = stream(fd);
      await ok(() => {
        entry.socket.setListenBacklogSize(BigInt(backlog));
      });
      entry.accepted = await ok(() => entry.socket.listen());
    },
    async accept(fd) {
      const { value } = await stream(fd).accepted!.next();
      return numbers.add(new Stream(value!));
    },
    async send(fd, data) {
      const entry = numbers.get(fd);
      if (entry.type === "stream") return entry.send(data);
      await ok(() => entry.socket.send(data, undefined));
      return data.length;
    },
    async recv(fd, size) {
      const entry = numbers.get(fd);
      if (entry.type === "stream") return entry.recv(size);
      return (await ok(() => entry.socket.receive()))[0].slice(0, size);
    },
    async sendto(fd, data, to) {
      await ok(() => datagram(fd).send(data, ipSocketAddress(to)));
      return data.length;
    },
    async recvfrom(fd) {
      const [bytes, from] = await ok(() => datagram(fd).receive());
      return { bytes, from: placeOf(from), truncated: false };
    },
    shutdown: (fd, how) => stream(fd).shutdown(how),
    close(fd) {
      const entry = numbers.take(fd);
      if (entry.type === "stream") entry.close();
      else entry.socket[Symbol.dispose]();
    },
    getsockname: async (fd) => placeOf(await ok(() => numbers.get(fd).socket.getLocalAddress())),
    getpeername: async (fd) => placeOf(await ok(() => numbers.get(fd).socket.getRemoteAddress())),
    setNonBlocking: unable,
    poll: unable,
    getOption: (fd, option) => ok(() => OPTIONS[option]!.get(stream(fd).socket)),
    setOption: (fd, option, value) =>
      ok(() => {
        OPTIONS[option]!.set(stream(fd).socket, value);
      }),
    resolve: async (host, family) =>
      addressesOf(family, await ok(() => ipNameLookup.resolveAddresses(host))),
    dispose() {
      made.dispose();
    },
  };
}

/** Every call waits, and shutting a direction down is ending its stream. */
const WAITS: readonly Need[] = ["nonblocking", "poll", "timeout"];
const ENDS: readonly Need[] = ["accept anywhere", "shutdown anywhere", "send ended"];

export const p3 = componentDriver("WASI 0.3", allBut([...LACKS, ...WAITS, ...ENDS]), start);
