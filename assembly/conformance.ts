// build/conformance.wasm: a guest that checks its host against docs/abi.md. It imports `bsd_sockets_v1` and nothing
// else, and needs loopback, Unix sockets and a policy that allows both. No check waits longer than PATIENCE.
//
// A check is a chain of steps, `is(what the host gave, what it should)`, that ends at the first that fails.

import {
  AF,
  AI,
  EAI,
  EPOLL,
  EPOLL_CTL,
  F,
  FD,
  MSG,
  NI,
  O,
  POLL,
  SCM,
  SHUT,
  SO,
  SOCK,
  SOL,
} from "./abi/constants";
import { addrinfo } from "./abi/addrinfo";
import { epoll_event } from "./abi/epoll";
import { Errno } from "./abi/errno";
import { cmsghdr, iovec, mmsghdr, msghdr } from "./abi/msghdr";
import { linger, timeval } from "./abi/option";
import { pollfd } from "./abi/poll";
import { sockaddr_in } from "./abi/sockaddr";
import * as bsd from "./bsd";

/** Milliseconds. */
const PATIENCE: i32 = 2000;

/** Bytes of each place below. */
const PLACE: i32 = 256;
const NAME: usize = memory.data(PLACE, 16);
const OTHER: usize = memory.data(PLACE, 16);
const LENGTH: usize = memory.data(8, 8);
const BYTES: usize = memory.data(PLACE, 16);
const ROOM: usize = memory.data(4096, 16);
const HEADER: usize = memory.data(4 * mmsghdr.sizeof, 16);
const VECTORS: usize = memory.data(4 * iovec.sizeof, 16);
const CONTROL: usize = memory.data(PLACE, 16);
const LIST: usize = memory.data(PLACE, 16);
const TEXT: usize = memory.data(PLACE, 16);
const PAIR: usize = memory.data(8, 8);

/** Where no memory is. */
const NOWHERE: usize = 0xffff_fff0;
const LOOPBACK: u32 = 0x0100_007f;
const NO_FD: i32 = 1_000_000;

let step: i32 = 0;
let failed: i32 = 0;
let hostGave: i32 = 0;
let hostShould: i32 = 0;

/** A step: whether the host gave what it should. */
function is(gave: i32, should: i32): bool {
  step++;
  if (gave == should) return true;
  failed = step;
  hostGave = gave;
  hostShould = should;
  return false;
}

/** What the host gave behind C's -1. */
function raw(result: i32): i32 {
  return result < 0 ? -bsd.errno() : result;
}

/** Whether a range holds a text of ASCII. */
function holds(at: usize, text: string): i32 {
  for (let i = 0; i < text.length; i++) {
    if (load<u8>(at + i) != <u8>text.charCodeAt(i)) return 0;
  }
  return 1;
}

/** Writes a text of ASCII that ends with NUL: its length without it. */
function write(at: usize, text: string): i32 {
  for (let i = 0; i < text.length; i++) store<u8>(at + i, <u8>text.charCodeAt(i));
  store<u8>(at + text.length, 0);
  return text.length;
}

function loopback(at: usize, port: u16): void {
  memory.fill(at, 0, sockaddr_in.sizeof);
  store<u16>(at, AF.INET, sockaddr_in.sin_family);
  store<u16>(at, port, sockaddr_in.sin_port);
  store<u32>(at, LOOPBACK, sockaddr_in.sin_addr);
}

/** A socket on loopback, whose name is then at NAME: the descriptor. */
function bound(type: i32): i32 {
  const fd = bsd.socket(AF.INET, type, 0);
  loopback(NAME, 0);
  bsd.bind(fd, NAME, sockaddr_in.sizeof);
  store<u32>(LENGTH, sockaddr_in.sizeof);
  bsd.getsockname(fd, NAME, LENGTH);
  return fd;
}

/** Two sockets that are connected, at PAIR: whether there are. */
function pair(type: i32): bool {
  return is(raw(bsd.socketpair(AF.UNIX, type, 0, PAIR)), 0);
}

function left(): i32 {
  return load<i32>(PAIR);
}

function right(): i32 {
  return load<i32>(PAIR, 4);
}

/** Waits until a descriptor has something to receive. */
function arrives(fd: i32): bool {
  store<i32>(LIST, fd, pollfd.fd);
  store<i32>(LIST, POLL.IN, pollfd.events);
  return is(raw(bsd.poll(LIST, 1, PATIENCE)), 1);
}

/** A struct msghdr at HEADER with one vector, and what it had before gone. */
function header(base: usize, size: i32): void {
  memory.fill(HEADER, 0, mmsghdr.sizeof);
  store<u32>(VECTORS, <u32>base, iovec.iov_base);
  store<u32>(VECTORS, size, iovec.iov_len);
  store<u32>(HEADER, <u32>VECTORS, msghdr.msg_iov);
  store<u32>(HEADER, 1, msghdr.msg_iovlen);
}

/** Control data of one header for the message at HEADER. */
function control(length: u32, level: i32, type: i32, value: i32, size: u32): void {
  store<u32>(CONTROL, length, cmsghdr.cmsg_len);
  store<i32>(CONTROL, level, cmsghdr.cmsg_level);
  store<i32>(CONTROL, type, cmsghdr.cmsg_type);
  store<i32>(CONTROL, value, cmsghdr.sizeof);
  store<u32>(HEADER, <u32>CONTROL, msghdr.msg_control);
  store<u32>(HEADER, size, msghdr.msg_controllen);
}

function numbers(): void {
  const first = bsd.socket(AF.INET, SOCK.STREAM, 0);
  const second = bsd.socket(AF.INET, SOCK.DGRAM, 0);
  is(i32(first >= 3), 1) &&
    is(second, first + 1) &&
    is(raw(bsd.close(first)), 0) &&
    is(raw(bsd.socket(AF.INET, SOCK.DGRAM, 0)), first) &&
    is(raw(bsd.close(first)), 0) &&
    is(raw(bsd.close(second)), 0);
}

function badDescriptors(): void {
  for (let i = 0; i < 3; i++) {
    const fd = i == 0 ? -1 : i == 1 ? 2 : NO_FD;
    // Before any pointer is looked at.
    is(raw(bsd.close(fd)), -Errno.EBADF) &&
      is(raw(bsd.bind(fd, NOWHERE, 16)), -Errno.EBADF) &&
      is(raw(bsd.recv(fd, NOWHERE, 64, 0)), -Errno.EBADF) &&
      is(raw(bsd.sendmsg(fd, NOWHERE, 0)), -Errno.EBADF) &&
      is(raw(bsd.epoll_wait(fd, NOWHERE, 1, 0)), -Errno.EBADF) &&
      is(raw(bsd.getsockopt(fd, SOL.SOCKET, SO.TYPE, NOWHERE, NOWHERE)), -Errno.EBADF);
    if (failed != 0) return;
  }
}

function unknownFamily(): void {
  is(raw(bsd.socket(12345, SOCK.STREAM, 0)), -Errno.EAFNOSUPPORT);
}

function badPointers(): void {
  const free = bsd.socket(AF.INET, SOCK.DGRAM, 0);
  bsd.close(free);
  is(raw(bsd.socketpair(AF.UNIX, SOCK.STREAM, 0, NOWHERE)), -Errno.EFAULT) &&
    is(raw(bsd.socketpair(AF.UNIX, SOCK.STREAM, 0, 0)), -Errno.EFAULT) &&
    is(raw(bsd.socket(AF.INET, SOCK.DGRAM, 0)), free) &&
    is(raw(bsd.close(free)), 0);
  if (failed != 0 || !pair(SOCK.DGRAM)) return;
  write(BYTES, "kept");
  is(raw(bsd.send(left(), BYTES, 4, 0)), 4) &&
    is(raw(bsd.recv(right(), NOWHERE, 64, MSG.DONTWAIT)), -Errno.EFAULT) &&
    is(raw(bsd.recv(right(), 0, 1, MSG.DONTWAIT)), -Errno.EFAULT) &&
    is(raw(bsd.recvfrom(right(), ROOM, 64, MSG.DONTWAIT, NAME, NOWHERE)), -Errno.EFAULT) &&
    is(raw(bsd.recvmsg(right(), NOWHERE, MSG.DONTWAIT)), -Errno.EFAULT) &&
    is(raw(bsd.recv(right(), ROOM, 64, MSG.DONTWAIT)), 4);
  closePair();
}

function closePair(): void {
  bsd.close(left());
  bsd.close(right());
}

/** Offset plus size is not computed in 32 bits, and a range of no bytes lies anywhere. */
function edges(): void {
  if (!pair(SOCK.DGRAM)) return;
  is(raw(bsd.send(left(), NOWHERE, 0x20, 0)), -Errno.EFAULT) &&
    is(raw(bsd.send(left(), 16, 0xffff_fff8, 0)), -Errno.EFAULT) &&
    is(raw(bsd.send(left(), NOWHERE, 0, 0)), 0) &&
    is(raw(bsd.send(left(), 0, 0, 0)), 0) &&
    is(raw(bsd.recv(right(), 0, 0, MSG.DONTWAIT)), 0) &&
    is(raw(bsd.recv(right(), ROOM, 64, MSG.DONTWAIT)), 0);
  closePair();
}

function addressLengths(): void {
  const fd = bsd.socket(AF.INET, SOCK.DGRAM, 0);
  loopback(NAME, 0);
  store<i32>(LENGTH, -1);
  is(raw(bsd.bind(fd, NAME, 129)), -Errno.EINVAL) &&
    is(raw(bsd.bind(fd, NAME, 0xffff_ffff)), -Errno.EINVAL) &&
    is(raw(bsd.connect(fd, NAME, 129)), -Errno.EINVAL) &&
    is(raw(bsd.getsockname(fd, OTHER, LENGTH)), -Errno.EINVAL) &&
    is(raw(bsd.bind(fd, NAME, sockaddr_in.sizeof)), 0);
  // The answer is cut to the capacity, and the true length told.
  memory.fill(OTHER, 0xaa, PLACE);
  store<i32>(LENGTH, 4);
  failed == 0 &&
    is(raw(bsd.getsockname(fd, OTHER, LENGTH)), 0) &&
    is(load<i32>(LENGTH), sockaddr_in.sizeof) &&
    is(load<u16>(OTHER), AF.INET) &&
    is(load<u8>(OTHER, 4), 0xaa) &&
    is(raw(bsd.getsockname(fd, 0, LENGTH)), -Errno.EFAULT);
  store<i32>(LENGTH, 0);
  failed == 0 &&
    is(raw(bsd.getsockname(fd, 0, LENGTH)), 0) &&
    is(load<i32>(LENGTH), sockaddr_in.sizeof);
  bsd.close(fd);
}

function streams(): void {
  const listener = bound(SOCK.STREAM);
  const fd = bsd.socket(AF.INET, SOCK.STREAM, 0);
  if (
    is(raw(bsd.listen(listener, 4)), 0) &&
    is(raw(bsd.connect(fd, NAME, sockaddr_in.sizeof)), 0) &&
    arrives(listener)
  ) {
    // With a bad pointer the connection is not lost.
    store<i32>(LENGTH, sockaddr_in.sizeof);
    is(raw(bsd.accept4(listener, NOWHERE, LENGTH, 0)), -Errno.EFAULT) &&
      is(raw(bsd.accept4(listener, 0, 0, 1)), -Errno.EINVAL);
    const accepted = failed == 0 ? bsd.accept4(listener, OTHER, LENGTH, SOCK.CLOEXEC) : -1;
    if (failed == 0 && is(i32(accepted >= 0), 1)) {
      is(load<i32>(LENGTH), sockaddr_in.sizeof) &&
        is(load<u32>(OTHER, sockaddr_in.sin_addr), LOOPBACK) &&
        is(raw(bsd.getsockname(fd, BYTES, LENGTH)), 0) &&
        is(load<u16>(BYTES, sockaddr_in.sin_port), load<u16>(OTHER, sockaddr_in.sin_port)) &&
        is(raw(bsd.getpeername(fd, BYTES, LENGTH)), 0) &&
        is(load<u16>(BYTES, sockaddr_in.sin_port), load<u16>(NAME, sockaddr_in.sin_port)) &&
        is(raw(bsd.fcntl(accepted, F.GETFD, 0)), FD.CLOEXEC);
      if (failed == 0) talk(fd, accepted);
    }
    bsd.close(accepted);
  }
  bsd.close(fd);
  bsd.close(listener);
}

function talk(fd: i32, peer: i32): void {
  write(BYTES, "hello world");
  is(raw(bsd.sockatmark(peer)), 0) &&
    is(raw(bsd.send(fd, BYTES, 11, 0)), 11) &&
    arrives(peer) &&
    is(raw(bsd.recv(peer, ROOM, 5, MSG.PEEK)), 5) &&
    is(raw(bsd.recv(peer, ROOM, 11, MSG.WAITALL)), 11) &&
    is(holds(ROOM, "hello world"), 1) &&
    is(raw(bsd.recv(peer, ROOM, 5, MSG.DONTWAIT)), -Errno.EAGAIN) &&
    is(raw(bsd.shutdown(fd, 77)), -Errno.EINVAL) &&
    is(raw(bsd.shutdown(fd, SHUT.WR)), 0) &&
    is(raw(bsd.recv(peer, ROOM, 5, 0)), 0) &&
    is(raw(bsd.send(fd, BYTES, 1, 0)), -Errno.EPIPE); // and no signal
}

function refused(): void {
  const listener = bound(SOCK.STREAM);
  bsd.close(listener);
  const fd = bsd.socket(AF.INET, SOCK.STREAM, 0);
  const other = bsd.socket(AF.INET, SOCK.DGRAM, 0);
  is(raw(bsd.connect(fd, NAME, sockaddr_in.sizeof)), -Errno.ECONNREFUSED) &&
    is(raw(bsd.listen(other, 1)), -Errno.EOPNOTSUPP);
  bsd.close(fd);
  bsd.close(other);
}

function datagrams(): void {
  const sender = bound(SOCK.DGRAM);
  const port = load<u16>(NAME, sockaddr_in.sin_port);
  const fd = bound(SOCK.DGRAM);
  write(BYTES, "0123456789");
  store<i32>(LENGTH, PLACE);
  is(raw(bsd.sendto(fd, BYTES, 10, 0, 0, 0)), -Errno.EDESTADDRREQ) &&
    is(raw(bsd.sendto(sender, BYTES, 10, 0, NAME, sockaddr_in.sizeof)), 10) &&
    arrives(fd) &&
    is(raw(bsd.recvfrom(fd, ROOM, 4, MSG.TRUNC | MSG.PEEK, OTHER, LENGTH)), 10) &&
    is(raw(bsd.recvfrom(fd, ROOM, 64, 0, OTHER, LENGTH)), 10) &&
    is(load<i32>(LENGTH), sockaddr_in.sizeof) &&
    is(load<u16>(OTHER, sockaddr_in.sin_port), port) &&
    is(holds(ROOM, "0123456789"), 1);
  bsd.close(fd);
  bsd.close(sender);
}

function unnamed(): void {
  const fd = bsd.socket(AF.UNIX, SOCK.STREAM, 0);
  store<i32>(LENGTH, PLACE);
  is(raw(bsd.getsockname(fd, OTHER, LENGTH)), 0) &&
    is(load<i32>(LENGTH), 2) &&
    is(load<u16>(OTHER), AF.UNIX) &&
    is(raw(bsd.getpeername(fd, OTHER, LENGTH)), -Errno.ENOTCONN);
  bsd.close(fd);
}

function nonBlocking(): void {
  if (!pair(SOCK.STREAM | SOCK.NONBLOCK)) return;
  is(raw(bsd.recv(left(), ROOM, 1, 0)), -Errno.EAGAIN) &&
    is(raw(bsd.fcntl(left(), F.GETFL, 0)), O.RDWR | O.NONBLOCK) &&
    is(raw(bsd.fcntl(left(), F.SETFL, 0)), 0) &&
    is(raw(bsd.fcntl(left(), F.GETFL, 0)), O.RDWR) &&
    is(raw(bsd.fcntl(left(), F.SETFL, O.NONBLOCK)), 0) &&
    is(raw(bsd.recv(left(), ROOM, 1, 0)), -Errno.EAGAIN) &&
    is(raw(bsd.fcntl(left(), F.GETFD, 0)), 0) &&
    is(raw(bsd.fcntl(left(), F.SETFD, FD.CLOEXEC)), 0) &&
    is(raw(bsd.fcntl(left(), F.GETFD, 0)), FD.CLOEXEC) &&
    is(raw(bsd.fcntl(left(), 8, 1)), -Errno.EINVAL); // F_SETOWN
  closePair();
}

function timeouts(): void {
  if (!pair(SOCK.STREAM)) return;
  store<i64>(BYTES, 0, timeval.tv_sec);
  store<i64>(BYTES, 20_000, timeval.tv_usec);
  is(raw(bsd.setsockopt(left(), SOL.SOCKET, SO.RCVTIMEO, BYTES, timeval.sizeof)), 0) &&
    is(raw(bsd.recv(left(), ROOM, 1, 0)), -Errno.EAGAIN);
  store<i32>(LENGTH, timeval.sizeof);
  failed == 0 &&
    is(raw(bsd.getsockopt(left(), SOL.SOCKET, SO.RCVTIMEO, ROOM, LENGTH)), 0) &&
    is(load<i32>(LENGTH), timeval.sizeof) &&
    is(<i32>load<i64>(ROOM, timeval.tv_sec), 0) &&
    is(i32(load<i64>(ROOM, timeval.tv_usec) >= 20_000), 1);
  closePair();
}

function options(): void {
  const fd = bsd.socket(AF.INET, SOCK.STREAM, 0);
  store<i32>(BYTES, 1, linger.l_onoff);
  store<i32>(BYTES, 7, linger.l_linger);
  store<i32>(LENGTH, linger.sizeof);
  is(raw(bsd.setsockopt(fd, SOL.SOCKET, SO.LINGER, BYTES, linger.sizeof)), 0) &&
    is(raw(bsd.getsockopt(fd, SOL.SOCKET, SO.LINGER, ROOM, LENGTH)), 0) &&
    is(load<i32>(LENGTH), linger.sizeof) &&
    is(load<i32>(ROOM, linger.l_linger), 7) &&
    is(raw(bsd.getsockopt(fd, SOL.SOCKET, SO.TYPE, NOWHERE, LENGTH)), -Errno.EFAULT) &&
    is(raw(bsd.setsockopt(fd, SOL.SOCKET, SO.KEEPALIVE, NOWHERE, 4)), -Errno.EFAULT) &&
    is(raw(bsd.setsockopt(fd, SOL.SOCKET, SO.KEEPALIVE, BYTES, 0x8000_0000)), -Errno.EINVAL) &&
    // SO_ATTACH_FILTER, whose value holds a pointer, and what is none.
    is(raw(bsd.setsockopt(fd, SOL.SOCKET, 26, BYTES, 16)), -Errno.ENOPROTOOPT) &&
    is(raw(bsd.setsockopt(fd, SOL.SOCKET, 9999, BYTES, 4)), -Errno.ENOPROTOOPT);
  store<i32>(LENGTH, 4);
  failed == 0 &&
    is(raw(bsd.getsockopt(fd, SOL.SOCKET, SO.TYPE, ROOM, LENGTH)), 0) &&
    is(load<i32>(ROOM), SOCK.STREAM);
  bsd.close(fd);
}

function messages(): void {
  if (!pair(SOCK.DGRAM)) return;
  write(BYTES, "gathered");
  header(BYTES, 6);
  store<u32>(VECTORS, <u32>BYTES + 6, iovec.sizeof + iovec.iov_base);
  store<u32>(VECTORS, 2, iovec.sizeof + iovec.iov_len);
  store<u32>(HEADER, 2, msghdr.msg_iovlen);
  if (is(raw(bsd.sendmsg(left(), HEADER, 0)), 8)) {
    memory.fill(ROOM, 0, 16);
    header(ROOM, 3);
    store<u32>(VECTORS, <u32>ROOM + 8, iovec.sizeof + iovec.iov_base);
    store<u32>(VECTORS, 3, iovec.sizeof + iovec.iov_len);
    store<u32>(HEADER, 2, msghdr.msg_iovlen);
    store<u32>(HEADER, <u32>OTHER, msghdr.msg_name);
    store<u32>(HEADER, PLACE, msghdr.msg_namelen);
    is(raw(bsd.recvmsg(right(), HEADER, MSG.DONTWAIT)), 6) &&
      is(holds(ROOM, "gat"), 1) &&
      is(load<u8>(ROOM, 3), 0) &&
      is(holds(ROOM + 8, "her"), 1) &&
      is(load<i32>(HEADER, msghdr.msg_flags) & MSG.TRUNC, MSG.TRUNC) &&
      is(load<i32>(HEADER, msghdr.msg_namelen), 0) && // it has no name
      is(raw(bsd.recvmsg(right(), HEADER, MSG.DONTWAIT)), -Errno.EAGAIN);
  }
  header(NOWHERE, 64);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EFAULT);
  store<u32>(HEADER, 1025, msghdr.msg_iovlen);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EMSGSIZE);
  header(BYTES, 8);
  control(12, SOL.SOCKET, SCM.RIGHTS, 0, 16385);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.ENOBUFS);
  closePair();
}

function rights(): void {
  if (!pair(SOCK.DGRAM)) return;
  const passed = bound(SOCK.DGRAM);
  const port = load<u16>(NAME, sockaddr_in.sin_port);
  header(BYTES, 1);
  control(16, SOL.SOCKET, SCM.RIGHTS, passed, 16);
  if (is(raw(bsd.sendmsg(left(), HEADER, 0)), 1) && is(raw(bsd.close(passed)), 0)) {
    header(ROOM, 64);
    control(0, 0, 0, 0, 16);
    store<i32>(LENGTH, PLACE);
    is(raw(bsd.recvmsg(right(), HEADER, MSG.DONTWAIT)), 1) &&
      is(load<i32>(HEADER, msghdr.msg_controllen), 16) &&
      is(load<i32>(CONTROL, cmsghdr.cmsg_len), 16) &&
      is(load<i32>(CONTROL, cmsghdr.cmsg_type), SCM.RIGHTS) &&
      is(load<i32>(CONTROL, cmsghdr.sizeof), passed) && // the lowest that is free
      is(raw(bsd.getsockname(passed, OTHER, LENGTH)), 0) &&
      is(load<u16>(OTHER, sockaddr_in.sin_port), port);
  }
  // What finds no room is closed, and told.
  header(BYTES, 1);
  control(16, SOL.SOCKET, SCM.RIGHTS, passed, 16);
  if (failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), 1)) {
    header(ROOM, 64);
    is(raw(bsd.recvmsg(right(), HEADER, MSG.DONTWAIT)), 1) &&
      is(load<i32>(HEADER, msghdr.msg_flags) & MSG.CTRUNC, MSG.CTRUNC) &&
      is(raw(bsd.close(passed)), 0) &&
      is(raw(bsd.socket(AF.INET, SOCK.DGRAM, 0)), passed) &&
      is(raw(bsd.close(passed)), 0);
  }
  closePair();
}

function badControl(): void {
  if (!pair(SOCK.DGRAM)) return;
  header(BYTES, 1);
  control(16, SOL.SOCKET, SCM.RIGHTS, NO_FD, 16);
  is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EBADF);
  control(11, SOL.SOCKET, SCM.RIGHTS, left(), 16);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EINVAL);
  control(17, SOL.SOCKET, SCM.RIGHTS, left(), 16);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EINVAL);
  control(0xffff_fff0, SOL.SOCKET, SCM.RIGHTS, left(), 16);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), -Errno.EINVAL);
  // Less than a header is no part of the data.
  control(0, SOL.SOCKET, SCM.RIGHTS, left(), 11);
  failed == 0 && is(raw(bsd.sendmsg(left(), HEADER, 0)), 1);
  closePair();
}

/** The bytes that are received are written over the header that asked for them. */
function overlap(): void {
  if (!pair(SOCK.DGRAM)) return;
  memory.fill(ROOM, 0xff, msghdr.sizeof);
  header(ROOM, msghdr.sizeof);
  if (is(raw(bsd.sendmsg(left(), HEADER, 0)), msghdr.sizeof)) {
    header(HEADER, msghdr.sizeof);
    control(0, 0, 0, 0, 16);
    is(raw(bsd.recvmsg(right(), HEADER, MSG.DONTWAIT)), msghdr.sizeof) &&
      is(load<i32>(HEADER, msghdr.msg_controllen), 0) &&
      is(raw(bsd.recv(right(), ROOM, 1, MSG.DONTWAIT)), -Errno.EAGAIN);
  }
  closePair();
}

function batches(): void {
  if (!pair(SOCK.DGRAM)) return;
  write(BYTES, "onethree");
  header(BYTES, 3);
  memory.copy(HEADER + mmsghdr.sizeof, HEADER, mmsghdr.sizeof);
  store<u32>(HEADER + mmsghdr.sizeof, <u32>VECTORS + iovec.sizeof, msghdr.msg_iov);
  store<u32>(VECTORS, <u32>BYTES + 3, iovec.sizeof + iovec.iov_base);
  store<u32>(VECTORS, 5, iovec.sizeof + iovec.iov_len);
  is(raw(bsd.sendmmsg(left(), HEADER, 2, 0)), 2) &&
    is(load<i32>(HEADER, mmsghdr.msg_len), 3) &&
    is(load<i32>(HEADER, mmsghdr.sizeof + mmsghdr.msg_len), 5);
  store<u32>(VECTORS, <u32>ROOM, iovec.iov_base);
  store<u32>(VECTORS, <u32>ROOM + 16, iovec.sizeof + iovec.iov_base);
  failed == 0 &&
    is(raw(bsd.recvmmsg(right(), HEADER, 2, 0, PATIENCE)), 2) &&
    is(load<i32>(HEADER, mmsghdr.sizeof + mmsghdr.msg_len), 5) &&
    is(holds(ROOM, "one"), 1) &&
    is(holds(ROOM + 16, "three"), 1) &&
    is(raw(bsd.recvmmsg(right(), HEADER, 2, 0, 20)), -Errno.EAGAIN) &&
    is(raw(bsd.recvmmsg(right(), NOWHERE, 2, 0, 20)), -Errno.EFAULT);
  closePair();
}

function polls(): void {
  if (!pair(SOCK.STREAM)) return;
  const fds = [left(), -5, NO_FD] as StaticArray<i32>;
  for (let i = 0; i < 3; i++) {
    store<i32>(LIST + i * pollfd.sizeof, fds[i], pollfd.fd);
    store<i32>(LIST + i * pollfd.sizeof, POLL.IN | POLL.OUT, pollfd.events);
  }
  is(raw(bsd.poll(LIST, 3, -1)), 2) &&
    is(load<i16>(LIST, pollfd.revents), POLL.OUT) &&
    is(load<i16>(LIST, pollfd.sizeof + pollfd.revents), 0) &&
    is(load<i16>(LIST, 2 * pollfd.sizeof + pollfd.revents), POLL.NVAL) &&
    is(load<i32>(LIST, 2 * pollfd.sizeof + pollfd.fd), NO_FD) &&
    is(raw(bsd.poll(0, 0, 1)), 0) &&
    is(raw(bsd.poll(NOWHERE, 4, 0)), -Errno.EFAULT) &&
    is(raw(bsd.close(right())), 0) &&
    is(raw(bsd.poll(LIST, 1, PATIENCE)), 1) &&
    is(load<i16>(LIST, pollfd.revents) & POLL.HUP, POLL.HUP);
  bsd.close(left());
}

function epolls(): void {
  if (!pair(SOCK.STREAM)) return;
  const set = bsd.epoll_create1(EPOLL.CLOEXEC);
  const data: u64 = 0xfeed_f00d_1234_5678;
  store<u32>(LIST, POLL.IN | EPOLL.ET, epoll_event.events);
  store<u64>(LIST, data, epoll_event.data);
  is(raw(bsd.epoll_create1(1)), -Errno.EINVAL) &&
    is(i32(set >= 0), 1) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.ADD, NO_FD, LIST)), -Errno.EBADF) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.ADD, right(), NOWHERE)), -Errno.EFAULT) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.MOD, right(), LIST)), -Errno.ENOENT) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.ADD, right(), LIST)), 0) &&
    is(raw(bsd.epoll_wait(set, ROOM, 4, 0)), 0) &&
    is(raw(bsd.send(left(), BYTES, 1, 0)), 1) &&
    is(raw(bsd.epoll_wait(set, ROOM, 4, PATIENCE)), 1) &&
    is(load<i32>(ROOM, epoll_event.events), POLL.IN) &&
    is(i32(load<u64>(ROOM, epoll_event.data) == data), 1) &&
    is(raw(bsd.epoll_wait(set, ROOM, 4, 0)), 0) && // an edge is told once
    is(raw(bsd.epoll_wait(set, ROOM, 0, 0)), -Errno.EINVAL) &&
    is(raw(bsd.epoll_wait(set, NOWHERE, 4, 0)), -Errno.EFAULT) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.DEL, right(), 0)), 0) &&
    is(raw(bsd.epoll_ctl(set, EPOLL_CTL.DEL, right(), 0)), -Errno.ENOENT);
  bsd.close(set);
  closePair();
}

function addresses(): void {
  write(TEXT, "127.0.0.1");
  write(TEXT + 16, "80");
  memory.fill(LIST, 0, addrinfo.sizeof);
  store<i32>(LIST, AI.NUMERICHOST | AI.CANONNAME, addrinfo.ai_flags);
  store<i32>(LIST, SOCK.STREAM, addrinfo.ai_socktype);
  memory.fill(ROOM, 0xaa, 64);
  const size = bsd.getaddrinfo(TEXT, TEXT + 16, LIST, ROOM, 8);
  is(i32(size >= addrinfo.sizeof + sockaddr_in.sizeof), 1) &&
    is(load<u8>(ROOM), 0xaa) &&
    is(bsd.getaddrinfo(TEXT, TEXT + 16, LIST, ROOM, 4096), size) &&
    is(load<i32>(ROOM, addrinfo.ai_family), AF.INET) &&
    is(load<i32>(ROOM, addrinfo.ai_socktype), SOCK.STREAM) &&
    is(load<i32>(ROOM, addrinfo.ai_addrlen), sockaddr_in.sizeof) &&
    is(load<i32>(ROOM, addrinfo.ai_next), 0);
  const address = <usize>load<u32>(ROOM, addrinfo.ai_addr);
  const name = <usize>load<u32>(ROOM, addrinfo.ai_canonname);
  failed == 0 &&
    is(i32(address > ROOM && address + sockaddr_in.sizeof <= ROOM + size), 1) &&
    is(load<u16>(address, sockaddr_in.sin_port), 80 << 8) &&
    is(load<u32>(address, sockaddr_in.sin_addr), LOOPBACK) &&
    is(i32(name > ROOM && name < ROOM + size), 1) &&
    is(holds(name, "127.0.0.1\0"), 1);
  write(TEXT, "no.address");
  failed == 0 &&
    is(bsd.getaddrinfo(TEXT, 0, LIST, ROOM, 4096), EAI.NONAME) &&
    is(bsd.getaddrinfo(NOWHERE, 0, 0, ROOM, 4096), EAI.SYSTEM) &&
    is(load<i32>(ROOM), Errno.EFAULT);
}

function nameOfAddress(): void {
  loopback(NAME, 80 << 8);
  const flags = NI.NUMERICHOST | NI.NUMERICSERV;
  is(bsd.getnameinfo(NAME, sockaddr_in.sizeof, ROOM, 64, ROOM + 64, 8, flags), 0) &&
    is(holds(ROOM, "127.0.0.1\0"), 1) &&
    is(holds(ROOM + 64, "80\0"), 1) &&
    is(bsd.getnameinfo(NAME, 129, ROOM, 64, 0, 0, flags), EAI.FAMILY) &&
    is(bsd.getnameinfo(NAME, sockaddr_in.sizeof, ROOM, 4, 0, 0, flags), EAI.OVERFLOW) &&
    is(bsd.getnameinfo(NOWHERE, sockaddr_in.sizeof, ROOM, 64, 0, 0, flags), EAI.SYSTEM) &&
    is(load<i32>(ROOM), Errno.EFAULT);
}

function interfaces(): void {
  is(raw(bsd.if_indextoname(1, ROOM)), 0) &&
    is(raw(bsd.if_nametoindex(ROOM)), 1) &&
    is(raw(bsd.if_indextoname(1, NOWHERE)), -Errno.EFAULT) &&
    is(raw(bsd.if_indextoname(0, ROOM)), -Errno.ENXIO) &&
    is(raw(bsd.if_nametoindex(NOWHERE)), -Errno.EFAULT);
  write(TEXT, "no-such-device");
  failed == 0 && is(raw(bsd.if_nametoindex(TEXT)), -Errno.ENODEV);
}

function hostName(): void {
  is(raw(bsd.gethostname(ROOM, 1024)), 0) &&
    is(i32(load<u8>(ROOM) != 0), 1) &&
    is(raw(bsd.gethostname(ROOM, 1)), -Errno.ENAMETOOLONG) &&
    is(raw(bsd.gethostname(NOWHERE, 64)), -Errno.EFAULT);
}

function files(): void {
  if (!pair(SOCK.STREAM)) return;
  is(raw(bsd.sendfile(left(), NO_FD, 0, 1)), -Errno.EBADF) &&
    is(raw(bsd.sendfile(NO_FD, left(), 0, 1)), -Errno.EBADF) &&
    is(raw(bsd.sendfile(left(), right(), NOWHERE + 12, 1)), -Errno.EFAULT);
  closePair();
}

const NAMES: StaticArray<string> = [
  "a descriptor is the lowest number that is free, from 3 up",
  "a number that is no descriptor is EBADF, before any pointer is looked at",
  "an unknown family is EAFNOSUPPORT",
  "a bad pointer is EFAULT, and nothing has happened",
  "a range of no bytes lies anywhere, and no range wraps around",
  "lengths of addresses are checked, cut and told",
  "a stream over loopback: connect, accept, names, bytes, its end",
  "a connection that nobody takes is ECONNREFUSED",
  "datagrams over loopback, and their senders",
  "a Unix socket without a name has its family alone",
  "non-blocking sockets, and fcntl",
  "SO_RCVTIMEO ends a wait with EAGAIN",
  "options that exist, and those that do not",
  "messages gather and scatter",
  "descriptors travel, and those without room are closed",
  "malformed control data is EINVAL",
  "a message may lie over the header that asks for it",
  "batches of messages",
  "poll",
  "epoll, edge-triggered",
  "getaddrinfo of an address in text",
  "getnameinfo as text",
  "interfaces by name and by index",
  "the name of the host",
  "sendfile of what is no descriptor is EBADF",
];

// prettier-ignore
function perform(i: i32): void {
  switch (i) {
    case 0: return numbers();
    case 1: return badDescriptors();
    case 2: return unknownFamily();
    case 3: return badPointers();
    case 4: return edges();
    case 5: return addressLengths();
    case 6: return streams();
    case 7: return refused();
    case 8: return datagrams();
    case 9: return unnamed();
    case 10: return nonBlocking();
    case 11: return timeouts();
    case 12: return options();
    case 13: return messages();
    case 14: return rights();
    case 15: return badControl();
    case 16: return overlap();
    case 17: return batches();
    case 18: return polls();
    case 19: return epolls();
    case 20: return addresses();
    case 21: return nameOfAddress();
    case 22: return interfaces();
    case 23: return hostName();
    case 24: return files();
  }
}

/** How many checks there are. */
export function checks(): i32 {
  return NAMES.length;
}

/** The address of the name of a check, UTF-8 that ends with NUL; it lasts until the next call. */
export function name(i: i32): usize {
  write(ROOM, NAMES[i]);
  return ROOM;
}

/** Makes a check: 0 where the host passes it, else the number of the step at which it failed, from 1 up. */
export function run(i: i32): i32 {
  step = 0;
  failed = 0;
  perform(i);
  return failed;
}

/** What the host gave in the step that failed. */
export function got(): i32 {
  return hostGave;
}

/** What it should have given. */
export function wanted(): i32 {
  return hostShould;
}
