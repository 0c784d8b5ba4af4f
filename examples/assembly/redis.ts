// A Redis client: commands as arrays of strings, and every kind of reply of RESP2, printed as redis-cli prints them.

import { Errno, Port, errno } from "wasi-sockets/assembly";
import { dial } from "./support/dial";

/** What a reply starts with, in the protocol's specification. */
namespace Reply {
  export const STATUS: i32 = 0x2b; // "+"
  export const ERROR: i32 = 0x2d; // "-"
  export const INTEGER: i32 = 0x3a; // ":"
  export const BULK: i32 = 0x24; // "$"
  export const ARRAY: i32 = 0x2a; // "*"
}

const SPACE: i32 = 0x20;
const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const DELETE: i32 = 0x7f;

/** The most bytes of one string that a reply may have: a server's own limit, proto-max-bulk-len, is larger. */
const BULK_MAX: i32 = 64 * 1024 * 1024;
/** How deep arrays may lie in arrays. */
const DEPTH_MAX: i32 = 32;

let server: Port | null = null;

/** Connects to a server: 0, or -errno. */
export function open(host: string, port: i32): i32 {
  const fd = dial(host, port);
  if (fd < 0) return -errno();
  server = new Port(fd);
  return 0;
}

/** Splits a line at its spaces; what stands between two quotes is one word. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let quoted = false;
  let begun = false;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code == QUOTE) {
      quoted = !quoted;
      begun = true;
    } else if (code == SPACE && !quoted) {
      if (begun) words.push(word);
      word = "";
      begun = false;
    } else {
      word += line.charAt(i);
      begun = true;
    }
  }
  if (begun) words.push(word);
  return words;
}

/** What stands for a byte between quotes, as redis-cli has it. */
function quoted(byte: i32): string {
  if (byte == QUOTE || byte == BACKSLASH) return "\\" + String.fromCharCode(byte);
  if (byte == 0x07) return "\\a";
  if (byte == 0x08) return "\\b";
  if (byte == 0x09) return "\\t";
  if (byte == 0x0a) return "\\n";
  if (byte == 0x0d) return "\\r";
  const printable = byte >= SPACE && byte < DELETE;
  return printable ? String.fromCharCode(byte) : "\\x" + byte.toString(16).padStart(2, "0");
}

/** Bytes between quotes. */
function quote(bytes: Uint8Array): string {
  const parts = new Array<string>(bytes.length);
  for (let i = 0; i < bytes.length; i++) parts[i] = quoted(bytes[i]);
  return '"' + parts.join("") + '"';
}

/** A string of so many bytes and the line's end behind it; null where the connection ended before. */
function bulk(port: Port, size: i32): Uint8Array | null {
  const bytes = new Uint8Array(size + 2);
  for (let at = 0; at < bytes.length;) {
    const count = port.read(bytes.subarray(at));
    if (count <= 0) return null;
    at += count;
  }
  return bytes.slice(0, size);
}

/**
 * Reads a reply as text.
 *
 * @param indent spaces before every line but the first
 * @returns null where the connection ended, or what came is no reply
 */
function reply(port: Port, indent: i32, depth: i32): string | null {
  const line = port.readLine();
  if (line == null || line.length == 0) return null;
  const rest = line.slice(1);
  const count = <i32>parseInt(rest);
  switch (line.charCodeAt(0)) {
    case Reply.STATUS:
      return rest;
    case Reply.ERROR:
      return "(error) " + rest;
    case Reply.INTEGER:
      return "(integer) " + rest;
    case Reply.BULK: {
      if (count < 0) return "(nil)";
      const bytes = count <= BULK_MAX ? bulk(port, count) : null;
      return bytes == null ? null : quote(bytes);
    }
    case Reply.ARRAY: {
      if (count < 0) return "(nil)";
      if (count == 0) return "(empty array)";
      if (depth == DEPTH_MAX) return null;
      const width = count.toString().length;
      const lines: string[] = [];
      for (let i = 1; i <= count; i++) {
        const item = reply(port, indent + width + 2, depth + 1);
        if (item == null) return null;
        const number = i.toString().padStart(width, " ");
        lines.push((i == 1 ? "" : " ".repeat(indent)) + number + ") " + item);
      }
      return lines.join("\n");
    }
    default:
      return null;
  }
}

/**
 * Sends a command and prints the reply.
 *
 * @param line its words, which quotes may hold together
 * @returns 0, or -errno: EBADMSG where what came back is no reply
 */
export function command(line: string): i32 {
  const port = server;
  if (port == null) return -Errno.ENOTCONN;
  const words = wordsOf(line);
  if (words.length == 0) return 0;
  let request = `*${words.length}\r\n`;
  for (let i = 0; i < words.length; i++) {
    request += `$${String.UTF8.byteLength(words[i])}\r\n${words[i]}\r\n`;
  }
  if (port.writeText(request) < 0) return -errno();
  const text = reply(port, 0, 0);
  if (text == null) return -Errno.EBADMSG;
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) console.log(lines[i]);
  return 0;
}
