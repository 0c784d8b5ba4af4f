// What takes no peer: errors, descriptor flags, options, addresses, the resolver.

import {
  AF,
  AI,
  AddressInfoHints,
  EAI,
  F,
  FD,
  Inet,
  Inet6,
  IPPROTO,
  MSG,
  O,
  SO,
  SOCK,
  SOL,
  SocketAddress,
  TCP,
  Unix,
  accept,
  bind,
  close,
  connect,
  eai,
  errno,
  fcntl,
  fcntlSet,
  getaddrinfo,
  getsockopt,
  listen,
  recv,
  recvfrom,
  send,
  sendto,
  setLinger,
  setTimeout,
  setsockopt,
  socket,
  socketpair,
} from "wasi-sockets/assembly";

const byte = new Uint8Array(1);

/** errno(), where a call gave what C gives for a failure. */
function failure(result: i32): i32 {
  return result == -1 ? errno() : 0;
}

function tcp(): i32 {
  return socket(AF.INET, SOCK.STREAM, IPPROTO.TCP);
}

function udp(): i32 {
  return socket(AF.INET, SOCK.DGRAM, IPPROTO.UDP);
}

export function refused(port: i32): i32 {
  return failure(connect(tcp(), new Inet("127.0.0.1", port)));
}

export function unknownFamily(): i32 {
  return failure(socket(12345, SOCK.STREAM, 0));
}

export function badAddress(): i32 {
  return failure(bind(tcp(), new Inet("127.0.0.256", 0)));
}

export function badPort(): i32 {
  return failure(bind(tcp(), new Inet("127.0.0.1", 65536)));
}

export function longPath(): i32 {
  return failure(bind(socket(AF.UNIX, SOCK.STREAM, 0), new Unix("x".repeat(109))));
}

export function inUse(port: i32): i32 {
  return failure(bind(tcp(), new Inet("127.0.0.1", port)));
}

export function listenOnDatagrams(): i32 {
  return failure(listen(udp(), 1));
}

export function acceptWithoutListening(): i32 {
  return failure(accept(tcp()));
}

export function sendUnconnected(): i32 {
  return failure(send(tcp(), byte));
}

export function sendtoNobody(): i32 {
  return failure(sendto(udp(), byte, 0, null));
}

export function brokenPipe(): i32 {
  const pair = socketpair(AF.UNIX, SOCK.STREAM, 0)!;
  close(pair[1]);
  return failure(send(pair[0], byte));
}

export function recvNonBlocking(): i32 {
  return failure(recv(socketpair(AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK, 0)![0], byte));
}

export function recvfromDontWait(): i32 {
  return recvfrom(socketpair(AF.UNIX, SOCK.DGRAM, 0)![0], byte, MSG.DONTWAIT) == null ? errno() : 0;
}

export function timedOut(): i32 {
  const fd = socketpair(AF.UNIX, SOCK.STREAM, 0)![0];
  return setTimeout(fd, SO.RCVTIMEO, 1) < 0 ? -errno() : failure(recv(fd, byte));
}

export function unknownOption(): i32 {
  return failure(setsockopt(tcp(), SOL.SOCKET, 999, 1));
}

export function closedTwice(): i32 {
  const fd = tcp();
  return close(fd) == 0 ? failure(close(fd)) : -1;
}

/** Both sets of flags, before and after they are set: 1 for each that is as C has it. */
export function flags(): i32 {
  const fd = tcp();
  const before = fcntl(fd, F.GETFL, 0) == O.RDWR && fcntl(fd, F.GETFD, 0) == 0;
  const set = fcntlSet(fd, F.SETFL, O.NONBLOCK) == 0 && fcntlSet(fd, F.SETFD, FD.CLOEXEC) == 0;
  const after =
    fcntl(fd, F.GETFL, 0) == (O.RDWR | O.NONBLOCK) && fcntl(fd, F.GETFD, 0) == FD.CLOEXEC;
  return i32(before) + i32(set) + i32(after);
}

/** The values that options read back as: an int, a bool, bytes, and a linger that was set. */
export function options(): string {
  const fd = tcp();
  const bytes = Uint8Array.wrap(String.UTF8.encode("reno"));
  const set =
    setsockopt(fd, SOL.TCP, TCP.KEEPCNT, 7) +
    setsockopt(fd, SOL.SOCKET, SO.KEEPALIVE, true) +
    setsockopt(fd, SOL.TCP, TCP.CONGESTION, bytes) +
    setLinger(fd, true, 5);
  if (set < 0) return "errno " + errno().toString();
  const count = getsockopt(fd, SOL.TCP, TCP.KEEPCNT).toString();
  const alive = getsockopt(fd, SOL.SOCKET, SO.KEEPALIVE).toString();
  const type = getsockopt(fd, SOL.SOCKET, SO.TYPE) == SOCK.STREAM ? "stream" : "other";
  return count + " " + alive + " " + type;
}

export function inet(): string {
  const address = new Inet("192.0.2.1", 80);
  return [address.address, address.port.toString(), address.toString()].join(" ");
}

export function inet6(): string {
  const address = new Inet6("2001:DB8:0:0::1", 443, 7, 3);
  const numbers = [address.port, <i32>address.flowinfo, <i32>address.scope].join(" ");
  return [address.address, numbers, address.toString()].join(" ");
}

export function unix(): string {
  const address = new Unix("/run/app.sock");
  return [address.path, address.toString()].join(" ");
}

/** What decode makes of an address's own bytes. */
export function decoded(): string {
  const address: SocketAddress = new Inet6("::1", 9);
  return SocketAddress.decode(address.pointer, address.length).toString();
}

/** What decode makes of a path that is longer than any other family's address. */
export function decodedPath(): string {
  const address = new Unix("/run/an-application-with-a-long-name.sock");
  return SocketAddress.decode(address.pointer, address.length).toString();
}

/** An address whose bytes are changed in its array: what stands where `pointer` says, and what reads it. */
export function changed(): string {
  const address = new Inet("192.0.2.1", 80);
  const bytes = address.bytes;
  bytes[7] = 9;
  const moved = changetype<usize>(address.bytes) == address.pointer;
  return [address.toString(), bytes.length.toString(), moved.toString()].join(" ");
}

/** An address of a family without a class, and its last byte, which may be the 128th. */
export function ofAnyFamily(): string {
  const address = new SocketAddress();
  const last = address.bytes.length - 1;
  store<u16>(address.pointer, 77);
  address.bytes[last] = 5;
  address.length = address.bytes.length;
  const copy = SocketAddress.decode(address.pointer, address.length);
  return [copy.toString(), copy.length.toString(), copy.bytes[last].toString()].join(" ");
}

/** Every answer for a node and the service "80" as a stream, or the EAI code. */
function resolved(node: string | null, flags: i32): string {
  const answers = getaddrinfo(node, "80", new AddressInfoHints(flags, AF.INET, SOCK.STREAM));
  if (answers == null) return "eai " + eai().toString() + " errno " + errno().toString();
  return answers
    .map<string>((answer) => {
      const name = answer.canonname;
      const kind = answer.type.toString() + "/" + answer.protocol.toString();
      return kind + " " + answer.address.toString() + (name == null ? "" : " " + name);
    })
    .join(",");
}

export function numeric(): string {
  return resolved("127.0.0.1", AI.NUMERICHOST | AI.CANONNAME);
}

export function localhost(): string {
  return resolved("localhost", 0);
}

export function passive(): string {
  return resolved(null, AI.PASSIVE);
}

export function badService(): bool {
  return getaddrinfo("127.0.0.1", "no-such-service") == null && eai() == EAI.SERVICE;
}

export function notNumeric(): bool {
  return resolved("localhost", AI.NUMERICHOST) != "" && eai() == EAI.NONAME;
}

/** The first word of a message, printed, and then the end of the guest. */
export function fail(): void {
  console.log("about to fail");
  assert(false, "on purpose");
}
