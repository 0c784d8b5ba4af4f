// Bytes and addresses as strace writes them.

import type { Address } from "../address.js";
import { families, hex } from "./symbols.js";

const encoder = new TextEncoder();

const ESCAPES: Readonly<Record<number, string>> = {
  0x09: "\\t",
  0x0a: "\\n",
  0x0b: "\\v",
  0x0c: "\\f",
  0x0d: "\\r",
  0x22: '\\"',
  0x5c: "\\\\",
};

/** Bytes as a C string: what is not printable ASCII is octal, with all three digits before another digit. */
export function quote(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const next = bytes[i + 1] ?? 0;
    const digits = next >= 0x30 && next <= 0x39 ? 3 : 1;
    if (ESCAPES[byte] !== undefined) text += ESCAPES[byte];
    else if (byte >= 0x20 && byte <= 0x7e) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(digits, "0")}`;
  }
  return `"${text}"`;
}

/** A list; what is more than it shows is an ellipsis. */
export function list(items: readonly string[], more = false): string {
  return `[${[...items, ...(more ? ["..."] : [])].join(", ")}]`;
}

function flow(flowinfo = 0): string {
  return flowinfo === 0 ? "" : `, flowinfo=${hex(flowinfo)}`;
}

function path(text: string): string {
  if (text === "") return "";
  return text.startsWith("\0")
    ? `, @${quote(encoder.encode(text.slice(1)))}`
    : `, ${quote(encoder.encode(text))}`;
}

function hardware(bytes: Uint8Array = new Uint8Array(0)): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  return pairs.length === 0 ? "" : `, ${pairs.join(":")}`;
}

/** A socket address: "{AF_INET, 127.0.0.1:8080}". */
export function addressText(address: Address): string {
  switch (address.family) {
    case "inet":
      return `{AF_INET, ${address.address}:${address.port}}`;
    case "inet6": {
      const zone = address.scope === undefined || address.scope === 0 ? "" : `%${address.scope}`;
      return `{AF_INET6, [${address.address}${zone}]:${address.port}${flow(address.flowinfo)}}`;
    }
    case "unix":
      return `{AF_UNIX${path(address.path)}}`;
    case "packet":
      return `{AF_PACKET, ${hex(address.protocol)}, if${address.interface}${hardware(address.address)}}`;
    case "netlink":
      return `{AF_NETLINK, pid=${address.pid ?? 0}, groups=${hex(address.groups ?? 0)}}`;
    case "vsock":
      return `{AF_VSOCK, ${address.cid}:${address.port}}`;
    default:
      return `{${families.one(address.family)}, ${quote(address.bytes)}}`;
  }
}
