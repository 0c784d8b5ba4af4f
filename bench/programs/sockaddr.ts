// Socket addresses from text to bytes and back, in TypeScript written by hand.

import type { Work } from "./work.js";

const AF_INET = 2;
const AF_INET6 = 10;
const INET = "192.168.10.254";
const INET6 = "2001:db8::8a2e:370:7334";

function encodeHead(view: DataView, family: number, port: number): void {
  view.setUint16(0, family, true);
  view.setUint16(2, port);
}

function encodeInet(text: string, port: number): DataView {
  const view = new DataView(new ArrayBuffer(16));
  encodeHead(view, AF_INET, port);
  const parts = text.split(".");
  if (parts.length !== 4) throw new TypeError(`${text} is no IPv4 address`);
  for (let i = 0; i < 4; i++) {
    const value = Number(parts[i]);
    if (!(value >= 0 && value <= 255)) throw new TypeError(`${text} is no IPv4 address`);
    view.setUint8(4 + i, value);
  }
  return view;
}

function decodeInet(view: DataView): { address: string; port: number } {
  const at = (i: number): number => view.getUint8(4 + i);
  return { address: `${at(0)}.${at(1)}.${at(2)}.${at(3)}`, port: view.getUint16(2) };
}

function encodeInet6(text: string, port: number): DataView {
  const view = new DataView(new ArrayBuffer(28));
  encodeHead(view, AF_INET6, port);
  const [head = "", tail] = text.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  if (first.length + last.length > 8) throw new TypeError(`${text} is no IPv6 address`);
  first.forEach((group, i) => {
    view.setUint16(8 + 2 * i, parseInt(group, 16));
  });
  last.forEach((group, i) => {
    view.setUint16(24 - 2 * (last.length - i), parseInt(group, 16));
  });
  return view;
}

function decodeInet6(view: DataView): { address: string; port: number } {
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(8 + 2 * i));
  let gap = -1;
  let gapLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > gapLength) [gap, gapLength] = [i, end - i];
    i = Math.max(i, end);
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  const address =
    gap < 0 ? hex(groups) : `${hex(groups.slice(0, gap))}::${hex(groups.slice(gap + gapLength))}`;
  return { address, port: view.getUint16(2) };
}

/** Encodes and decodes amount addresses, IPv4 and IPv6 in turn, and counts those that came back. */
export const addresses: Work = (_port, amount) => {
  let good = 0;
  for (let i = 0; i < amount; i++) {
    const port = i & 0xffff;
    const text = i % 2 === 1 ? INET6 : INET;
    const decoded =
      i % 2 === 1 ? decodeInet6(encodeInet6(text, port)) : decodeInet(encodeInet(text, port));
    if (decoded.port === port && decoded.address === text) good++;
  }
  return good;
};
