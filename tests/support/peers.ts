// The other side of a connection: Node's own sockets, in another process. A call of `net` blocks the
// thread, so nothing that it waits for may need this thread's event loop.

import { spawn, type ChildProcess } from "node:child_process";
import { on, once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { Address, Inet6Address, InetAddress } from "wasi-sockets";
import { loopback, unix } from "./sockets.js";

/** How a Node peer treats a connection. */
export type Behaviour =
  /** Sends back what it receives. */
  | "echo"
  /** Receives to the end, then sends how much that was and its hash. */
  | "digest"
  /** As digest, but rests between its reads. */
  | "slow-digest"
  /** Sends bytes and ends. */
  | "source"
  /** Sends bytes one by one, each in a turn of its own, and ends. */
  | "bytewise"
  /** Is told how many bytes come, in 8, and says the same once they have. */
  | "count"
  /** Resets the connection once it has received something. */
  | "reset"
  /** Sends and reads nothing, until it is ended. */
  | "silent";

// The life of a peer is bounded: whoever waits for one that has hung finds its connection closed.
const PRELUDE = `
  import { createHash, randomBytes } from "node:crypto";
  import dgram from "node:dgram";
  import net from "node:net";
  import { setImmediate as turn } from "node:timers/promises";
  const options = JSON.parse(process.argv[1]);
  const report = (message) => process.send(message);
  setTimeout(() => process.exit(1), 20_000);
  process.on("disconnect", () => process.exit());
`;

const BEHAVIOURS = `
  const digest = (chunks) => ({
    count: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    sha256: chunks.reduce((hash, chunk) => hash.update(chunk), createHash("sha256")).digest("hex"),
  });
  async function gather(socket, restingTurns) {
    const chunks = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      for (let turns = 0; turns < restingTurns; turns++) await turn();
    }
    report(digest(chunks));
    socket.end(JSON.stringify(digest(chunks)));
  }
  const behaviours = {
    echo(socket) { socket.pipe(socket); },
    digest(socket) { return gather(socket, 0); },
    "slow-digest"(socket) { return gather(socket, 50); },
    source(socket) {
      const bytes = randomBytes(options.size);
      report(digest([bytes]));
      socket.end(bytes);
    },
    async bytewise(socket) {
      const bytes = randomBytes(options.size);
      report(digest([bytes]));
      socket.setNoDelay();
      for (const byte of bytes) {
        socket.write(Buffer.of(byte));
        await turn();
      }
      socket.end();
    },
    count(socket) {
      const chunks = [];
      let length = 0;
      socket.on("data", (chunk) => {
        length += chunk.length;
        chunks.push(chunk);
        const [first] = chunks;
        if (first.length >= 8 && BigInt(length - 8) === first.readBigUInt64LE()) socket.end(first.subarray(0, 8));
      });
    },
    reset(socket) { socket.once("data", () => socket.resetAndDestroy()); },
    silent() {},
  };
  const behave = (socket) => {
    socket.on("error", (error) => report({ error: error.code }));
    behaviours[options.behaviour](socket);
  };
`;

const SERVER = `${PRELUDE}${BEHAVIOURS}
  const server = net.createServer({ allowHalfOpen: true }, behave);
  server.listen(options.at, () => report(server.address()));
`;

const CLIENT = `${PRELUDE}${BEHAVIOURS}
  const socket = net.connect({ ...options.at, allowHalfOpen: true }, () => behave(socket));
  report(null);
`;

const CALLER = `${PRELUDE}
  const again = () => setTimeout(call, options.pause);
  const call = () => {
    net.connect({ ...options.at, localAddress: options.from }).on("error", () => undefined).on("close", again).resume();
  };
  call();
  report(null);
`;

const DATAGRAMS = `${PRELUDE}
  const socket = dgram.createSocket(options.type);
  socket.on("message", (message, { address, port }) => {
    report({ message: message.toString("latin1"), address, port });
    if (options.echo) socket.send(message, port, address);
  });
  socket.bind(0, options.address, () => report(socket.address()));
  process.on("message", ({ text, port }) => socket.send(Buffer.from(text), port, options.address));
`;

/** A Node process on the other side. */
export class Peer {
  readonly #process: ChildProcess;
  readonly #messages: AsyncIterator<unknown[]>;

  /**
   * @param program JavaScript, which calls `report(message)` once it is ready, and whenever it likes
   * @param options what it finds in `options`
   * @param prefix what goes before the command, such as a host's
   */
  constructor(program: string, options: unknown, prefix: readonly string[] = []) {
    const node = [process.execPath, "--input-type=module", "-e", program, JSON.stringify(options)];
    const [command, ...args] = [...prefix, ...node];
    this.#process = spawn(command!, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#messages = on(this.#process, "message", { close: ["exit"] });
  }

  /** The number of its process. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** What the peer reports next. */
  async next<Message>(): Promise<Message> {
    const { done, value } = (await this.#messages.next()) as IteratorResult<[Message], undefined>;
    if (done) throw new Error("the peer ended without a report");
    return value[0];
  }

  /** Tells the peer something. */
  tell(message: object): void {
    this.#process.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}

/** A peer that others can reach. */
export type Reachable<Place extends Address> = Peer & { readonly address: Place };

/** An address as node:net takes it. */
function nodeAddress(address: Address): object {
  if ("path" in address) return { path: address.path };
  if ("port" in address && "address" in address) {
    return { host: address.address, port: address.port };
  }
  throw new TypeError("node:net knows no other families");
}

/**
 * A node:net server that listens.
 *
 * @param at where
 * @param behaviour how it treats each connection
 * @param size how many bytes it sends
 * @param prefix what goes before its command, such as a host's
 */
export async function nodeServer(
  at: Address,
  behaviour: Behaviour,
  size = 0,
  prefix: readonly string[] = [],
): Promise<Reachable<Address>> {
  const peer = new Peer(SERVER, { at: nodeAddress(at), behaviour, size }, prefix);
  const bound = await peer.next<string | { address: string; port: number; family: string }>();
  if (typeof bound === "string") return Object.assign(peer, { address: unix(bound) });
  const family = bound.family === "IPv6" ? "inet6" : "inet";
  return Object.assign(peer, {
    address: { family, address: bound.address, port: bound.port } as const,
  });
}

/**
 * A node:net client that connects again whenever its connection has ended.
 *
 * @param pause milliseconds until it does
 * @param from its own address
 */
export async function nodeCaller(at: Address, pause = 0, from = "127.0.0.1"): Promise<Peer> {
  const peer = new Peer(CALLER, { at: nodeAddress(at), pause, from });
  await peer.next();
  return peer;
}

/** A node:net client that connects in its own time; parameters as of nodeServer. */
export async function nodeClient(at: Address, behaviour: Behaviour, size = 0): Promise<Peer> {
  const peer = new Peer(CLIENT, { at: nodeAddress(at), behaviour, size });
  await peer.next();
  return peer;
}

/** What a node:dgram peer reports of each datagram. */
export interface Datagram {
  readonly message: string;
  readonly address: string;
  readonly port: number;
}

/** A node:dgram socket that reports what it receives. */
export async function nodeDatagrams(
  family: "inet" | "inet6",
  echo = false,
): Promise<Reachable<InetAddress | Inet6Address>> {
  const { address } = loopback(family);
  const type = family === "inet" ? "udp4" : "udp6";
  const peer = new Peer(DATAGRAMS, { type, address, echo });
  const { port } = await peer.next<{ port: number }>();
  return Object.assign(peer, { address: { family, address, port } });
}

/** A port that nobody listens at. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}
