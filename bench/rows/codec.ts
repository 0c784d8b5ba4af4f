// Bytes to values and back, without a system call.

import { alone, everyone } from "../contenders.js";
import { all, type Row } from "../row.js";
import { units } from "../units.js";

/** A work of marshal.wasm's codecs alone, or of a guest's objects: beside C, and TypeScript written by hand. */
function codec(name: string, work: string, words: string, by: "bytes" | "objects"): Row {
  const alike = everyone(work);
  return {
    name,
    work: `${words}${by === "objects" ? ", a guest's objects" : ""} (node: TypeScript)`,
    contenders: by === "bytes" ? { ...alike, ...alone("codec", [], work) } : alike,
    amount: 4_000_000,
    quick: 400_000,
    size: 0,
    moves: all,
    unit: units.millionsPerSecond,
    target: [
      { of: "C", limit: 0.5 },
      { of: "node", limit: 1 },
    ],
  };
}

export const codecs: readonly Row[] = [
  codec("codec", "addresses", "sockaddr encode + decode", "bytes"),
  codec("sockaddr", "addresses", "sockaddr encode + decode", "objects"),
  codec("addrinfo", "answers", "an answer of getaddrinfo made a guest's", "bytes"),
  codec("cmsg", "controls", "control messages made the kernel's and back", "bytes"),
  codec("flags", "flags", "list of flags encode + decode", "objects"),
];
