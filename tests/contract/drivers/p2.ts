// WASI 0.2: what a libc makes of its sockets, its streams and its pollables.

import { component, type Interfaces } from "wasi-sockets/p2";
import { Failure, allBut, type Allowed, type Sockets } from "../driver.js";
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

type Tcp = ReturnType<Interfaces["sockets"]["tcpCreateSocket"]["createTcpSocket"]>;
type Udp = ReturnType<Interfaces["sockets"]["udpCreateSocket"]["createUdpSocket"]>;
type Connection = ReturnType<Tcp["finishConnect"]>;
type Datagrams = ReturnType<Udp["stream"]>;
type Pollable = ReturnType<Tcp["subscribe"]>;

/** A socket as a libc has it. */
interface Stream {
  readonly type: "stream";
  readonly socket: Tcp;
  nonBlocking: boolean;
  state: "closed" | "listening" | "connecting" | "connected";
  streams?: Connection;
}
interface Datagram {
  readonly type: "dgram";
  readonly socket: Udp;
  readonly family: keyof typeof FAMILY;
  bound: boolean;
  streams?: Datagrams;
}

/** Options, by the methods that read them here. */
const OPTIONS = optionsBy<Tcp>({
  keepAliveEnabled: (socket) => socket.keepAliveEnabled(),
  keepAliveIdleTime: (socket) => socket.keepAliveIdleTime(),
  keepAliveInterval: (socket) => socket.keepAliveInterval(),
  keepAliveCount: (socket) => socket.keepAliveCount(),
  hopLimit: (socket) => socket.hopLimit(),
  sendBufferSize: (socket) => socket.sendBufferSize(),
  receiveBufferSize: (socket) => socket.receiveBufferSize(),
  isListening: (socket) => socket.isListening(),
});

const MILLION = 1_000_000n;
const UNSPECIFIED = { inet: "0.0.0.0", inet6: "::" } as const;

function start(allow: Allowed, wake: number): Omit<Sockets, "listeners"> {
  const made = component({ allow, wake });
  const { sockets, io, clocks } = made.interfaces;
  const network = sockets.instanceNetwork.instanceNetwork();
  const numbers = new Numbers<Stream | Datagram>();

  /** A function's result, or the failure of its `error-code`. */
  function ok<Result>(call: () => Result): Result {
    try {
      return call();
    } catch (error) {
      throw failure(payloadOf(error) as string);
    }
  }
  /** The same of a stream: undefined where it is closed. */
  function flow<Result>(call: () => Result): Result | undefined {
    try {
      return call();
    } catch (error) {
      const { tag, val } = payloadOf(error) as { tag: string; val?: unknown };
      if (tag === "closed") return undefined;
      throw failure(sockets.network.networkErrorCode(val)!);
    }
  }
  function waitFor(pollable: Pollable): void {
    pollable.block();
    pollable[Symbol.dispose]();
  }
  function stream(fd: number): Stream {
    return numbers.get(fd) as Stream;
  }
  function datagram(fd: number): Datagram {
    return numbers.get(fd) as Datagram;
  }
  function finish(entry: Stream): void {
    if (entry.state !== "connecting") return;
    entry.streams = ok(() => entry.socket.finishConnect());
    entry.state = "connected";
  }
  function connection(fd: number): Connection {
    const entry = stream(fd);
    finish(entry);
    return entry.streams!;
  }
  function bindDatagrams(entry: Datagram, at: Parameters<typeof ipSocketAddress>[0]): void {
    ok(() => {
      entry.socket.startBind(network, ipSocketAddress(at));
    });
    ok(() => {
      entry.socket.finishBind();
    });
    entry.bound = true;
  }
  /** Its directions: where nobody bound it, at an address of the kernel's choice. */
  function directions(entry: Datagram): Datagrams {
    const { family, socket } = entry;
    if (!entry.bound) bindDatagrams(entry, { family, address: UNSPECIFIED[family], port: 0 });
    return (entry.streams ??= ok(() => socket.stream(undefined)));
  }
  function sendDatagram(fd: number, data: Uint8Array, to?: ReturnType<typeof ipSocketAddress>) {
    const [, outgoing] = directions(datagram(fd));
    while (ok(() => outgoing.checkSend()) === 0n) waitFor(outgoing.subscribe());
    const sent = ok(() => outgoing.send([{ data, ...(to && { remoteAddress: to }) }]));
    if (sent !== 1n) throw new Failure("EAGAIN");
    return data.length;
  }
  function receiveDatagram(fd: number) {
    const [incoming] = directions(datagram(fd));
    for (;;) {
      const [received] = ok(() => incoming.receive(1n));
      if (received !== undefined) return received;
      waitFor(incoming.subscribe());
    }
  }
  function pollableOf(fd: number, events: "in" | "out"): Pollable {
    const entry = numbers.get(fd);
    if (entry.type === "stream" && entry.state !== "connected") return entry.socket.subscribe();
    const [incoming, outgoing] = entry.type === "stream" ? entry.streams! : directions(entry);
    return (events === "in" ? incoming : outgoing).subscribe();
  }

  return {
    ...NONE,
    socket(family, type) {
      if (type === "stream") {
        const socket = ok(() => sockets.tcpCreateSocket.createTcpSocket(FAMILY[family]));
        return numbers.add({ type, socket, nonBlocking: false, state: "closed" });
      }
      const socket = ok(() => sockets.udpCreateSocket.createUdpSocket(FAMILY[family]));
      return numbers.add({ type, socket, family, bound: false });
    },
    bind(fd, at) {
      const entry = numbers.get(fd);
      if (entry.type === "dgram") {
        bindDatagrams(entry, at);
        return;
      }
      ok(() => {
        entry.socket.startBind(network, ipSocketAddress(at));
      });
      ok(() => {
        entry.socket.finishBind();
      });
    },
    connect(fd, to) {
      const entry = numbers.get(fd);
      if (entry.type === "dgram") {
        directions(entry).forEach((direction) => {
          direction[Symbol.dispose]();
        });
        entry.streams = ok(() => entry.socket.stream(ipSocketAddress(to)));
        return;
      }
      ok(() => {
        entry.socket.startConnect(network, ipSocketAddress(to));
      });
      entry.state = "connecting";
      if (entry.nonBlocking) throw new Failure("EINPROGRESS");
      waitFor(entry.socket.subscribe());
      finish(entry);
    },
    listen(fd, backlog) {
      const entry = stream(fd);
      ok(() => {
        entry.socket.setListenBacklogSize(BigInt(backlog));
      });
      ok(() => {
        entry.socket.startListen();
      });
      ok(() => {
        entry.socket.finishListen();
      });
      entry.state = "listening";
    },
    accept(fd) {
      const { socket, nonBlocking, state } = stream(fd);
      if (!nonBlocking && state === "listening") waitFor(socket.subscribe());
      const [accepted, ...streams] = ok(() => socket.accept());
      return numbers.add({
        type: "stream",
        socket: accepted,
        nonBlocking: false,
        state: "connected",
        streams,
      });
    },
    send(fd, data) {
      const entry = numbers.get(fd);
      if (entry.type === "dgram") return sendDatagram(fd, data);
      const [, output] = connection(fd);
      let done = 0;
      while (done < data.length) {
        const permit = flow(() => output.checkWrite());
        if (permit === undefined) throw new Failure("EPIPE");
        if (permit > 0n) {
          const part = data.subarray(done, done + Number(permit));
          if (flow(() => (output.write(part), true)) === undefined) throw new Failure("EPIPE");
          done += part.length;
        } else if (entry.nonBlocking) break;
        else waitFor(output.subscribe());
      }
      if (done === 0 && data.length > 0) throw new Failure("EAGAIN");
      if (!entry.nonBlocking) flow(() => (output.blockingFlush(), true));
      return done;
    },
    recv(fd, size) {
      const entry = numbers.get(fd);
      if (entry.type === "dgram") return receiveDatagram(fd).data.slice(0, size);
      const [input] = connection(fd);
      const wanted = BigInt(size);
      const bytes = flow(() =>
        entry.nonBlocking ? input.read(wanted) : input.blockingRead(wanted),
      );
      if (entry.nonBlocking && bytes?.length === 0) throw new Failure("EAGAIN");
      return bytes ?? new Uint8Array(0);
    },
    sendto: (fd, data, to) => sendDatagram(fd, data, ipSocketAddress(to)),
    recvfrom(fd) {
      const { data, remoteAddress } = receiveDatagram(fd);
      return { bytes: data, from: placeOf(remoteAddress), truncated: false };
    },
    shutdown(fd, how) {
      const kind = ({ read: "receive", write: "send", both: "both" } as const)[how];
      ok(() => {
        stream(fd).socket.shutdown(kind);
      });
    },
    close(fd) {
      const { streams, socket } = numbers.take(fd);
      for (const resource of [...(streams ?? []), socket]) resource[Symbol.dispose]();
    },
    getsockname: (fd) => placeOf(ok(() => numbers.get(fd).socket.localAddress())),
    getpeername: (fd) => placeOf(ok(() => numbers.get(fd).socket.remoteAddress())),
    setNonBlocking(fd, on) {
      stream(fd).nonBlocking = on;
    },
    poll(wanted, timeout) {
      const pollables = wanted.map(({ fd, events }) => pollableOf(fd, events));
      if (timeout >= 0) {
        pollables.push(clocks.monotonicClock.subscribeDuration(BigInt(timeout) * MILLION));
      }
      const ready = io.poll.poll(pollables);
      for (const pollable of pollables) pollable[Symbol.dispose]();
      return wanted.filter((_, i) => ready.includes(i));
    },
    getOption: (fd, option) => ok(() => OPTIONS[option]!.get(stream(fd).socket)),
    setOption(fd, option, value) {
      ok(() => {
        OPTIONS[option]!.set(stream(fd).socket, value);
      });
    },
    resolve(host, family) {
      const names = ok(() => sockets.ipNameLookup.resolveAddresses(network, host));
      waitFor(names.subscribe());
      const found = [];
      for (;;) {
        const address = ok(() => names.resolveNextAddress());
        if (address === undefined) return addressesOf(family, found);
        found.push(address);
      }
    },
    dispose() {
      made.dispose();
    },
  };
}

/** A socket listens at its address alone, and has its streams once it is connected. */
const can = allBut([...LACKS, "listen unbound", "recv anywhere", "send unbound"]);

export const p2 = componentDriver("WASI 0.2", can, start);
