// Ports under node:http, against servers and clients of other processes.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { buffer, text } from "node:stream/consumers";
import { open, type Net, type Port } from "wasi-sockets";
import { describe, expect, test } from "vitest";
import { Peer } from "./support/peers.js";
import { run, turns } from "./support/promises.js";
import { digest, loopback, nativeSockets } from "./support/sockets.js";

const SIZE = 2 * 1024 * 1024 + 9;

/** Counts its connections in a header, and sends a body back. */
const SERVER = `
  import http from "node:http";
  let connections = 0;
  const server = http.createServer((request, response) => {
    response.setHeader("connections", connections);
    if (request.url === "/drop") request.socket.destroy();
    else request.pipe(response);
  });
  server.on("connection", () => connections++);
  server.keepAliveTimeout = Number(JSON.parse(process.argv[1]).keepAlive ?? 5000);
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  setTimeout(() => process.exit(1), 20_000);
`;

const CLIENT = `
  import http from "node:http";
  import { text } from "node:stream/consumers";
  const { port, agents } = JSON.parse(process.argv[1]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const answers = [];
  for (const body of ["one", "two", "x".repeat(1_000_000)]) {
    const request = http.request({ port, host: "127.0.0.1", method: "POST", agent });
    request.end(body);
    const [response] = await (await import("node:events")).once(request, "response");
    answers.push([response.statusCode, response.headers.connections, (await text(response)).length]);
  }
  process.send(answers);
  agent.destroy();
`;

const connected = (bsd: Net, port: number): Port => {
  const fd = bsd.socket("inet", "stream");
  bsd.connect(fd, { family: "inet", address: "127.0.0.1", port });
  return bsd.fdToPort(fd);
};

/** Makes ports of its connections, which end as node:net's do: when the peer ends. */
class PortAgent extends http.Agent {
  readonly ports: Port[] = [];
  constructor(
    readonly bsd: Net,
    options: http.AgentOptions = {},
  ) {
    super(options);
  }
  override createConnection({ port }: { port?: number | string | null }): Port {
    const connection = connected(this.bsd, Number(port));
    connection.allowHalfOpen = false;
    this.ports.push(connection);
    return connection;
  }
}

async function answer(request: http.ClientRequest): Promise<http.IncomingMessage> {
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  return response;
}

describe("http.request over a port", () => {
  test("by createConnection sends a body and receives one", async () => {
    await using peer = new Peer(SERVER, {});
    using bsd = await open();
    const port = await peer.next<number>();
    const connection = connected(bsd, port);
    const request = http.request({ createConnection: () => connection, method: "POST" });
    const content = randomBytes(SIZE);
    request.end(content);
    const response = await answer(request);
    expect(digest(await buffer(response))).toEqual(digest(content));
    if (!connection.closed) await once(connection, "close");
    expect(() => bsd.getsockname(connection.fd)).toThrow(/EBADF/);
  });

  test("by an agent that keeps connections uses one for many requests", async () => {
    await using peer = new Peer(SERVER, {});
    using bsd = await open();
    const port = await peer.next<number>();
    const agent = new PortAgent(bsd, { keepAlive: true, timeout: 10_000 });
    for (let i = 0; i < 5; i++) {
      const request = http.request({ port, agent, method: "POST" });
      request.setNoDelay(true);
      request.end(`number ${i}`);
      const response = await answer(request);
      expect(response.headers["connections"]).toBe("1");
      expect(await text(response)).toBe(`number ${i}`);
      await turns();
    }
    const [connection] = agent.ports;
    expect(agent.ports).toHaveLength(1);
    expect(bsd.getsockopt(connection!.fd, "socket", "keepalive")).toBe(true);
    expect(bsd.getsockopt(connection!.fd, "tcp", "nodelay")).toBe(true);
    agent.destroy();
    expect(connection!.destroyed).toBe(true);
  });

  test("by an agent makes a new connection where the server has closed the old one", async () => {
    await using peer = new Peer(SERVER, { keepAlive: 1 });
    using bsd = await open();
    const port = await peer.next<number>();
    const agent = new PortAgent(bsd, { keepAlive: true });
    for (const connections of ["1", "2"]) {
      const response = await answer(http.get({ port, agent }));
      expect(response.headers["connections"]).toBe(connections);
      response.resume();
      const connection = agent.ports.at(-1)!;
      if (!connection.closed) await once(connection, "close");
    }
    agent.destroy();
  });

  test("fails as over a socket where the server drops the connection", async () => {
    await using peer = new Peer(SERVER, {});
    using bsd = await open();
    const port = await peer.next<number>();
    const request = http.get({ createConnection: () => connected(bsd, port), path: "/drop" });
    const [error] = (await once(request, "error")) as [Error];
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  test("emits timeout where the server is silent", async () => {
    using bsd = await open();
    const listener = bsd.listenPort(loopback("inet"));
    const { port } = listener.address as { port: number };
    const request = http.get({ createConnection: () => connected(bsd, port) });
    request.setTimeout(5);
    request.on("error", () => undefined);
    await once(request, "timeout");
    request.destroy();
  });

  test("lets the process end that keeps an idle connection", async () => {
    await using peer = new Peer(SERVER, { keepAlive: 15_000 });
    const port = await peer.next<number>();
    const { code, output } = await run(`
      const http = await import("node:http");
      const { text } = await import("node:stream/consumers");
      const bsd = await openBlocking();
      const agent = new http.Agent({ keepAlive: true });
      agent.createConnection = () => {
        const fd = bsd.socket("inet", "stream");
        bsd.connect(fd, { family: "inet", address: "127.0.0.1", port: ${port} });
        return bsd.fdToPort(fd);
      };
      const request = http.request({ port: ${port}, agent, method: "POST" });
      request.end("the end");
      console.log(await text((await once(request, "response"))[0]));
    `);
    expect({ code, output }).toEqual({ code: 0, output: "the end\n" });
  });
});

describe('server.emit("connection", port)', () => {
  test("serves keep-alive clients of another process", async () => {
    using bsd = await open();
    const listener = bsd.listenPort(loopback("inet"));
    let connections = 0;
    const seen: unknown[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request.socket.remoteAddress, request.socket.localPort);
      response.setHeader("connections", connections);
      request.pipe(response);
    });
    const { port } = listener.address as { port: number };
    await using peer = new Peer(CLIENT, { port });
    const serving = (async () => {
      for await (const connection of listener) {
        connections++;
        server.emit("connection", connection);
      }
    })();
    expect(await peer.next()).toEqual([
      [200, "1", 3],
      [200, "1", 3],
      [200, "1", 1_000_000],
    ]);
    expect(seen.slice(0, 2)).toEqual(["127.0.0.1", port]);
    listener.close();
    await serving;
    server.close();
  });

  test("closes a connection that is not to be kept, and one that was idle for too long", async () => {
    using bsd = await open();
    const before = nativeSockets().length;
    const listener = bsd.listenPort(loopback("inet"));
    const server = http.createServer((_, response) => response.end("hello"));
    server.keepAliveTimeout = 1;
    const { port } = listener.address as { port: number };
    for (const agent of [undefined, new http.Agent({ keepAlive: true })]) {
      const headers = { connection: agent ? "keep-alive" : "close" };
      const request = http.get({ port, host: "127.0.0.1", agent, headers });
      const { value } = await listener.next();
      server.emit("connection", value);
      const response = await answer(request);
      expect(await text(response)).toBe("hello");
      if (!value!.closed) await once(value!, "close");
    }
    listener.close();
    await turns();
    expect(nativeSockets().length).toBe(before);
  });
});
