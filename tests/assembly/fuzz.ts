// Calls every import at random, with numbers that are likely to matter.

import * as raw from "assembly/raw";

/** Ends the next wait: a random call must not wait for anybody. */
@external("test", "wake")
declare function wake(): void;

/** Every error number of Linux is below. */
const MAX_ERRNO: i32 = 4095;

const arena = memory.data(4096, 16);
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

function flags(): i32 {
  return below(2) == 0 ? 0 : 1 << below(31);
}

function call(): i32 {
  switch (below(24)) {
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
