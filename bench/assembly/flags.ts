// Lists of flags from symbols to bits and back.

import { SymbolSet, decodeSymbol, encodeSymbol } from "wasi-sockets/assembly";

const LISTS: StaticArray<StaticArray<string>> = [
  ["peek", "dontwait"],
  ["trunc", "waitall", "cmsg-cloexec"],
];
const BITS = 32;
/** What was decoded, as ../c/codec.c has it on its stack. */
const back = new StaticArray<string | null>(BITS);

function encode(list: StaticArray<string>): i32 {
  let bits = 0;
  for (let i = 0; i < list.length; i++) {
    bits |= encodeSymbol(SymbolSet.MESSAGE, unchecked(list[i]));
  }
  return bits;
}

/** Leaves the symbols in `back`: how many. */
function decode(bits: i32): i32 {
  let found = 0;
  for (; bits != 0; bits &= bits - 1) {
    unchecked((back[found++] = decodeSymbol(SymbolSet.MESSAGE, bits & -bits)));
  }
  return found;
}

/** Encodes and decodes amount lists of message flags, and counts those that came back. */
export function flags(port: i32, amount: f64, size: i32): f64 {
  let good: f64 = 0;
  for (let i = 0; i < <i32>amount; i++) {
    const list = unchecked(LISTS[i & 1]);
    const found = decode(encode(list));
    if (found == list.length && unchecked(back[0]) == unchecked(list[0])) good++;
  }
  return good;
}
