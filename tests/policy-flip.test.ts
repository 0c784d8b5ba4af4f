// A guest with two threads on one memory: the second changes the address all the time, while the first passes it
// to calls. Whatever arrives anywhere arrives where the guest is allowed to send. Real sockets wait for it
// wherever else the bytes of both addresses could lead, halves of them mixed as well.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect as connectTo, createServer, type Server } from "node:net";
import { Worker } from "node:worker_threads";
import { instantiate, type InetAddress } from "wasi-sockets";
import { encodeAddress } from "#host/address";
import { marshal, marshalBytes } from "#host/marshal";
import { beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { compileFile } from "./support/guest.js";
import { errnoOf } from "./support/sockets.js";

// prettier-ignore
type Raw = Record<"socket" | "close" | "connect" | "sendto" | "sendmsg" | "sendmmsg", (...args: number[]) => number>;

const { AF, SOCK, iovec, mmsghdr, msghdr, sockaddr_in } = marshal;
const [ALLOWED, FORBIDDEN, TARGET, STOP, BUFFER, HEADERS, VECTORS] = [
  1024, 1088, 1152, 1216, 1280, 2048, 4096,
];
const EACCES = -errnoOf("EACCES");
const NEAR = "127.0.0.1";
const FAR = "127.0.0.2";
/** How often each of the two outcomes must be seen, and how often is tried for it. */
const [ENOUGH, TRIES] = [200, 2_000_000];

const FLIPPER = `
  const { parentPort, workerData: { module, memory, args } } = require("node:worker_threads");
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  parentPort.postMessage("ready");
  exports.flip(...args);
`;

const shared = [
  "--enable",
  "threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "1",
];
let raw: WebAssembly.Module;
let flipper: WebAssembly.Module;

beforeAll(async () => {
  const flags = [...shared, "--runtime", "stub", "--use", "abort="];
  raw = await WebAssembly.compile(await compileFile("raw", flags));
  flipper = await WebAssembly.compile(await compileFile("flip", flags));
});

let memory: WebAssembly.Memory;
let view: DataView;
beforeEach(() => {
  memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  view = new DataView(memory.buffer);
});

function write(at: number, address: InetAddress): void {
  const length = encodeAddress(marshal, marshalBytes, address, () => 0);
  new Uint8Array(memory.buffer).set(
    marshalBytes.subarray(marshal.address, marshal.address + length),
    at,
  );
}

/** Starts the guest and its second thread. */
async function start(transport: string, allowed: InetAddress, forbidden: InetAddress) {
  write(ALLOWED, allowed);
  write(FORBIDDEN, forbidden);
  write(TARGET, allowed);
  const allow = { connect: [`${transport}:${allowed.address}:${allowed.port}`] };
  const imports = { env: { memory } };
  const instance = await instantiate<Raw>(raw, { allow, imports });
  const args = [ALLOWED, FORBIDDEN, TARGET, sockaddr_in.sizeof, STOP];
  const worker = new Worker(FLIPPER, { eval: true, workerData: { module: flipper, memory, args } });
  onTestFinished(async () => {
    Atomics.store(new Int32Array(memory.buffer), STOP / 4, 1);
    await worker.terminate();
    instance.dispose();
  });
  await once(worker, "message");
  return instance.exports;
}

/** Tries until both outcomes were seen often enough: how often each was. */
function race(attempt: () => number): { sent: number; refused: number } {
  let [sent, refused] = [0, 0];
  for (let i = 0; i < TRIES && (sent < ENOUGH || refused < ENOUGH); i++) {
    const result = attempt();
    if (result >= 0) sent++;
    else if (result === EACCES) refused++;
    else throw new Error(`the call gave ${result}`);
  }
  return { sent, refused };
}

/** The addresses that the halves of two make. */
function mixed(allowed: InetAddress, forbidden: InetAddress): InetAddress[] {
  return [forbidden, { ...forbidden, port: allowed.port }, { ...allowed, port: forbidden.port }];
}

async function datagrams({ address, port }: InetAddress) {
  const socket = createSocket("udp4");
  onTestFinished(() => {
    socket.close();
  });
  socket.bind(port, address);
  await once(socket, "listening");
  const heard: string[] = [];
  socket.on("message", (message) => heard.push(message.toString()));
  const place: InetAddress = { family: "inet", address, port: socket.address().port };
  return { socket, heard, place };
}

/** What a socket has heard, up to a last message of ours. */
async function allHeard({
  socket,
  heard,
  place,
}: {
  socket: Socket;
  heard: string[];
  place: InetAddress;
}) {
  const from = createSocket("udp4");
  from.send("last", place.port, place.address);
  while (heard.at(-1) !== "last") await once(socket, "message");
  from.close();
  return heard.slice(0, -1);
}

/** Writes the headers of so many messages of one byte to TARGET. */
function headers(count: number): void {
  view.setUint32(VECTORS + iovec.iov_base, BUFFER, true);
  view.setUint32(VECTORS + iovec.iov_len, 1, true);
  for (let i = 0; i < count; i++) {
    const at = HEADERS + i * mmsghdr.sizeof;
    view.setUint32(at + msghdr.msg_name, TARGET, true);
    view.setUint32(at + msghdr.msg_namelen, sockaddr_in.sizeof, true);
    view.setUint32(at + msghdr.msg_iov, VECTORS, true);
    view.setUint32(at + msghdr.msg_iovlen, 1, true);
  }
}

const sends: [call: string, (guest: Raw, fd: number) => number][] = [
  ["sendto", (guest, fd) => guest.sendto(fd, BUFFER, 1, 0, TARGET, sockaddr_in.sizeof)],
  ["sendmsg", (guest, fd) => guest.sendmsg(fd, HEADERS, 0)],
  ["sendmmsg", (guest, fd) => guest.sendmmsg(fd, HEADERS, 4, 0)],
];

test.each(sends)("%s sends nothing to an address that was swapped in", async (_, send) => {
  const allowed = await datagrams({ family: "inet", address: NEAR, port: 0 });
  const forbidden = await datagrams({ family: "inet", address: FAR, port: 0 });
  const others = [forbidden];
  for (const place of mixed(allowed.place, forbidden.place).slice(1))
    others.push(await datagrams(place));
  headers(4);
  new Uint8Array(memory.buffer)[BUFFER] = 65;
  const guest = await start("udp", allowed.place, forbidden.place);
  const fd = guest.socket(AF.INET, SOCK.DGRAM, 0);
  const { sent, refused } = race(() => send(guest, fd));
  expect(sent).toBeGreaterThanOrEqual(ENOUGH);
  expect(refused).toBeGreaterThanOrEqual(ENOUGH);
  for (const other of others) expect(await allHeard(other)).toEqual([]);
  const heard = await allHeard(allowed);
  expect(heard.length).toBeGreaterThan(0);
  expect(new Set(heard)).toEqual(new Set(["A"]));
});

async function listens({ address, port }: InetAddress) {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  server.listen(port, address, 4096);
  onTestFinished(() => {
    server.close();
  });
  await once(server, "listening");
  const bound = server.address() as { port: number };
  const place: InetAddress = { family: "inet", address, port: bound.port };
  /** How many connections came, up to a last one of ours. */
  const count = async () => {
    const last = connectTo({ host: address, port: place.port });
    await once(last, "close");
    return connections - 1;
  };
  return { place, count };
}

test("connect reaches no address that was swapped in", async () => {
  const allowed = await listens({ family: "inet", address: NEAR, port: 0 });
  const forbidden = await listens({ family: "inet", address: FAR, port: 0 });
  const others = [forbidden];
  for (const place of mixed(allowed.place, forbidden.place).slice(1))
    others.push(await listens(place));
  const guest = await start("tcp", allowed.place, forbidden.place);
  let connected = 0;
  const { sent, refused } = race(() => {
    if (connected >= 2 * ENOUGH) return EACCES; // no more than the queue of a server holds
    const fd = guest.socket(AF.INET, SOCK.STREAM, 0);
    const result = guest.connect(fd, TARGET, sockaddr_in.sizeof);
    if (result === 0) connected++;
    guest.close(fd);
    return result;
  });
  expect(sent).toBeGreaterThanOrEqual(ENOUGH);
  expect(refused).toBeGreaterThanOrEqual(ENOUGH);
  for (const other of others) expect(await other.count()).toBe(0);
  // Some were refused when they asked how the connection went, with the other address.
  expect(await allowed.count()).toBeGreaterThanOrEqual(connected);
});
