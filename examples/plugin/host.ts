// Runs the plugin in this process: its one permission is the server's port. A call of the guest blocks the thread it
// runs in, so the server has one of its own.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { instantiate } from "wasi-sockets";

/** What the plugin exports. */
type Plugin = { ask(port: number): number };

const SERVER = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer((socket) => {
    socket.once("data", (line) => socket.end("you asked: " + line));
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

const server = new Worker(SERVER, { eval: true });
const [port] = (await once(server, "message")) as [number];

const wasm = fileURLToPath(new URL("plugin.wasm", import.meta.url));
for (const allowed of [port, 1]) {
  const guest = await instantiate<Plugin>(wasm, {
    allow: { connect: [`tcp:127.0.0.1:${allowed}`] },
    onDenied: ({ use }) => {
      console.log(`denied: ${use}`);
    },
  });
  console.log(`ask returned ${guest.exports.ask(port)}`);
  guest.dispose();
}
await server.terminate();
