// SHA-256 of FIPS 180-4, HMAC of RFC 2104 and the key derivation of RFC 5802, with that hash.

/** Bytes of a digest, and of the blocks that it is made of. */
export const DIGEST: i32 = 32;
const BLOCK: i32 = 64;
/** Words of a block, and of its schedule. */
const WORDS: i32 = 16;
const ROUNDS: i32 = 64;

/** Fractions of the square roots of the first eight primes. */
// prettier-ignore
const START: StaticArray<u32> = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
// prettier-ignore
const K: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

const schedule = new StaticArray<u32>(ROUNDS);

/** Takes a block of 64 bytes into a state of eight words. */
function compress(state: StaticArray<u32>, bytes: usize): void {
  for (let i = 0; i < WORDS; i++) schedule[i] = bswap(load<u32>(bytes + (i << 2)));
  for (let i = WORDS; i < ROUNDS; i++) {
    const late = schedule[i - 2];
    const early = schedule[i - 15];
    const s1 = rotr(late, 17) ^ rotr(late, 19) ^ (late >>> 10);
    const s0 = rotr(early, 7) ^ rotr(early, 18) ^ (early >>> 3);
    schedule[i] = schedule[i - 16] + s0 + schedule[i - 7] + s1;
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const first = h + s1 + ((e & f) ^ (~e & g)) + K[i] + schedule[i];
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const second = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + second;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The SHA-256 of bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const state = START.slice<StaticArray<u32>>();
  // A bit of one, zeros, and the length in bits, as far as the end of a block.
  const whole = ((bytes.length + 8) / BLOCK + 1) * BLOCK;
  const padded = new Uint8Array(whole);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  store<u64>(padded.dataStart + whole - 8, bswap<u64>((<u64>bytes.length) << 3));
  for (let at = 0; at < whole; at += BLOCK) compress(state, padded.dataStart + at);
  const digest = new Uint8Array(DIGEST);
  for (let i = 0; i < 8; i++) store<u32>(digest.dataStart + (i << 2), bswap(state[i]));
  return digest;
}

/** Two runs of bytes, one behind the other. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Bytes of equal length, bit by bit exclusive. */
export function exclusive(first: Uint8Array, second: Uint8Array): Uint8Array {
  const result = new Uint8Array(first.length);
  for (let i = 0; i < result.length; i++) result[i] = first[i] ^ second[i];
  return result;
}

/** A block of a key, exclusive with one byte in all its places. */
function pad(key: Uint8Array, byte: u8): Uint8Array {
  const block = new Uint8Array(BLOCK).fill(byte);
  for (let i = 0; i < key.length; i++) block[i] ^= key[i];
  return block;
}

/** The HMAC of a message. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK ? sha256(key) : key;
  return sha256(joined(pad(short, 0x5c), sha256(joined(pad(short, 0x36), message))));
}

/** Hi() of RFC 5802: a password, salted and hashed so many times. */
export function salted(password: Uint8Array, salt: Uint8Array, iterations: i32): Uint8Array {
  const first = new Uint8Array(4);
  first[3] = 1; // the number of the block, of which there is one
  let round = hmac(password, joined(salt, first));
  let result = round;
  for (let i = 1; i < iterations; i++) {
    round = hmac(password, round);
    result = exclusive(result, round);
  }
  return result;
}
