// The example of the documentation, as it stands there.

// prettier-ignore
import { socket, connect, bind, listen, accept, send, recv, sendto, recvfrom, close, errno,
         getaddrinfo, fcntl, setsockopt, AF, SOCK, IPPROTO, MSG, AI, SOL, SO,
         SocketAddress, Inet, Inet6, Unix } from "wasi-sockets/assembly";

// prettier-ignore
export function main(): i32 {
  const fd = socket(AF.INET, SOCK.STREAM, IPPROTO.TCP);
  if (fd < 0 || connect(fd, new Inet("127.0.0.1", 7000)) < 0) return errno();
  const reply = new Uint8Array(512);
  send(fd, Uint8Array.wrap(String.UTF8.encode("hello")), MSG.NOSIGNAL);
  return recv(fd, reply);                         // count, or -1 and errno()
}
