// Works whose system calls are counted: each does its part amount times, so that the calls beside them cancel out
// between two amounts. A work takes (port, amount, size), as those of the bench do.

import {
  AF,
  ControlData,
  Inet,
  MSG,
  Messages,
  SOCK,
  SOL,
  UDP,
  accept,
  bind,
  close,
  connect,
  errno,
  getsockname,
  listen,
  recv,
  send,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";

function dial(port: i32): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  assert(connect(fd, new Inet("127.0.0.1", port)) == 0, `connect: errno ${errno()}`);
  return fd;
}

function exchange(port: i32, amount: f64, size: i32, room: i32): f64 {
  const fd = dial(port);
  const message = new Uint8Array(size);
  const answer = new Uint8Array(room);
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    assert(send(fd, message) == size);
    moved += recv(fd, answer);
  }
  close(fd);
  return moved;
}

/** Sends a message and waits for its echo, into a buffer with room for more. */
export function roomy(port: i32, amount: f64, size: i32): f64 {
  return exchange(port, amount, size, 2 * size);
}

/** The same into a buffer that it fills. */
export function tight(port: i32, amount: f64, size: i32): f64 {
  return exchange(port, amount, size, size);
}

function bound(): i32 {
  const fd = socket(AF.INET, SOCK.DGRAM, 0);
  assert(bind(fd, new Inet("127.0.0.1", 0)) == 0);
  return fd;
}

/** Sends a datagram and receives it. */
export function datagrams(port: i32, amount: f64, size: i32): f64 {
  const from = bound();
  const to = bound();
  connect(from, getsockname(to)!);
  const bytes = new Uint8Array(size);
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    assert(send(from, bytes) == size);
    moved += recv(to, bytes);
  }
  return moved;
}

/** Sends datagrams by one call and receives them by one, without asking who sent them. */
function exchangeBatches(amount: f64, size: i32, count: i32): f64 {
  const from = bound();
  const to = bound();
  connect(from, getsockname(to)!);
  const out = new Messages(count);
  const back = new Messages(count, false);
  for (let i = 0; i < count; i++) {
    out.set(i, new Uint8Array(size));
    back.set(i, new Uint8Array(size));
  }
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    assert(out.sendMany(from, count) == count);
    assert(back.receiveMany(to, count, MSG.WAITFORONE) == count);
    assert(back.length(count - 1) == size && back.address(0).length == 0);
    moved += size;
  }
  return moved;
}

/** The same with 32 a call. */
export function batches(port: i32, amount: f64, size: i32): f64 {
  return exchangeBatches(amount, size, 32);
}

/** The same with two a call. */
export function pairs(port: i32, amount: f64, size: i32): f64 {
  return exchangeBatches(amount, size, 2);
}

/** Sends a row of datagrams by one call with UDP_SEGMENT, and receives it by one with UDP_GRO, udp(7). */
export function segments(port: i32, amount: f64, size: i32): f64 {
  const COUNT = 32;
  const from = bound();
  const to = bound();
  connect(from, getsockname(to)!);
  assert(setsockopt(to, SOL.UDP, UDP.GRO, true) == 0);
  const control = new ControlData(16);
  store<u16>(control.add(SOL.UDP, UDP.SEGMENT, sizeof<u16>()), <u16>size);
  const out = new Messages();
  out.set(0, new Uint8Array(COUNT * size), null, control);
  const back = new Messages();
  back.set(0, new Uint8Array(2 * COUNT * size), null, new ControlData(16));
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    assert(out.send(from) == COUNT * size);
    assert(back.receive(to) == COUNT * size);
    moved += size;
  }
  return moved;
}

/** Connects to a socket of its own, accepts that, and closes both ends. */
export function connections(port: i32, amount: f64, size: i32): f64 {
  const listener = socket(AF.INET, SOCK.STREAM, 0);
  assert(bind(listener, new Inet("127.0.0.1", 0)) == 0);
  assert(listen(listener, 1) == 0);
  const there = (getsockname(listener)! as Inet).port;
  let moved: f64 = 0;
  for (let i: f64 = 0; i < amount; i++) {
    const fd = dial(there);
    close(accept(listener));
    close(fd);
    moved += size;
  }
  return moved;
}
