// A guest whose calls would corrupt each other, were they not made in turns: all of them use its globals, its one
// stack in memory and its one heap.

import {
  AF,
  Inet,
  IPPROTO,
  SOCK,
  close,
  connect,
  errno,
  recv,
  send,
  socket,
} from "wasi-sockets/assembly";


@external("bsd_sockets_v1", "poll")
declare function poll(pollfds: i32, count: i32, timeout: i32): i32;


@external("test", "call")
declare function callEmbedder(number: i32): i32;

let depth = 0;
let log = "";

/** Waits so many milliseconds: how many calls were under way, this one included. */
export function rest(milliseconds: i32): i32 {
  const mine = ++depth;
  log += "<" + milliseconds.toString();
  poll(0, 0, milliseconds);
  log += ">";
  depth--;
  return mine;
}

/** What was begun and ended, in order. */
export function history(): string {
  return log;
}

/** Waits, and then traps. */
export function trap(milliseconds: i32): void {
  poll(0, 0, milliseconds);
  unreachable();
}

/** Waits, and then aborts with a message. */
export function fail(milliseconds: i32): void {
  poll(0, 0, milliseconds);
  throw new Error("on purpose");
}

/** Calls the embedder while it is under way: how many calls were, and what the embedder gave. */
export function through(number: i32): i32 {
  const mine = ++depth;
  const given = callEmbedder(number);
  depth--;
  return mine * 1000 + given;
}

/** What allocates again and again: text, lists and maps, of which each keeps what it was given. */
function fill(kept: Map<string, Array<string>>, seed: i32, round: i32): void {
  for (let i = 0; i < 20; i++) {
    const list = new Array<string>();
    for (let j = 0; j < 20; j++) list.push((seed * round * i * j).toString());
    kept.set(seed.toString() + "/" + round.toString() + "/" + i.toString(), list);
  }
}

function isWhole(kept: Map<string, Array<string>>, seed: i32, rounds: i32): bool {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 20; i++) {
      const list = kept.get(seed.toString() + "/" + round.toString() + "/" + i.toString());
      if (list.length != 20) return false;
      for (let j = 0; j < 20; j++) {
        if (list[j] != (seed * round * i * j).toString()) return false;
      }
    }
  }
  return true;
}

/**
 * Fills the heap, and has an echo server send a text back after each round.
 *
 * @returns how many bytes came back right; -1 where the heap is not as it was left, or -errno
 */
export function converse(port: i32, seed: i32, rounds: i32): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, IPPROTO.TCP);
  if (fd < 0 || connect(fd, new Inet("127.0.0.1", port)) < 0) return -errno();
  const kept = new Map<string, Array<string>>();
  let right = 0;
  for (let round = 0; round < rounds; round++) {
    fill(kept, seed, round);
    const text = "guest " + seed.toString() + " round " + round.toString();
    if (send(fd, Uint8Array.wrap(String.UTF8.encode(text))) < 0) return -errno();
    const reply = new Uint8Array(text.length);
    for (let done = 0; done < text.length;) {
      const count = recv(fd, reply.subarray(done));
      if (count <= 0) return -errno();
      done += count;
    }
    if (String.UTF8.decode(reply.buffer) == text) right += text.length;
    if (!isWhole(kept, seed, round + 1)) return -1;
  }
  close(fd);
  return right;
}
