// The plugin: asks a server how it is. It reaches what host.ts allows, and nothing else.

import { AF, Inet, SOCK, connect, errno, fdToPort, socket } from "wasi-sockets/assembly";

/** Says a line to a port of this host, and prints what it answers: 0, or -errno. */
export function ask(port: i32): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, 0);
  if (fd < 0 || connect(fd, new Inet("127.0.0.1", port)) < 0) return -errno();
  const connection = fdToPort(fd);
  connection.writeText("how are you?\n");
  const answer = connection.readLine();
  console.log("the server says: " + (answer == null ? "nothing" : answer));
  return connection.close() < 0 ? -errno() : 0;
}
