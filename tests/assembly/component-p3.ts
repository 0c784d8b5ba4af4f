// A component of WASI 0.3 in AssemblyScript: what it imports is in ../components/p3, as the canonical ABI has it for core
// modules. Its functions wait where they stand, and so are done when they return, and never called back. They are renamed
// for the canonical ABI, `[async-lift]pingpong`.

// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[static]tcp-socket.create")
declare function create(family: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[method]tcp-socket.connect")
declare function connectTo(socket: i32, tag: i32, port: i32, a: i32, b: i32, c: i32, d: i32, e: i32, f: i32, g: i32,
  h: i32, i: i32, j: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[method]tcp-socket.send")
declare function send(socket: i32, data: i32): i32;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[method]tcp-socket.receive")
declare function receive(socket: i32, out: usize): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[resource-drop]tcp-socket")
declare function dropSocket(socket: i32): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[stream-new-0][method]tcp-socket.send")
declare function newStream(): i64;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[stream-write-0][method]tcp-socket.send")
declare function write(stream: i32, bytes: usize, size: i32): i32;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[stream-drop-writable-0][method]tcp-socket.send")
declare function dropWritable(stream: i32): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[future-read-1][method]tcp-socket.send")
declare function readSent(future: i32, out: usize): i32;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[future-drop-readable-1][method]tcp-socket.send")
declare function dropSent(future: i32): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[stream-read-0][method]tcp-socket.receive")
declare function read(stream: i32, bytes: usize, size: i32): i32;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[stream-drop-readable-0][method]tcp-socket.receive")
declare function dropReadable(stream: i32): void;
// prettier-ignore
@external("wasi:sockets/types@0.3.0", "[future-drop-readable-1][method]tcp-socket.receive")
declare function dropReceived(future: i32): void;
// prettier-ignore
@external("[export]$root", "[task-return]pingpong")
declare function returnPingpong(same: i32): void;
// prettier-ignore
@external("[export]$root", "[task-return]pour")
declare function returnPour(heard: i64): void;
// prettier-ignore
@external("[export]$root", "[task-return]drain")
declare function returnDrain(total: i64): void;

const SIZE: i32 = 64;
const CHUNK: i32 = 65536;
/** The lower bits of what write and read give say whether the other end is there, the others how many bytes moved. */
const COUNT: i32 = 4;
const DROPPED: i32 = 1;
/** What a function returns that is done. */
const EXIT: i32 = 0;

const out = memory.data(64, 8);
const message = memory.data(SIZE, 8);
const answer = memory.data(CHUNK);

/** Where the host puts the text of an error: it is done with before the next comes. */
export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
  assert(old == 0 && oldSize == 0 && size <= <usize>CHUNK);
  return answer;
}

/** What would be called when something has happened that a function waits for elsewhere. */
export function callback(event: i32, a: i32, b: i32): i32 {
  return unreachable();
}

/** Ends the component unless the last call has succeeded. */
function expectOk(): void {
  if (load<u8>(out) != 0) unreachable();
}

let socket: i32 = 0;
let input: i32 = 0;
let received: i32 = 0;
let output: i32 = 0;
let sent: i32 = 0;
/** Whether the peer has ended its direction. */
let ended: bool = false;

function connect(port: i32): void {
  create(0, out);
  expectOk();
  socket = load<i32>(out, 4);
  connectTo(socket, 0, port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, out);
  expectOk();
  const both = newStream();
  output = <i32>(both >>> 32);
  sent = send(socket, <i32>both);
  receive(socket, out);
  input = load<i32>(out);
  received = load<i32>(out, 4);
  ended = false;
}

/** Ends the direction to the peer, and waits until all is sent. */
function finish(): void {
  dropWritable(output);
  readSent(sent, out);
  expectOk();
  dropSent(sent);
}

function disconnect(): void {
  dropReadable(input);
  dropReceived(received);
  dropSocket(socket);
}

/** Writes all of some bytes. */
function writeAll(bytes: usize, size: i32): void {
  for (let done = 0; done < size;) {
    const result = write(output, bytes + done, size - done);
    if ((result & DROPPED) != 0) unreachable();
    done += result >>> COUNT;
  }
}

/** Reads some bytes: how many, 0 at the end, which may be told with the last of them. */
function readSome(bytes: usize, size: i32): i32 {
  if (ended) return 0;
  const result = read(input, bytes, size);
  ended = (result & DROPPED) != 0;
  return result >>> COUNT;
}

/** Sends messages, and takes each back: how many came back as they were sent. */
export function pingpong(port: i32, rounds: i32): i32 {
  connect(port);
  let same = 0;
  for (let round = 0; round < rounds; round++) {
    memory.fill(message, <u8>round, SIZE);
    writeAll(message, SIZE);
    let got = 0;
    while (got < SIZE) {
      const count = readSome(answer + got, SIZE - got);
      if (count == 0) unreachable();
      got += count;
    }
    if (memory.compare(answer, message, SIZE) == 0) same++;
  }
  finish();
  disconnect();
  returnPingpong(same);
  return EXIT;
}

/** Says how many bytes it sends, and sends them: how many the peer says have come. */
export function pour(port: i32, amount: i64): i32 {
  connect(port);
  store<i64>(message, amount);
  writeAll(message, sizeof<i64>());
  for (let left = amount; left > 0; left -= CHUNK) writeAll(answer, <i32>min<i64>(left, CHUNK));
  for (let got = 0; got < sizeof<i64>();) {
    const count = readSome(message + got, sizeof<i64>() - got);
    if (count == 0) unreachable();
    got += count;
  }
  finish();
  disconnect();
  returnPour(load<i64>(message));
  return EXIT;
}

/** Says how many bytes it wants, and reads to the end: how many came. */
export function drain(port: i32, wanted: i64): i32 {
  connect(port);
  store<i64>(message, wanted);
  writeAll(message, sizeof<i64>());
  let total: i64 = 0;
  for (let count: i32; (count = readSome(answer, CHUNK)) > 0;) total += count;
  finish();
  disconnect();
  returnDrain(total);
  return EXIT;
}
