// Calls every import at random, with numbers that are likely to matter.

import * as raw from "assembly/raw";
import { Cmsghdr, Iovec, Mmsghdr, cmsghdr, iovec, mmsghdr } from "wasi-sockets/assembly/abi/msghdr";

/** Ends the next wait: a random call must not wait for anybody. */
@external("test", "wake")
declare function wake(): void;

/** Every error number of Linux is below. */
const MAX_ERRNO: i32 = 4095;

/** Where what pointers point to begins; what is written there ends within, so that this program lives on. */
const arena = memory.data(4096 + 65536, 16);
let state: u32 = 0;

/** xorshift32. */
function random(): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

function below(limit: u32): i32 {
  return random() % limit;
}

function oneOf(numbers: StaticArray<i32>): i32 {
  return numbers[below(numbers.length)];
}

const domains: StaticArray<i32> = [0, 1, 1, 2, 2, 2, 10, 16, 17, -1];
const types: StaticArray<i32> = [1, 1, 1, 2, 2, 3, 5, 0x801, 0x802, 0x80001, 10, -1];
const protocols: StaticArray<i32> = [0, 0, 0, 6, 17, 132, 136, 255, 262, -1];
const levels: StaticArray<i32> = [0, 1, 1, 6, 17, 41, 999];
const sizes: StaticArray<i32> = [0, 1, 4, 16, 28, 110, 128, 129, 4096, 65536, i32.MAX_VALUE, -1];

function fd(): i32 {
  return below(20) - 1;
}

function size(): i32 {
  return oneOf(sizes);
}

function pointer(): i32 {
  switch (below(8)) {
    case 0:
      return 0;
    case 1:
      return (memory.size() << 16) - below(32);
    case 2:
      return random();
    default:
      return <i32>arena + below(4096);
  }
}

/** An honest address, 127.0.0.1 with port 0 or 9, so that some calls succeed; or what is there. */
function address(): i32 {
  const at = pointer();
  if (<u32>at - <u32>arena > 4000 || below(4) == 0) return at;
  store<u16>(at, 2);
  store<u16>(at + 2, below(2) == 0 ? 0 : bswap<u16>(9));
  store<u32>(at + 4, 0x0100007f);
  return at;
}

/** Where honest messages lie: two of two vectors each, and one descriptor as control data. */
const messages = memory.data(2 * mmsghdr.sizeof, 16);
const vectors = memory.data(2 * iovec.sizeof, 16);
const rights = memory.data(cmsghdr.sizeof + 4, 16);

/** Messages that are honest but for a few numbers, so that some calls succeed; or what is there. */
function message(): i32 {
  if (below(4) == 0) return pointer();
  for (let i = 0; i < 2; i++) {
    const vector = changetype<Iovec>(vectors + i * iovec.sizeof);
    vector.iov_base = <u32>arena + below(2048);
    vector.iov_len = below(4) == 0 ? size() : below(64);
    const header = changetype<Mmsghdr>(messages + i * mmsghdr.sizeof);
    header.msg_name = below(2) == 0 ? 0 : address();
    header.msg_namelen = below(2) == 0 ? 16 : size();
    header.msg_iov = below(8) == 0 ? pointer() : <u32>vectors;
    header.msg_iovlen = below(8) == 0 ? size() : 1 + below(2);
    header.msg_control = below(2) == 0 ? pointer() : <u32>rights;
    header.msg_controllen = below(4) == 0 ? size() : below(2) * (cmsghdr.sizeof + 4);
  }
  const control = changetype<Cmsghdr>(rights);
  control.cmsg_len = below(4) == 0 ? size() : cmsghdr.sizeof + 4;
  control.cmsg_level = oneOf(levels);
  control.cmsg_type = below(4);
  store<i32>(rights, fd(), cmsghdr.sizeof);
  return <i32>messages;
}

function flags(): i32 {
  return below(2) == 0 ? 0 : 1 << below(31);
}

function call(): i32 {
  switch (below(42)) {
    case 0:
      return raw.socketpair(oneOf(domains), oneOf(types), oneOf(protocols), pointer());
    case 1:
      return raw.close(fd());
    case 2:
      return raw.shutdown(fd(), below(4));
    case 3:
      return raw.fcntl(fd(), below(6), random());
    case 4:
    case 5:
      return raw.bind(fd(), address(), below(2) == 0 ? 16 : size());
    case 6:
    case 7:
      return raw.connect(fd(), address(), below(2) == 0 ? 16 : size());
    case 8:
      return raw.listen(fd(), below(8) - 1);
    case 9:
      return raw.accept4(fd(), pointer(), pointer(), flags());
    case 10:
      return raw.getsockname(fd(), pointer(), pointer());
    case 11:
      return raw.getpeername(fd(), pointer(), pointer());
    case 12:
    case 13:
      return raw.send(fd(), pointer(), size(), flags());
    case 14:
    case 15:
      return raw.recv(fd(), pointer(), size(), flags());
    case 16:
      return raw.sendto(fd(), pointer(), size(), flags(), address(), size());
    case 17:
      return raw.recvfrom(fd(), pointer(), size(), flags(), pointer(), pointer());
    case 18:
      return raw.getsockopt(fd(), oneOf(levels), below(110), pointer(), pointer());
    case 19:
      return raw.setsockopt(fd(), oneOf(levels), below(110), pointer(), size());
    case 20:
      return raw.getaddrinfo(pointer(), pointer(), pointer(), pointer(), size());
    case 21:
      return raw.if_nametoindex(pointer());
    case 22:
      return raw.if_indextoname(below(4), pointer());
    case 23:
      return raw.gethostname(pointer(), size());
    case 24:
      return raw.getnameinfo(address(), size(), pointer(), size(), pointer(), size(), flags());
    case 25:
    case 26:
    case 27:
      return raw.sendmsg(fd(), message(), flags());
    case 28:
    case 29:
    case 30:
      return raw.recvmsg(fd(), message(), flags());
    case 31:
      return raw.sendmmsg(fd(), message(), below(4) == 0 ? size() : 2, flags());
    case 32:
      return raw.recvmmsg(fd(), message(), below(4) == 0 ? size() : 2, flags(), size());
    case 33:
      return raw.poll(pointer(), below(2) == 0 ? below(8) : size(), size());
    case 34:
      return raw.epoll_create1(below(4) == 0 ? flags() : 0);
    case 35:
    case 36:
      return raw.epoll_ctl(fd(), below(5), fd(), pointer());
    case 37:
      return raw.epoll_wait(fd(), pointer(), below(2) == 0 ? below(8) : size(), size());
    case 38:
      return raw.sockatmark(fd());
    case 39:
      return raw.sendfile(fd(), fd(), pointer(), size());
    default:
      return raw.socket(oneOf(domains), oneOf(types), oneOf(protocols));
  }
}

/** How many calls gave what no call gives. */
export function run(seed: u32, calls: i32): i32 {
  state = seed;
  let unexpected = 0;
  for (let i = 0; i < calls; i++) {
    if (below(4) == 0) store<u32>(arena + below(4093), random());
    wake();
    if (call() < -MAX_ERRNO) unexpected++;
  }
  return unexpected;
}
