// An HTTP/1.1 server: answers each request with what it was asked for.

import {
  AF,
  Inet,
  SO,
  SOCK,
  SOL,
  accept,
  bind,
  close,
  errno,
  fdToPort,
  getsockname,
  listen,
  setsockopt,
  socket,
} from "wasi-sockets/assembly";

let listener: i32 = -1;

/** Starts to listen on a loopback port that the kernel chooses: the port, or -errno. */
export function open(): i32 {
  listener = socket(AF.INET, SOCK.STREAM, 0);
  if (listener < 0) return -errno();
  setsockopt(listener, SOL.SOCKET, SO.REUSEADDR, true);
  if (bind(listener, new Inet("127.0.0.1", 0)) < 0 || listen(listener, 16) < 0) return -errno();
  const address = getsockname(listener);
  return address == null ? -errno() : (address as Inet).port;
}

/** Answers so many connections, one after the other: 0, or -errno. */
export function serve(connections: i32): i32 {
  for (let i = 0; i < connections; i++) {
    const fd = accept(listener);
    if (fd < 0) return -errno();
    const port = fdToPort(fd);
    const request = port.readLine();
    for (let line = port.readLine(); line != null && line.length > 0;) line = port.readLine();

    const body = "You asked: " + (request == null ? "nothing" : request) + "\n";
    const length = String.UTF8.byteLength(body);
    port.writeText(
      "HTTP/1.1 200 OK\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\n" +
        `Content-Length: ${length}\r\n` +
        "Connection: close\r\n" +
        "\r\n" +
        body,
    );
    port.close();
  }
  return close(listener) < 0 ? -errno() : 0;
}
