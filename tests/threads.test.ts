// Sockets of a worker thread that is ended from outside, while it is blocked or waits: none of them is left, but for
// one that it may have been about to open.

import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratchPath } from "./support/programs.js";

const host = new URL("../build/host/", import.meta.url).href;
const descriptors = () => readdirSync("/proc/self/fd").length;

let server: Server;
let port: number;
let sockets: Promise<unknown>[] = [];
let file: string;

beforeAll(async () => {
  file = scratchPath("file");
  writeFileSync(file, "bytes");
  server = createServer((socket: Socket) => {
    sockets.push(once(socket.resume(), "close"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
  await lives("parentPort.postMessage('ready');"); // what Node opens once is open
});

afterAll(() => {
  server.close();
});

/** Has a worker live until it says that it is ready, and some moments more: then it is ended. */
async function lives(body: string): Promise<void> {
  const program = `
    const { parentPort, workerData: { host, port, file } } = require("node:worker_threads");
    const at = { family: "inet", address: "127.0.0.1", port };
    process.on("warning", (warning) => { throw warning; });
    (async () => { ${body} })();
  `;
  const worker = new Worker(program, { eval: true, workerData: { host, port, file } });
  await Promise.race([
    once(worker, "message"),
    once(worker, "error").then(([error]) => {
      throw error as Error;
    }),
  ]);
  await worker.terminate();
}

const OPEN = (module: string) => `
  const { open } = await import(host + "${module}.js");
  const net = await open({ preopens: [file] });
`;

test.each([
  ["blocked in recv", 0, OPEN("index"), "ready(); net.recv(fd, new Uint8Array(1));"],
  ["waiting for a promise", 0, OPEN("promises"), "net.recv(fd, new Uint8Array(1)); ready();"],
  ["at work", 1, OPEN("index"), "ready(); for (;;) net.close(net.socket('inet', 'stream'));"],
])("of every kind, %s", async (_, left, openNet, body) => {
  const before = descriptors();
  await lives(`
    ${openNet}
    const fd = net.socket("inet", "stream");
    await net.connect(fd, at);
    const [left, right] = net.socketpair("unix", "stream");
    net.epollCreate();
    const listener = net.socket("inet", "stream");
    net.bind(listener, { ...at, port: 0 });
    net.listen(listener, 4);
    const client = net.socket("inet", "stream");
    await net.connect(client, net.getsockname(listener));
    await net.accept(listener);
    const control = [{ level: "socket", type: "rights", fds: [fd] }];
    await net.sendmsg(left, { data: [Buffer.from("!")], control });
    const passed = await net.recvmsg(right, { data: [new Uint8Array(1)], control: 64 });
    if (passed.control[0].fds.length !== 1) throw new Error("no descriptor was passed");
    const ready = () => parentPort.postMessage("ready");
    ${body}
  `);
  await Promise.all(sockets);
  sockets = [];
  // Two ends of a connection to a server of this process, of which the other end is closed by now.
  expect(descriptors() - before).toBeGreaterThanOrEqual(0);
  expect(descriptors() - before).toBeLessThanOrEqual(left);
});

test("busy on the event loop: what becomes ready while the thread is ended is told to nobody", async () => {
  const before = descriptors();
  for (let i = 0; i < 20; i++) {
    await lives(`
      ${OPEN("promises")}
      const exchange = async () => {
        const [left, right] = net.socketpair("unix", "stream");
        for (;;) {
          const received = net.recv(right, new Uint8Array(1));
          await net.send(left, Buffer.from("!"));
          await received;
          parentPort.postMessage("ready");
        }
      };
      for (let pairs = 0; pairs < 8; pairs++) exchange();
    `);
  }
  expect(descriptors()).toBe(before);
});

test("a descriptor that the worker has closed is nobody's, whoever has its number next", async () => {
  const before = descriptors();
  await lives(`
    ${OPEN("index")}
    for (let i = 0; i < 100; i++) {
      const fds = net.socketpair("unix", "stream");
      fds.forEach((fd) => net.close(fd));
    }
    net.dispose();
    parentPort.postMessage("ready");
  `);
  expect(descriptors()).toBe(before);
  // What this thread has opened since is still open.
  expect(server.listening).toBe(true);
});
