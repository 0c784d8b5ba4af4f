// A PostgreSQL client: logs in by SCRAM-SHA-256 and prints what its queries give, by version 3.0 of the protocol,
// "Frontend/Backend Protocol" in PostgreSQL's manual.

import { Errno, Port, errno } from "wasi-sockets/assembly";
import { dial } from "./support/dial";
import { Scram } from "./support/scram";

/** Types of messages, each a letter. */
namespace Type {
  export const AUTHENTICATION: i32 = 0x52; // "R"
  export const COMMAND_COMPLETE: i32 = 0x43; // "C"
  export const DATA_ROW: i32 = 0x44; // "D"
  export const ERROR: i32 = 0x45; // "E"
  export const PASSWORD: i32 = 0x70; // "p"
  export const QUERY: i32 = 0x51; // "Q"
  export const READY: i32 = 0x5a; // "Z"
  export const ROW_DESCRIPTION: i32 = 0x54; // "T"
  export const TERMINATE: i32 = 0x58; // "X"
}

/** What an authentication message asks for. */
namespace Authentication {
  export const OK: i32 = 0;
  export const SASL: i32 = 10;
  export const SASL_CONTINUE: i32 = 11;
  export const SASL_FINAL: i32 = 12;
}

const VERSION: i32 = 3 << 16;
const MECHANISM = "SCRAM-SHA-256";
/** The longest message that is taken from a server. */
const MESSAGE_MAX: i32 = 64 * 1024 * 1024;
/** The field of an error that people read, "M". */
const MESSAGE_FIELD: i32 = 0x4d;

/** A message that is being written: its type, its length and its body. */
class Writer {
  private readonly bytes: u8[] = [];

  /** @param type 0 for the first message, which has none */
  constructor(type: i32) {
    if (type != 0) this.bytes.push(<u8>type);
    this.int(0);
  }

  int(value: i32): this {
    for (let shift = 24; shift >= 0; shift -= 8) this.bytes.push(<u8>(value >> shift));
    return this;
  }

  text(text: string): this {
    const bytes = Uint8Array.wrap(String.UTF8.encode(text));
    for (let i = 0; i < bytes.length; i++) this.bytes.push(bytes[i]);
    return this;
  }

  /** Text with a NUL behind it. */
  string(text: string): this {
    this.text(text);
    this.bytes.push(0);
    return this;
  }

  /** Sends it: whether it could be. */
  send(port: Port, hasType: bool = true): bool {
    const message = new Uint8Array(this.bytes.length);
    message.set(this.bytes);
    const at = hasType ? 1 : 0;
    store<u32>(message.dataStart + at, bswap<u32>(message.length - at));
    return port.write(message) == message.length;
  }
}

/** A message that came, and how far it has been read. What lies behind its end is read as zeros. */
class Reader {
  private at: i32 = 0;

  constructor(
    readonly type: i32,
    private readonly bytes: Uint8Array,
  ) {}

  get ended(): bool {
    return this.at >= this.bytes.length;
  }

  byte(): i32 {
    return this.ended ? 0 : <i32>this.bytes[this.at++];
  }

  short(): i32 {
    return (this.byte() << 8) | this.byte();
  }

  int(): i32 {
    return (this.short() << 16) | this.short();
  }

  text(length: i32): string {
    const end = min(this.bytes.length, this.at + max(0, length));
    const text = String.UTF8.decode(this.bytes.slice(this.at, end).buffer);
    this.at = end;
    return text;
  }

  /** Text as far as a NUL. */
  string(): string {
    let length = 0;
    while (this.at + length < this.bytes.length && this.bytes[this.at + length] != 0) length++;
    const text = this.text(length);
    this.at++;
    return text;
  }

  /** All that is left. */
  rest(): string {
    return this.text(this.bytes.length - this.at);
  }
}

let server: Port | null = null;

/** Reads the next message; null at the end of the connection, or where one is longer than may be. */
function receive(port: Port): Reader | null {
  const header = new Uint8Array(5);
  for (let i = 0; i < header.length; i++) {
    const byte = port.readByte();
    if (byte < 0) return null;
    header[i] = <u8>byte;
  }
  const length = <i32>bswap(load<u32>(header.dataStart + 1)) - 4;
  if (length < 0 || length > MESSAGE_MAX) return null;
  const body = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = port.read(body.subarray(at));
    if (count <= 0) return null;
    at += count;
  }
  return new Reader(header[0], body);
}

/** Prints the part of an error that people read. */
function complain(message: Reader): void {
  while (!message.ended) {
    const field = message.byte();
    const text = message.string();
    if (field == MESSAGE_FIELD) console.log("ERROR: " + text);
  }
}

/** Answers a step of logging in: 0 where more is to come, 1 at the end, or -errno. */
function authenticate(port: Port, scram: Scram, message: Reader): i32 {
  switch (message.int()) {
    case Authentication.OK:
      return scram.proven ? 1 : -Errno.EACCES; // also of a server that asks nobody for a password
    case Authentication.SASL: {
      let offered = false;
      while (!message.ended) if (message.string() == MECHANISM) offered = true;
      if (!offered) return -Errno.EPROTONOSUPPORT;
      const first = scram.first();
      const answer = new Writer(Type.PASSWORD).string(MECHANISM).int(first.length).text(first);
      return answer.send(port) ? 0 : -errno();
    }
    case Authentication.SASL_CONTINUE: {
      const final = scram.final(message.rest());
      if (final == null) return -Errno.EBADMSG;
      return new Writer(Type.PASSWORD).text(final).send(port) ? 0 : -errno();
    }
    case Authentication.SASL_FINAL:
      return scram.verify(message.rest()) ? 0 : -Errno.EACCES;
    default:
      return -Errno.EPROTONOSUPPORT; // a password in clear, or as MD5
  }
}

/**
 * Connects and logs in.
 *
 * @returns 0, or -errno: EACCES where either side does not prove that it knows the password, EPROTONOSUPPORT where the
 *   server wants another way
 */
export function open(
  host: string,
  port: i32,
  user: string,
  password: string,
  database: string,
): i32 {
  const fd = dial(host, port);
  if (fd < 0) return -errno();
  const connection = new Port(fd);
  server = connection;
  const start = new Writer(0).int(VERSION).string("user").string(user);
  start.string("database").string(database).string("client_encoding").string("UTF8").string("");
  if (!start.send(connection, false)) return -errno();

  const scram = new Scram(password);
  let loggedIn = false;
  while (true) {
    const message = receive(connection);
    if (message == null) return -Errno.EBADMSG;
    if (message.type == Type.AUTHENTICATION) {
      const result = authenticate(connection, scram, message);
      if (result < 0) return result;
      loggedIn = result == 1;
    } else if (message.type == Type.ERROR) {
      complain(message);
      return -Errno.EACCES;
    } else if (message.type == Type.READY) {
      return loggedIn ? 0 : -Errno.EACCES;
    }
    // All else are parameters of the session, and keys to cancel it by.
  }
}

/** The names of a row's columns, and a tab between two. */
function columns(message: Reader): string {
  const names: string[] = [];
  for (let left = message.short(); left > 0; left--) {
    names.push(message.string());
    message.text(18); // table, column, type, its size and modifier, format
  }
  return names.join("\t");
}

/** The values of a row, as the server writes them, and a tab between two. */
function values(message: Reader): string {
  const row: string[] = [];
  for (let left = message.short(); left > 0; left--) {
    const length = message.int();
    row.push(length < 0 ? "NULL" : message.text(length));
  }
  return row.join("\t");
}

/** Sends a query and prints what it gives: 0, or -errno where the connection ended. */
export function query(text: string): i32 {
  const port = server;
  if (port == null) return -Errno.ENOTCONN;
  if (!new Writer(Type.QUERY).string(text).send(port)) return -errno();
  while (true) {
    const message = receive(port);
    if (message == null) return -Errno.EBADMSG;
    if (message.type == Type.ROW_DESCRIPTION) console.log(columns(message));
    else if (message.type == Type.DATA_ROW) console.log(values(message));
    else if (message.type == Type.COMMAND_COMPLETE) console.log(message.string());
    else if (message.type == Type.ERROR) complain(message);
    else if (message.type == Type.READY) return 0;
  }
}

/** Says good-bye: 0, or -errno. */
export function end(): i32 {
  const port = server;
  if (port == null) return 0;
  new Writer(Type.TERMINATE).send(port);
  server = null;
  return port.close() < 0 ? -errno() : 0;
}
