// `npm start`: two AssemblyScript guests speak HTTP with Node, one as the server and one as the client.
// Ends with code 0 only if every byte was as expected.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startGuest } from "./guest.js";
import { dumpInet } from "./hexdump.js";

function show(title: string, lines: readonly string[]): void {
  console.log(`\n${title}\n${lines.map((line) => `    ${line}`).join("\n")}`);
}

/** An AssemblyScript HTTP server on a loopback port, and Node's fetch. */
async function guestServes(): Promise<void> {
  const guest = startGuest("server", { bind: ["tcp:127.0.0.1:0"] }, [["open"], ["serve", 1]]);
  const port = await guest.result();
  assert(port > 0, `the guest could not listen: errno ${-port}`);

  const response = await fetch(`http://127.0.0.1:${port}/hello`);
  const body = await response.text();
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  show(`AssemblyScript server on 127.0.0.1:${port}, asked by Node's fetch for /hello:`, [
    `HTTP/1.1 ${response.status} ${response.statusText}`,
    ...headers,
    "",
    body.trimEnd(),
  ]);

  assert.equal(response.status, 200);
  assert.equal(body, "You asked: GET /hello HTTP/1.1\n");
  assert.equal(await guest.result(), 0);
  await guest.ended;
}

/** A node:http server, and an AssemblyScript client that finds it by getaddrinfo. */
async function guestFetches(): Promise<void> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} from ${request.headers.host}`);
    response.setHeader("Content-Length", "20");
    response.end("Hello from node:http");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const allow = { resolve: ["localhost"], connect: [`tcp:127.0.0.1:${port}`] };
  const guest = startGuest("client", allow, [["fetch", port]]);
  const result = await guest.result();
  await guest.ended;
  server.close();
  show(`AssemblyScript client, asking a node:http server on localhost:${port}:`, guest.lines);

  assert.equal(result, 0);
  assert.deepEqual(requests, ["GET /greeting from localhost"]);
  assert.equal(guest.lines[0], `connected to 127.0.0.1:${port}`);
  assert.equal(guest.lines[1], "HTTP/1.1 200 OK");
  assert.equal(guest.lines.at(-1), "Hello from node:http");

  const dump = await dumpInet("127.0.0.1", port);
  show(`The sockaddr_in of its connect(2) to 127.0.0.1:${port}:`, dump);
  assert.match(dump[1]!, new RegExp(port.toString(16).padStart(4, "0").replace(/(..)/, "$1 ")));
}

// Loopback answers at once: whatever takes longer than this has failed.
setTimeout(() => {
  console.error("\nNo answer within 15 seconds.");
  process.exit(1);
}, 15_000).unref();

await guestServes();
await guestFetches();
console.log("\nEvery byte was as expected.");
