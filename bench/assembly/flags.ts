// Lists of flags from symbols to bits and back.

import { SymbolSet, decodeSymbol, encodeSymbol } from "wasi-sockets/assembly";

const LISTS: string[][] = [
  ["peek", "dontwait"],
  ["trunc", "waitall", "cmsg-cloexec"],
];
const BITS = 32;

/** Encodes and decodes amount lists of message flags, and counts those that came back. */
export function flags(port: i32, amount: f64, size: i32): f64 {
  let good: f64 = 0;
  for (let i = 0; i < <i32>amount; i++) {
    const list = LISTS[i & 1];
    let bits = 0;
    for (let j = 0; j < list.length; j++) bits |= encodeSymbol(SymbolSet.MESSAGE, list[j]);
    const back: string[] = [];
    for (let bit = 0; bit < BITS; bit++) {
      const flag = bits & (1 << bit);
      if (flag != 0) back.push(decodeSymbol(SymbolSet.MESSAGE, flag)!);
    }
    if (back.length == list.length && back[0] == list[0]) good++;
  }
  return good;
}
