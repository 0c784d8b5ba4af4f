// The proxy among the examples, with curl and node:net as its clients and node:http and node:net as the servers behind it.

import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Example, compileExample } from "./support/examples.js";
import { testWith } from "./support/programs.js";

const execute = promisify(execFile);

let http: Server;
let port: number;
const asked: string[] = [];

beforeAll(async () => {
  await compileExample("proxy");
  http = createServer((request, response) => {
    const { connection, host, "proxy-connection": proxied } = request.headers;
    asked.push(`${request.method} ${request.url} ${host} ${connection} ${String(proxied)}`);
    void buffer(request).then((body) => {
      response.end(`${body.length} bytes to ${request.url}\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  ({ port } = http.address() as AddressInfo);
});

afterAll(() => {
  http.closeAllConnections();
  http.close();
});

/** A proxy that listens. */
class Proxy extends Example {
  /** Its port. */
  at = "";

  static async to(...destinations: string[]): Promise<Proxy> {
    const proxy = new Proxy("proxy", ["0", ...destinations]);
    proxy.at = await proxy.line(/^listening on 127\.0\.0\.1:(\d+)$/);
    return proxy;
  }
}

/** What curl gets of a URL by way of a proxy: the body, and behind it the status. */
async function curl(at: string, ...args: string[]): Promise<string> {
  const how = ["--silent", "--proxy", `http://127.0.0.1:${at}`, "--max-time", "15"];
  const { stdout } = await execute("curl", [...how, "--write-out", "%{http_code}", ...args], {
    env: {},
  });
  return stdout;
}

/** How a proxy answers a head, by its first line. */
async function answerTo(at: string, head: string): Promise<string> {
  const socket = connect(Number(at), "127.0.0.1");
  socket.end(head);
  return (await text(socket)).split("\r\n")[0]!;
}

testWith("curl")(
  "curl's requests in absolute form reach a node:http server, and its answers curl",
  async () => {
    // prettier-ignore
    await using proxy = await Proxy.to(`tcp:127.0.0.1:${port}`);
    const url = `http://127.0.0.1:${port}/hello?x=1`;
    expect(await curl(proxy.at, url)).toBe("0 bytes to /hello?x=1\n200");
    expect(asked.splice(0)).toEqual([`GET /hello?x=1 127.0.0.1:${port} close undefined`]);
    const body = "y".repeat(100_000);
    expect(await curl(proxy.at, "--header", "Expect:", "--data-binary", body, url)).toBe("100000 bytes to /hello?x=1\n200"); // prettier-ignore
    expect(await curl(proxy.at, `http://127.0.0.1:${port}`)).toBe("0 bytes to /\n200");
    proxy.interrupt();
    expect(await proxy.rest()).toEqual(["served 3 connections"]);
  },
);

testWith("curl")("curl tunnels by CONNECT", async () => {
  await using proxy = await Proxy.to(`tcp:127.0.0.1:${port}`);
  asked.splice(0);
  const url = `http://127.0.0.1:${port}`;
  expect(await curl(proxy.at, "--proxytunnel", `${url}/one`, `${url}/two`)).toBe(
    "0 bytes to /one\n2000 bytes to /two\n200",
  );
  expect(asked.splice(0)).toEqual([
    `GET /one 127.0.0.1:${port} undefined undefined`,
    `GET /two 127.0.0.1:${port} undefined undefined`,
  ]);
});

test("what it may not reach is forbidden, and where nobody listens is a bad gateway", async () => {
  const closed = createTcp().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const nobody = (closed.address() as AddressInfo).port;
  closed.close();
  await once(closed, "close");

  await using proxy = await Proxy.to(`tcp:127.0.0.1:${nobody}`, "localhost:1");
  for (const host of [`127.0.0.1:${port}`, "127.0.0.2:80", "[::1]:80", "other.test:80"]) {
    expect(await answerTo(proxy.at, `CONNECT ${host} HTTP/1.1\r\n\r\n`)).toBe(
      "HTTP/1.1 403 Forbidden",
    );
  }
  const bad = "HTTP/1.1 502 Bad Gateway";
  expect(await answerTo(proxy.at, `CONNECT 127.0.0.1:${nobody} HTTP/1.1\r\n\r\n`)).toBe(bad);
  expect(await answerTo(proxy.at, `GET http://127.0.0.1:${nobody}/ HTTP/1.1\r\n\r\n`)).toBe(bad);
  proxy.interrupt();
  expect(await proxy.rest()).toEqual(["served 6 connections"]);
});

test.each([
  ["GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
  ["GET ftp://127.0.0.1/ HTTP/1.1\r\n\r\n", "400 Bad Request"],
  ["CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n", "400 Bad Request"],
  ["nonsense\r\n\r\n", "400 Bad Request"],
  [`GET http://127.0.0.1/ HTTP/1.1\r\nX: ${"x".repeat(9000)}`, "431 Request Header Fields Too Large"], // prettier-ignore
])("what is no request for a proxy is answered so: %.32j", async (head, status) => {
  await using proxy = await Proxy.to("tcp:127.0.0.1:1");
  const socket = connect(Number(proxy.at), "127.0.0.1");
  socket.on("error", () => undefined); // what it did not read is reset
  socket.write(head);
  const [first] = (await once(socket, "data")) as [Buffer];
  expect(first.toString().split("\r\n")[0]).toBe(`HTTP/1.1 ${status}`);
  socket.destroy();
});

test("tunnels that rest hold nobody up, and both directions of a tunnel carry bytes at once", async () => {
  const server = createTcp((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const echo = (server.address() as AddressInfo).port;
  await using proxy = await Proxy.to(`tcp:127.0.0.1:${echo}`);

  const resting: Socket[] = [];
  for (let i = 0; i < 20; i++) {
    const socket = connect(Number(proxy.at), "127.0.0.1");
    socket.write(i % 2 === 0 ? "CONN" : `CONNECT 127.0.0.1:${echo} HTTP/1.1\r\n\r\n`);
    resting.push(socket);
  }
  const bytes = randomBytes(4 * 1024 * 1024);
  const socket = connect(Number(proxy.at), "127.0.0.1");
  // The first of the bytes come in one piece with the head.
  socket.write(Buffer.concat([Buffer.from(`CONNECT 127.0.0.1:${echo} HTTP/1.1\r\n\r\n`), bytes.subarray(0, 1000)])); // prettier-ignore
  socket.end(bytes.subarray(1000));
  const echoed = await buffer(socket);
  const head = "HTTP/1.1 200 Connection Established\r\n\r\n";
  expect(echoed.subarray(0, head.length).toString()).toBe(head);
  const hash = (part: Uint8Array) => createHash("sha256").update(part).digest("hex");
  expect(hash(echoed.subarray(head.length))).toBe(hash(bytes));

  for (const other of resting) other.destroy();
  proxy.interrupt();
  expect(await proxy.rest()).toEqual(["served 21 connections"]);
  server.close();
});
