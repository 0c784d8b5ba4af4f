// The other side: node:net and node:dgram in a process of their own, told what to do.

import { Peer } from "../support/peers.js";
import type { Family, Place } from "./driver.js";

const PROGRAM = `
  import dgram from "node:dgram";
  import { once } from "node:events";
  import net from "node:net";
  process.on("disconnect", () => process.exit());
  const things = [];
  const add = (thing) => things.push(thing) - 1;
  const placeOf = ({ address, port, family }) => ({ address, port, family: family === "IPv6" ? "inet6" : "inet" });

  class Connection {
    chunks = Buffer.alloc(0);
    fate = undefined;
    waiting = [];
    constructor(socket) {
      this.socket = socket;
      const settle = (fate) => { this.fate ??= fate; this.tell(); };
      socket.on("data", (chunk) => { this.chunks = Buffer.concat([this.chunks, chunk]); this.tell(); });
      socket.on("connect", () => this.tell());
      socket.on("end", () => settle("end"));
      socket.on("error", (error) => settle(error.code));
      socket.on("close", () => settle("close"));
    }
    tell() { for (const wake of this.waiting.splice(0)) wake(); }
    async until(done) { while (!done()) await new Promise((resolve) => this.waiting.push(resolve)); }
  }

  const commands = {
    async connect({ address, port }) {
      const connection = new Connection(net.connect({ host: address, port, allowHalfOpen: true }));
      await connection.until(() => connection.fate !== undefined || !connection.socket.connecting);
      if (!connection.fate) return add(connection);
      return connection.fate;
    },
    async listen(address, mode) {
      const accepted = [];
      const waiting = [];
      const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: mode === "paused" }, (socket) => {
        if (mode === "echo") { socket.on("error", () => {}); socket.pipe(socket); return; }
        if (mode === "reset") { socket.on("error", () => {}); socket.once("data", () => socket.resetAndDestroy()); return; }
        if (mode === "end") { socket.on("error", () => {}); socket.end(); return; }
        accepted.push(new Connection(socket));
        for (const wake of waiting.splice(0)) wake();
      });
      await once(server.listen(0, address), "listening");
      return [add({ server, accepted, waiting }), placeOf(server.address())];
    },
    async accept(id) {
      const { accepted, waiting } = things[id];
      while (accepted.length === 0) await new Promise((resolve) => waiting.push(resolve));
      return add(accepted.shift());
    },
    async address(id) {
      const { localAddress, localPort, localFamily, remoteAddress, remotePort } = things[id].socket;
      return [
        placeOf({ address: localAddress, port: localPort, family: localFamily }),
        placeOf({ address: remoteAddress, port: remotePort, family: localFamily }),
      ];
    },
    async write(id, text) { await new Promise((resolve) => things[id].socket.write(text, "latin1", resolve)); },
    async flood(id, size) { things[id].socket.end(Buffer.alloc(size, "x")); },
    async end(id) { await new Promise((resolve) => things[id].socket.end(resolve)); },
    async reset(id) {
      const { socket } = things[id];
      const closed = once(socket, "close");
      socket.resetAndDestroy();
      await closed;
    },
    async read(id, count) {
      const connection = things[id];
      await connection.until(() => connection.chunks.length >= count || connection.fate !== undefined);
      const text = connection.chunks.toString("latin1", 0, count);
      connection.chunks = connection.chunks.subarray(count);
      return text;
    },
    async fate(id) { await things[id].until(() => things[id].fate !== undefined); return things[id].fate; },
    async count(id) { await things[id].until(() => things[id].fate !== undefined); return things[id].chunks.length; },
    async datagrams(address, mode) {
      const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
      const received = [];
      const waiting = [];
      socket.on("message", (message, from) => {
        if (mode === "echo") { socket.send(message, from.port, from.address); return; }
        received.push([message.toString("latin1"), placeOf(from)]);
        for (const wake of waiting.splice(0)) wake();
      });
      await new Promise((resolve) => socket.bind(0, address, resolve));
      return [add({ socket, received, waiting }), placeOf(socket.address())];
    },
    async sendto(id, text, { address, port }) {
      await new Promise((resolve) => things[id].socket.send(Buffer.from(text, "latin1"), port, address, resolve));
    },
    async received(id) {
      const { received, waiting } = things[id];
      while (received.length === 0) await new Promise((resolve) => waiting.push(resolve));
      return received.shift();
    },
    /** A port of which nobody listens. */
    async closed(address) {
      const server = net.createServer();
      await once(server.listen(0, address), "listening");
      const place = placeOf(server.address());
      await new Promise((resolve) => server.close(resolve));
      return place;
    },
    async forget() {
      for (const { socket, server } of things.splice(0)) {
        server?.close();
        if (socket instanceof dgram.Socket) socket.close();
        else socket?.destroy();
      }
    },
  };
  process.on("message", async ([id, name, args]) => {
    try { report([id, await commands[name](...args)]); }
    catch (error) { report([id, undefined, String(error.stack)]); }
  });
  function report(message) { process.send(message); }
  report("ready");
`;

const HOSTS = { inet: "127.0.0.1", inet6: "::1" } as const;

/** Node, in another process. Numbers stand for its connections, servers and sockets. */
export class Node {
  readonly #peer: Peer;
  #asked = 0;

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  static async start(): Promise<Node> {
    const peer = new Peer(PROGRAM, {});
    await peer.next();
    return new Node(peer);
  }

  async #ask<Reply>(name: string, ...args: unknown[]): Promise<Reply> {
    const id = this.#asked++;
    this.#peer.tell([id, name, args]);
    for (;;) {
      const [of, reply, error] = await this.#peer.next<[number, Reply, string?]>();
      if (error !== undefined) throw new Error(error);
      if (of === id) return reply; // an earlier one was left alone
    }
  }

  async #tell(name: string, ...args: unknown[]): Promise<void> {
    await this.#ask(name, ...args);
  }

  /** A connection, or the error by which there is none. */
  connect = (to: Place) => this.#ask<number | string>("connect", to);
  /** A server that accepts, echoes, resets what has sent something, or ends at once: its number and its address. */
  listen = (family: Family, mode: "accept" | "echo" | "reset" | "end" | "paused" = "accept") =>
    this.#ask<[server: number, at: Place]>("listen", HOSTS[family], mode);
  accept = (server: number) => this.#ask<number>("accept", server);
  /** The addresses of a connection: its own, and its peer's. */
  address = (connection: number) => this.#ask<[own: Place, peer: Place]>("address", connection);
  write = (connection: number, text: string) => this.#tell("write", connection, text);
  /** Writes so many bytes and the end, and does not wait for it. */
  flood = (connection: number, size: number) => this.#tell("flood", connection, size);
  end = (connection: number) => this.#tell("end", connection);
  reset = (connection: number) => this.#tell("reset", connection);
  /** So many bytes, or fewer where the connection ends. */
  read = (connection: number, count: number) => this.#ask<string>("read", connection, count);
  /** How a connection ended: "end", or an error. */
  fate = (connection: number) => this.#ask<string>("fate", connection);
  /** How many bytes came until then. */
  count = (connection: number) => this.#ask<number>("count", connection);
  datagrams = (family: Family, mode: "keep" | "echo" = "keep") =>
    this.#ask<[socket: number, at: Place]>("datagrams", HOSTS[family], mode);
  sendto = (socket: number, text: string, to: Place) => this.#tell("sendto", socket, text, to);
  received = (socket: number) => this.#ask<[text: string, from: Place]>("received", socket);
  /** An address where nobody listens. */
  closed = (family: Family) => this.#ask<Place>("closed", HOSTS[family]);
  /** Closes everything. */
  forget = () => this.#tell("forget");

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
  }
}
