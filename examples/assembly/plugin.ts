// A guest for examples/plugins.ts: tells whoever connects to it whether it can reach a port of this host. Its listener is
// given to it, and what it reaches is for its policy to say.

import {
  AF,
  Inet,
  SOCK,
  accept,
  close,
  connect,
  errno,
  fdToPort,
  getsockname,
  socket,
} from "wasi-sockets/assembly";

const VERSION: i32 = 1;
/** The first socket that a guest is given. */
const LISTENER: i32 = 3;

/** What connect(2) says of a port: 0, or its error number. */
function reach(port: i32): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  if (fd < 0) return errno();
  const error = connect(fd, new Inet("127.0.0.1", port)) < 0 ? errno() : 0;
  close(fd);
  return error;
}

/** Answers each line of a connection, a port, by its version and an error number. */
export function main(): i32 {
  const address = getsockname(LISTENER);
  if (address == null) return errno();
  console.log(`version ${VERSION} listens on ${(address as Inet).port}`);
  while (true) {
    const fd = accept(LISTENER);
    if (fd < 0) return errno();
    const peer = fdToPort(fd);
    for (let line = peer.readLine(); line != null; line = peer.readLine()) {
      peer.writeText(`${VERSION} ${reach(<i32>parseInt(line))}\n`);
    }
    peer.close();
  }
}
