// Connections that are made and closed.

import {
  AF,
  Inet,
  SHUT,
  SOCK,
  accept,
  bind,
  close,
  connect,
  getsockname,
  listen,
  recv,
  send,
  shutdown,
  socket,
} from "wasi-sockets/assembly";
import { must } from "./must";

const BACKLOG = 4096;

function dial(peer: Inet): i32 {
  const fd = must("socket", socket(AF.INET, SOCK.STREAM, 0));
  must("connect", connect(fd, peer));
  return fd;
}

/** Connects and closes, amount times: how often; the peer has accepted all of them by then. */
export function connects(port: i32, amount: f64, size: i32): f64 {
  const peer = new Inet("127.0.0.1", port);
  let made: f64 = 0;
  for (; made < amount - 1; made++) close(dial(peer));
  const last = dial(peer);
  must("shutdown", shutdown(last, SHUT.WR));
  made += f64(must("recv", recv(last, new Uint8Array(1))) == 0);
  close(last);
  return made;
}

/** Accepts and closes what the peer connects, amount times: how often. */
export function accepts(port: i32, amount: f64, size: i32): f64 {
  const listener = must("socket", socket(AF.INET, SOCK.STREAM, 0));
  must("bind", bind(listener, new Inet("127.0.0.1", 0)));
  must("listen", listen(listener, BACKLOG));
  const peer = dial(new Inet("127.0.0.1", port));
  const wanted = new Uint8Array(2 * sizeof<u64>());
  store<u64>(wanted.dataStart, (getsockname(listener)! as Inet).port);
  store<u64>(wanted.dataStart + sizeof<u64>(), <u64>amount);
  must("send", send(peer, wanted));
  let made: f64 = 0;
  for (; made < amount; made++) close(must("accept", accept(listener)));
  close(peer);
  close(listener);
  return made;
}
