// The HTTP server that says hello: http-server.js guest WASM, or http-server.js node. It prints its port and
// serves until it is killed.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { argv } from "node:process";
import { instantiate } from "wasi-sockets";

interface Exports {
  listenHttp(): number;
  serveHttp(): void;
}

async function guest(wasm: string): Promise<void> {
  const allow = { bind: ["tcp:127.0.0.1:0"] };
  const { exports } = await instantiate<Exports>(wasm, { allow, descriptors: 4096 });
  console.log(exports.listenHttp());
  exports.serveHttp();
}

function node(): void {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Length", 6);
    response.end("hello\n");
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
    console.log((server.address() as AddressInfo).port);
  });
}

if (argv[2] === "guest") await guest(argv[3]!);
else node();
