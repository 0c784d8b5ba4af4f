// A WASI command, as a guest of run(): its second argument names what it does.

import {
  AF,
  Epoll,
  Inet,
  MSG,
  POLL,
  PollList,
  SOCK,
  accept,
  bind,
  close,
  connect,
  errno,
  getaddrinfo,
  getsockname,
  listen,
  recv,
  send,
  socket,
  socketpair,
} from "wasi-sockets/assembly";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(list: usize, bytes: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(list: usize, bytes: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, vectors: usize, count: i32, read: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, vectors: usize, count: i32, written: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_close")
declare function fd_close(fd: i32): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "poll_oneoff")
declare function poll_oneoff(list: usize, events: usize, count: i32, found: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_raise")
declare function proc_raise(signal: i32): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

/** Room for counts and for vectors. */
const words = memory.data(64, 8);
const lists = memory.data(4096, 8);
const bytes = memory.data(65536, 8);

/** The strings of a list such as args_get gives. */
function strings(count: i32): string[] {
  const result: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = load<u32>(lists + 4 * i);
    let length = 0;
    while (load<u8>(at + length) != 0) length++;
    result.push(String.UTF8.decodeUnsafe(at, length));
  }
  return result;
}

function args(): string[] {
  args_sizes_get(words, words + 4);
  args_get(lists, bytes);
  return strings(load<i32>(words));
}

function environ(): string[] {
  environ_sizes_get(words, words + 4);
  environ_get(lists, bytes);
  return strings(load<i32>(words));
}

/** Reads from standard input into `bytes`: how many, or a negative error number of preview1. */
function read(size: i32): i32 {
  store<usize>(words, bytes);
  store<i32>(words + 4, size);
  const error = fd_read(0, words, 1, words + 8);
  return error != 0 ? -error : load<i32>(words + 8);
}

/** Writes from `bytes`, in two vectors: how many, or a negative error number of preview1. */
function write(fd: i32, size: i32): i32 {
  store<usize>(words, bytes);
  store<i32>(words + 4, size / 2);
  store<usize>(words + 8, bytes + size / 2);
  store<i32>(words + 12, size - size / 2);
  const error = fd_write(fd, words, 2, words + 16);
  return error != 0 ? -error : load<i32>(words + 16);
}

/** Copies standard input to an output: how many bytes, or a negative error number of preview1. */
function copy(fd: i32): i32 {
  let total = 0;
  let size = read(65536);
  for (; size > 0; size = read(65536)) {
    let written = write(fd, size);
    if (written >= 0 && written < size) written = write(fd, size); // it tells why
    if (written < 0) return written;
    total += size;
  }
  return size < 0 ? size : total;
}

/** Waits for standard input, or so many milliseconds: the type of the first event, and how many there are. */
function wait(input: bool, milliseconds: i64): string {
  memory.fill(lists, 0, 96);
  store<u64>(lists, 0x123456789abcdef0);
  store<u32>(lists + 16, 1); // the monotonic clock
  store<u64>(lists + 24, milliseconds * 1000000);
  store<u64>(lists + 48, 7);
  store<u8>(lists + 56, 1); // fd_read of 0
  const error = poll_oneoff(lists, bytes, input ? 2 : 1, words);
  if (error != 0) return "error " + error.toString();
  const type = load<u8>(bytes + 10).toString();
  return "0x" + load<u64>(bytes).toString(16) + " " + type + " " + load<i32>(words).toString();
}

function pair(): i32 {
  return socketpair(AF.UNIX, SOCK.STREAM, 0)![0];
}

function listening(): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  bind(fd, new Inet("127.0.0.1", 0));
  listen(fd, 0);
  return fd;
}

/** Opens and closes for ever. */
function churn(): void {
  const listener = socket(AF.INET, SOCK.STREAM, 0);
  bind(listener, new Inet("127.0.0.1", 0));
  listen(listener, 8);
  const address = getsockname(listener)!;
  while (true) {
    const two = socketpair(AF.UNIX, SOCK.STREAM, 0)!;
    const client = socket(AF.INET, SOCK.STREAM, 0);
    connect(client, address);
    close(accept(listener));
    close(client);
    close(two[0]);
    close(two[1]);
    new Epoll().close();
  }
}

/** Sends to an echo server and receives what it sends back, without end. */
function converse(port: u16): void {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  assert(connect(fd, new Inet("127.0.0.1", port)) == 0, "the server is gone");
  const bytes = new Uint8Array(64);
  while (send(fd, bytes) == 64) assert(recv(fd, bytes, MSG.WAITALL) == 64, "a short answer");
}

/** Calls that never come back by themselves. */
function block(call: string, name: string): void {
  const ten = new Uint8Array(10);
  const fd = call == "accept" || call == "connect" ? listening() : pair();
  console.log("ready");
  if (call == "recv") recv(fd, ten);
  else if (call == "accept") accept(fd);
  else if (call == "getaddrinfo") getaddrinfo(name, null);
  else if (call == "read") read(10);
  else if (call == "sleep") wait(false, 1000000);
  else if (call == "spin") while (true) ten[0]++;
  else if (call == "stubborn") while (true) recv(fd, ten);
  else if (call == "churn") churn();
  else if (call == "write") while (true) write(2, 65536);
  else if (call == "connect") {
    const address = getsockname(fd)!;
    // The queue of the listener is full at some time.
    while (connect(socket(AF.INET, SOCK.STREAM, 0), address) == 0);
  } else if (call == "poll") {
    const list = new PollList(1);
    list.add(fd, POLL.IN);
    list.wait();
  } else if (call == "epoll_wait") {
    const epoll = new Epoll();
    epoll.add(fd, POLL.IN, 0);
    epoll.wait();
  }
  console.log("errno " + errno().toString());
}

export function _start(): void {
  const given = args();
  const what = given[1];
  if (what == "args") console.log(given.join("|"));
  else if (what == "env") console.log(environ().join("|"));
  else if (what == "exit") proc_exit(i32(parseInt(given[2])));
  else if (what == "trap") unreachable();
  else if (what == "abort") throw new Error("no way");
  else if (what == "raise") console.log(proc_raise(9).toString());
  else if (what == "copy") console.error(copy(1).toString());
  else if (what == "wait") console.log(wait(given[2] == "input", i64(parseInt(given[3]))));
  else if (what == "close") console.log([fd_close(1), fd_close(1), write(1, 1)].join(" "));
  else if (what == "serve") {
    console.log("ready");
    const fd = accept(3);
    const ten = new Uint8Array(10);
    console.log(
      String.UTF8.decodeUnsafe(ten.dataStart, recv(fd, ten)) +
        " " +
        socket(AF.INET, SOCK.STREAM, 0).toString(),
    );
  } else if (what == "dial") {
    const fd = socket(AF.INET, SOCK.STREAM, 0);
    console.log(
      connect(fd, new Inet("127.0.0.1", i32(parseInt(given[2])))).toString() +
        " " +
        errno().toString(),
    );
  } else if (what == "converse") {
    console.log("ready");
    converse(u16(parseInt(given[2])));
  } else block(what, given.length > 2 ? given[2] : "");
}
