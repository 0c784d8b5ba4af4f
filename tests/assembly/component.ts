// A component in AssemblyScript: what it imports is in wit/, as the canonical ABI has it for core modules.

// prettier-ignore
@external("wasi:sockets/instance-network@0.2.0", "instance-network")
declare function instanceNetwork(): i32;
// prettier-ignore
@external("wasi:sockets/tcp-create-socket@0.2.0", "create-tcp-socket")
declare function createTcpSocket(family: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/tcp@0.2.0", "[method]tcp-socket.start-connect")
declare function startConnect(socket: i32, network: i32, tag: i32, port: i32, a: i32, b: i32, c: i32, d: i32,
  e: i32, f: i32, g: i32, h: i32, i: i32, j: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/tcp@0.2.0", "[method]tcp-socket.finish-connect")
declare function finishConnect(socket: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/tcp@0.2.0", "[method]tcp-socket.subscribe")
declare function subscribe(socket: i32): i32;
// prettier-ignore
@external("wasi:sockets/network@0.2.0", "network-error-code")
declare function networkErrorCode(error: i32, out: usize): void;
// prettier-ignore
@external("wasi:io/error@0.2.0", "[resource-drop]error")
declare function dropError(error: i32): void;
// prettier-ignore
@external("wasi:io/poll@0.2.0", "[method]pollable.block")
declare function block(pollable: i32): void;
// prettier-ignore
@external("wasi:io/poll@0.2.0", "[resource-drop]pollable")
declare function dropPollable(pollable: i32): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]input-stream.subscribe")
declare function subscribeInput(input: i32): i32;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]input-stream.read")
declare function read(input: i32, length: i64, out: usize): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]input-stream.blocking-read")
declare function blockingRead(input: i32, length: i64, out: usize): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]output-stream.subscribe")
declare function subscribeOutput(output: i32): i32;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]output-stream.check-write")
declare function checkWrite(output: i32, out: usize): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]output-stream.write")
declare function write(output: i32, contents: usize, length: i32, out: usize): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush")
declare function blockingWriteAndFlush(output: i32, contents: usize, length: i32, out: usize): void;

// prettier-ignore
@external("wasi:io/streams@0.2.0", "[resource-drop]input-stream")
declare function dropInput(input: i32): void;
// prettier-ignore
@external("wasi:io/streams@0.2.0", "[resource-drop]output-stream")
declare function dropOutput(output: i32): void;
// prettier-ignore
@external("wasi:sockets/tcp@0.2.0", "[resource-drop]tcp-socket")
declare function dropSocket(socket: i32): void;

const SIZE: i32 = 64;
const CHUNK: i32 = 65536;

const out = memory.data(64, 8);
const message = memory.data(SIZE);
const answer = memory.data(CHUNK);

/** Where the host puts lists of bytes: each is done with before the next comes. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  assert(old == 0 && oldSize == 0 && align == 1 && size <= <usize>CHUNK);
  return answer;
}

/** Ends the component unless the last call has succeeded. */
function expectOk(): void {
  if (load<u8>(out) != 0) unreachable();
}

let socket: i32 = 0;
let input: i32 = 0;
let output: i32 = 0;

function connect(port: i32): void {
  const network = instanceNetwork();
  createTcpSocket(0, out);
  expectOk();
  socket = load<i32>(out, 4);
  startConnect(socket, network, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, out);
  expectOk();
  const pollable = subscribe(socket);
  block(pollable);
  dropPollable(pollable);
  finishConnect(socket, out);
  expectOk();
  input = load<i32>(out, 4);
  output = load<i32>(out, 8);
}

function disconnect(): void {
  dropInput(input);
  dropOutput(output);
  dropSocket(socket);
}

/**
 * Sends messages, and takes each back, as wasi-libc's send(2) and recv(2) do: how many came back as they were sent.
 */
export function pingpong(port: i32, rounds: i32): i32 {
  connect(port);
  const pollable = subscribeInput(input);
  let same = 0;
  for (let round = 0; round < rounds; round++) {
    memory.fill(message, <u8>round, SIZE);
    checkWrite(output, out);
    expectOk();
    if (load<u64>(out, 8) < <u64>SIZE) unreachable();
    write(output, message, SIZE, out);
    expectOk();
    let matches = true;
    for (let got = 0; got < SIZE;) {
      read(input, SIZE - got, out);
      expectOk();
      const count = load<i32>(out, 8);
      if (count == 0) block(pollable);
      else if (memory.compare(load<u32>(out, 4), message, count) != 0) matches = false;
      got += count;
    }
    if (matches) same++;
  }
  dropPollable(pollable);
  disconnect();
  return same;
}

/** Says how many bytes it sends, and sends them, as much at a time as it may: how many the peer says have come. */
export function pour(port: i32, amount: i64): i64 {
  connect(port);
  const writable = subscribeOutput(output);
  store<i64>(message, amount);
  blockingWriteAndFlush(output, message, sizeof<i64>(), out);
  expectOk();
  for (let left = amount; left > 0;) {
    checkWrite(output, out);
    expectOk();
    const permit = load<i64>(out, 8);
    const size = min(min(permit, left), CHUNK);
    if (size == 0) {
      block(writable);
      continue;
    }
    write(output, answer, <i32>size, out);
    expectOk();
    left -= size;
  }
  dropPollable(writable);
  for (let got = 0; got < sizeof<i64>();) {
    blockingRead(input, sizeof<i64>() - got, out);
    expectOk();
    const count = load<i32>(out, 8);
    memory.copy(message + got, load<u32>(out, 4), count);
    got += count;
  }
  disconnect();
  return load<i64>(message);
}

/** Makes a socket: whether there is one. */
export function create(): i32 {
  createTcpSocket(0, out);
  if (load<u8>(out) != 0) return 0;
  dropSocket(load<i32>(out, 4));
  return 1;
}

/** Says how many bytes it wants, 0 for nothing, and reads to the end: how many came. */
export function drain(port: i32, wanted: i64): i64 {
  connect(port);
  if (wanted != 0) {
    store<i64>(message, wanted);
    blockingWriteAndFlush(output, message, sizeof<i64>(), out);
    expectOk();
  }
  let total: i64 = 0;
  for (;;) {
    blockingRead(input, CHUNK, out);
    if (load<u8>(out) != 0) break;
    total += load<i32>(out, 8);
  }
  // Closed, and no failure.
  const ended = load<u8>(out, 4) == 1;
  disconnect();
  return ended ? total : -total;
}

/** Has its connection reset: what network-error-code says of that, and 100 more where the stream is closed then. */
export function fail(port: i32): i32 {
  connect(port);
  blockingWriteAndFlush(output, message, SIZE, out);
  expectOk();
  blockingRead(input, 1, out);
  if (load<u8>(out) != 1 || load<u8>(out, 4) != 0) return -1;
  const error = load<i32>(out, 8);
  networkErrorCode(error, out);
  if (load<u8>(out) != 1) return -2;
  const code = load<u8>(out, 1);
  dropError(error);
  blockingRead(input, 1, out);
  return load<u8>(out) == 1 && load<u8>(out, 4) == 1 ? code + 100 : code;
}
